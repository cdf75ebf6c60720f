/** Weighted sums of cells, over a range of columns: the pass behind `combine`, whole in one thread or shared by all at a barrier. */

import { HearsayError } from '../errors.js';
import type { Address, RowKernels } from '../models/kernels/kernels.js';
import type { Row } from './algorithm.js';
import { isDelta, planeOf, rowOf } from './cell.js';
import type { Layout, Plane } from './layout.js';
import type { Lists } from './op.js';
import { sideOf } from './sides.js';
import type { Words } from './words.js';

export interface Sum {
  readonly kernels: RowKernels;
  /** Room for the operands' addresses (u32) and, behind them, their weights (f32). */
  readonly list: Address;
  readonly buffer: ArrayBufferLike;
  /** Planes that go along with params, whole or narrow: none unless said. */
  readonly along?: readonly Plane[];
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

/** The sums of these columns, into the spare sides of the targets. What goes along with params takes the same sums, without deltas. */
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
  for (const plane of sum.along ?? []) {
    const side = (row: Row, other: 0 | 1) => sideOf(words, layout, row, plane, other);
    const models = modelsOnly(lists, layout.rows);
    const [into, of] = [models.targets.map(row => side(row, 1)), models.operands.map(row => side(row, 0))];
    combineColumns(sum, into, of, models.weights, from, Math.min(to, plane.stride));
  }
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
