/** The verb of any number of rows: weighted sums, all from the values before. */

import { HearsayError } from '../errors.js';
import type { Row, Rows } from './algorithm.js';
import { combineColumns, requireSum } from './combine.js';
import { holdAll, releaseAll } from './hold.js';
import { perform, targetTurn } from './intent.js';
import { Control } from './layout.js';
import { notPending, type Ops, type RowsContext, Verb } from './op.js';

export function openSums(context: RowsContext, ops: Ops): Pick<Rows, 'combine'> {
  const { holder, scribe, versions } = context;
  const { layout } = holder;
  const { intent, sum, read, current, spare, deltaOf, isPending, stalenessOf, targetCommit, targetTotal, targetParams } = ops;

  return {
    combine(targets, operands, weights) {
      requireSum(targets.length, operands.length, weights.length, 2 * layout.models);
      if (layout.planes[0].sides === 1) {
        throw new HearsayError('STATE', 'combine: this algorithm says that it holds pairs only; take `pairs: true` out of it');
      }
      const touched = new Set<Row>(targets);
      const deltasUsed = new Set<Row>();
      for (const operand of operands) {
        touched.add(operand % layout.rows);
        if (operand >= layout.rows) deltasUsed.add(operand - layout.rows);
      }
      const committing = [...deltasUsed];
      for (const node of committing) {
        if (!targets.includes(node))
          throw new HearsayError('STATE', `combine: the delta of node ${node} is used, but the node is no target`);
      }
      const held = [...touched].sort((a, b) => a - b);
      scribe?.reserve(targets.length + operands.length + weights.length);
      holdAll(holder, held);
      const idle = committing.find(node => !isPending(node));
      if (idle !== undefined) {
        releaseAll(holder, held);
        throw notPending(idle);
      }
      const addresses = operands.map(operand => (operand < layout.rows ? current(operand) : deltaOf(operand - layout.rows)));
      combineColumns(
        sum,
        targets.map(row => spare(row)),
        addresses,
        weights,
        0,
        layout.stride,
      );
      versions?.sum(targets, operands, weights, layout.rows);
      const staleness = committing.map(node => stalenessOf(node));
      let total = 0;
      const written = new Set(targets);
      for (const row of held) {
        if (!written.has(row))
          targetTurn(intent, row, 0); // who only reads takes a turn too
        else if (!deltasUsed.has(row)) targetParams(row);
      }
      for (const node of committing) {
        const steps = read(node, Control.PieceSteps);
        targetCommit(node, steps, -1);
        total += steps;
      }
      if (total > 0) targetTotal(total);
      scribe?.note(intent, Verb.combine, -1, -1, 0, 0, 0, 0, { targets, operands, weights });
      perform(intent);
      releaseAll(holder, held);
      // The models of the others go to one of them, and the sums back.
      const models = touched.size - 1 + (targets.length - 1);
      committing.forEach((node, k) => {
        context.committed(node, staleness[k], k === 0 ? models : 0);
      });
    },
  };
}
