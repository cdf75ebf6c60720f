/**
 * The verb of any number of rows: weighted sums, all from the values before. A meeting is the same op, its columns summed by all threads.
 */

import { HearsayError } from '../errors.js';
import type { Row, Rows } from './algorithm.js';
import { deltaCell, isDelta, isTarget, masksOf, planeOf, rowOf, rowsOf } from './cell.js';
import { combineAlong, combineCells, combineColumns, requireSum } from './combine.js';
import type { Places } from './correctedsum.js';
import { holdAll, releaseAll } from './hold.js';
import { type Intent, perform, targetTurn } from './intent.js';
import { Control, planeNamed } from './layout.js';
import { massOf, targetMass, weigh } from './mass.js';
import { type Lists, notPending, type Ops, type RowsContext, Verb } from './op.js';

export interface Sums extends Pick<Rows, 'combine'> {
  /**
   * The op of a meeting, its columns having been summed (`isSummed`) or not. `more` adds targets. Returns the models that it moved. Throws
   * STATE when a live node would stay with a piece pending.
   */
  conclude(lists: Lists, isSummed: boolean, more?: (intent: Intent) => void): number;
}

export function openSums(context: RowsContext, ops: Ops): Sums {
  const { holder, scribe, versions } = context;
  const { words, layout } = holder;
  const { intent, sum, averageMask, current, spare, read, deltaOf, isPending, stalenessOf, targetCommit, targetTotal } = ops;

  const places: Places = {
    operand: cell => current(rowOf(cell, layout.rows), planeOf(layout, cell)),
    sum: target => spare(rowOf(target, layout.rows), planeOf(layout, target)),
    delta: deltaOf,
    ...{ kernels: sum.kernels, stride: layout.stride, list: sum.list, work: context.work },
    add(to, deltas, weights) {
      places.combine(to, [to, ...deltas.map(cell => deltaOf(rowOf(cell, layout.rows)))], [1, ...weights]);
    },
    combine: (to, operands, weights) => combineColumns(sum, [to], operands, weights, 0, layout.stride),
  };
  const keepsDeltas = planeNamed(layout, 'delta') !== undefined;

  function require({ targets, operands, weights }: Lists): void {
    requireSum(targets.length, operands.length, weights.length, layout.models);
    if (layout.planes[0].sides === 1) {
      throw new HearsayError('STATE', 'combine: this algorithm says that it holds pairs only; take `pairs: true` out of it');
    }
    if (!targets.every(cell => isTarget(layout, cell)))
      throw new HearsayError('STATE', 'combine: a target that is no two-sided plane of a model; name it with rows.plane');
    for (const cell of operands) {
      if (isDelta(cell, layout.rows) && !targets.includes(rowOf(cell, layout.rows))) {
        const node = rowOf(cell, layout.rows);
        throw new HearsayError('STATE', `combine: the delta of node ${node} is used, but the node is no target`);
      }
    }
  }

  /** Returns the models that went from one row to another. */
  function settle(lists: Lists, isSummed: boolean, isMeeting: boolean, more?: (intent: Intent) => void): number {
    const { targets, operands, weights } = lists;
    const committing = rowsOf(
      operands.filter(cell => isDelta(cell, layout.rows)),
      layout.rows,
    );
    const held = rowsOf([...targets, ...operands], layout.rows);
    scribe?.reserve(targets.length + operands.length + weights.length);
    holdAll(holder, held);
    const idle = committing.find(node => !isPending(node));
    if (idle !== undefined) {
      releaseAll(holder, held);
      throw notPending(idle);
    }
    const weighed = context.mass && weigh(context.mass, lists, layout.rows, massOfRow, stepsOf);
    const all = weighed ? { ...lists, ...weighed } : lists;
    const { averaging } = context;
    const summed = averaging ? averaging.before(all, layout.rows) : all;
    // It works on what lies there already: a leader in the place of a dead one begins with fresh sums.
    if (!isSummed || averaging) {
      combineCells(sum, words, layout, summed, deltaOf, 0, layout.stride);
      combineAlong(sum, words, layout, all, 0, layout.stride);
    }
    averaging?.after(all, layout.rows, places);
    versions?.sum(targets, operands, weights, layout.rows);
    const staleness = committing.map(node => stalenessOf(node));
    const masks = masksOf(layout, targets, averageMask);
    let total = 0;
    for (const row of held) {
      if (!committing.includes(row)) targetTurn(intent, row, masks.get(row) ?? 0); // who only reads takes a turn too
    }
    for (const node of committing) {
      const steps = stepsOf(node);
      targetCommit(node, steps, -1, 0, node, masks.get(node));
      total += steps;
    }
    if (total > 0) targetTotal(total);
    for (const [row, mass] of weighed?.masses ?? []) targetMass(intent, row, mass);
    more?.(intent);
    if (targets.length > 0) scribe?.note(intent, Verb.combine, -1, -1, 0, 0, 0, 0, lists);
    perform(intent);
    releaseAll(holder, held);
    const moved = modelsMoved(lists, layout.rows);
    if (committing.length === 0 && !isMeeting && moved > 0) context.mixed(moved);
    committing.forEach((node, k) => {
      context.committed(node, staleness[k], k === 0 && !isMeeting ? moved : 0);
    });
    return moved;
  }

  const massOfRow = (row: Row) => massOf(words, layout, row);
  const stepsOf = (node: Row) => read(node, Control.PieceSteps);

  return {
    combine(targets, operands, weights) {
      const lists = { targets, operands, weights };
      require(lists);
      settle(lists, false, false);
    },
    conclude(lists, isSummed, more) {
      if (lists.targets.length > 0) require(lists);
      for (const node of keepsDeltas ? context.live : []) {
        if (read(node, Control.Alive) === 0 || !isPending(node) || lists.operands.includes(deltaCell(node, layout.rows)))
          continue;
        throw new HearsayError(
          'STATE',
          `meet: node ${node} came with a piece of work, and its delta is in no sum of the meeting`,
        );
      }
      return settle(lists, isSummed, true, more);
    },
  };
}

/**
 * Models that a sum moves: each target gets those of the other rows that it takes from, a plane each; with its delta, a model is one. Where
 * targets in a row take the same sum, all may go to one of them and the sum from there, as in a ring all-reduce, if that is less.
 */
export function modelsMoved({ targets, operands, weights }: Lists, rows: number): number {
  const count = operands.length;
  const shared = weights.length === count;
  const isLikeLast = (t: number) => shared || operands.every((_, k) => weights[t * count + k] === weights[(t - 1) * count + k]);
  let moved = 0;
  for (let t = 0, next = 0; t < targets.length; t = next) {
    next = t + 1;
    while (next < targets.length && isLikeLast(next)) next++;
    const senders = new Set<number>();
    operands.forEach((cell, k) => {
      if (weights[(shared ? 0 : t) * count + k] !== 0) senders.add(isDelta(cell, rows) ? rowOf(cell, rows) : cell);
    });
    const from = [...senders];
    let direct = from.length * (next - t);
    const own = new Map<Row, number>();
    for (const cell of from) own.set(rowOf(cell, rows), (own.get(rowOf(cell, rows)) ?? 0) + 1);
    for (let k = t; k < next; k++) direct -= own.get(rowOf(targets[k], rows)) ?? 0;
    moved += Math.min(direct, Math.max(0, from.length - 1) + (next - t - 1));
  }
  return moved;
}
