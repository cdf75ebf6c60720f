/** Weighted sums of cells, over a range of columns: the pass behind `combine`, whole in one thread or shared by all at a barrier. */

import { HearsayError } from '../errors.js';
import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address } from '../models/kernels/kernels.js';
import { power } from '../models/optimizer/schedule.js';
import type { Row } from './algorithm.js';
import type { Along, Moving } from './along.js';
import { isDelta, planeOf, rowOf } from './cell.js';
import { Control, controlWord, type Layout, rowAddress } from './layout.js';
import type { Lists } from './op.js';
import { sideOf } from './sides.js';
import type { Words } from './words.js';

export interface Sum {
  readonly kernels: RowKernels;
  /** Room for the operands' addresses (u32) and, behind them, their weights (f32). */
  readonly list: Address;
  readonly buffer: ArrayBufferLike;
  /** What goes along with params: none unless said. */
  readonly along?: readonly Along[];
}

/** Operands of a sum in a run with so many models, at most: two planes of each, and a few. */
export function mostOperands(models: number): number {
  return 2 * models + 16;
}

/** Checks the sizes of what an algorithm asks to be summed. Throws STATE. */
export function requireSum(targets: number, operands: number, weights: number, models: number): void {
  const most = mostOperands(models);
  if (operands < 1 || operands > most)
    throw new HearsayError('STATE', `combine: found ${operands} operands, allowed are 1 to ${most}`);
  if (weights !== operands && weights !== operands * targets) {
    const allowed = `${operands} (one row for all targets) or ${operands * targets} (a row for each)`;
    throw new HearsayError('STATE', `combine: found ${weights} weights, allowed are ${allowed}`);
  }
}

/** The sums of these columns, into the spare sides of the targets. */
export function combineCells(
  sum: Sum,
  words: Words,
  layout: Layout,
  lists: Lists,
  deltaOf: (node: Row) => Address,
  from: number,
  to: number,
): void {
  const { targets, operands, weights } = lists;
  const address = (cell: number, other: 0 | 1) => sideOf(words, layout, rowOf(cell, layout.rows), planeOf(layout, cell), other);
  combineColumns(
    sum,
    targets.map(cell => address(cell, 1)),
    operands.map(cell => (isDelta(cell, layout.rows) ? deltaOf(rowOf(cell, layout.rows)) : address(cell, 0))),
    weights,
    from,
    to,
  );
}

/** The same sums of what goes along with params: of models, and, for a plane that local steps move, of gains where there are deltas. */
export function combineAlong(sum: Sum, words: Words, layout: Layout, lists: Lists, from: number, to: number): void {
  for (const { plane, moving } of sum.along ?? []) {
    const side = (row: Row, other: 0 | 1) => sideOf(words, layout, row, plane, other);
    const models = modelsOnly(lists, layout.rows);
    const into = models.targets.map(row => side(row, 1));
    const of = models.operands.map(row => side(row, 0));
    const { operands, weights } = moving
      ? withGains(words, layout, lists, models, of, moving)
      : { operands: of, weights: models.weights };
    combineColumns(sum, into, operands, weights, from, Math.min(to, plane.stride));
  }
}

/**
 * Target i takes u_j of the delta of node j, and so u_j of its gain; its average of models, before whose commit this is, shrinks as their
 * steps have it: by 1 - sum over j of u_j (1 - keep^H_j), H_j the steps of j's piece.
 */
function withGains(
  words: Words,
  layout: Layout,
  { targets, operands, weights }: Lists,
  models: Lists,
  of: readonly Address[],
  { gain, keep }: Moving,
): { operands: Address[]; weights: number[] } {
  const count = operands.length;
  const committing = operands.flatMap((cell, k) => (isDelta(cell, layout.rows) ? [{ k, node: rowOf(cell, layout.rows) }] : []));
  const kept = committing.map(({ node }) => power(keep, words.load(controlWord(layout, node, Control.PieceSteps))));
  const isShared = weights.length === count;
  const rows = isShared ? [0] : targets.flatMap((cell, t) => (cell < layout.rows ? [t] : []));
  const all = rows.flatMap((t, row) => {
    const gains = committing.map(({ k }) => weights[t * count + k]);
    const shrunk = Math.max(0, 1 - gains.reduce((sum, u, j) => sum + u * (1 - kept[j]), 0));
    const own = models.weights.slice(row * of.length, (row + 1) * of.length);
    return [...own.map(w => w * shrunk), ...gains];
  });
  return { operands: [...of, ...committing.map(({ node }) => rowAddress(layout, gain, node, 0))], weights: all };
}

/** The part of a sum that is of models, and not of deltas or other planes. */
function modelsOnly({ targets, operands, weights }: Lists, rows: number): Lists {
  const count = operands.length;
  const isModel = (cell: number) => cell < rows;
  const isShared = weights.length === count;
  return {
    targets: targets.filter(isModel),
    operands: operands.filter(isModel),
    weights: weights.filter((_, k) => isModel(operands[k % count]) && (isShared || isModel(targets[Math.floor(k / count)]))),
  };
}

/**
 * targets[t] = sum over k of weights[t][k] * operands[k], columns from..to-1 (multiples of 32). With one row of weights for all targets
 * the sum is computed once and copied. What weighs 0 is not read: of a graph's neighbours there are few. Addresses are those of column 0.
 */
export function combineColumns(
  sum: Sum,
  targets: readonly Address[],
  operands: readonly Address[],
  weights: readonly number[],
  from: number,
  to: number,
): void {
  const count = operands.length;
  const n = to - from;
  if (n <= 0) return;
  const shared = weights.length === count;
  for (let t = 0; t < targets.length; t++) {
    if (t > 0 && shared) {
      sum.kernels.copy(targets[t] + from * 4, targets[0] + from * 4, n);
      continue;
    }
    const first = shared ? 0 : t * count;
    let taken = 0;
    for (let k = 0; k < count; k++) if (weights[first + k] !== 0) taken++;
    const addresses = new Uint32Array(sum.buffer, sum.list, taken);
    const factors = new Float32Array(sum.buffer, sum.list + taken * 4, taken);
    for (let k = 0, at = 0; k < count; k++) {
      if (weights[first + k] === 0) continue;
      addresses[at] = operands[k] + from * 4;
      factors[at++] = weights[first + k];
    }
    sum.kernels.combine(targets[t] + from * 4, sum.list, sum.list + taken * 4, taken, n);
  }
}
