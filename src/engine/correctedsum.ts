/**
 * Weighted sums whose averages are corrected (see correct.ts). The columns of a sum come from several threads, and the variance of a layer
 * needs them all: so differences are left out of the sum at first, one thread corrects what are averages of models when all columns are
 * there, and adds the differences.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address } from '../models/kernels/kernels.js';
import { isDelta } from './cell.js';
import type { Correction, Variances } from './correct.js';
import type { Lists } from './op.js';

/** The same lists, the deltas with weight 0. */
export function withoutDeltas(lists: Lists, rows: number): Lists {
  const { operands, weights } = lists;
  if (!operands.some(cell => isDelta(cell, rows))) return lists;
  return { ...lists, weights: weights.map((weight, k) => (isDelta(operands[k % operands.length], rows) ? 0 : weight)) };
}

export interface Places {
  readonly kernels: RowKernels;
  /** Floats of a row, padded. */
  readonly stride: number;
  /** Room for the addresses of twice as many rows as there are, and a few; room for a row, or what sorting takes. */
  readonly list: Address;
  readonly work: Address;
  /** Where an operand lies, and where the sum of a target was put. */
  operand(cell: number): Address;
  sum(target: number): Address;
  /** Where the delta of a row's pending piece lies. */
  delta(row: number): Address;
  /** to += the sum of weights[k] x the delta of each of these operands. */
  add(to: Address, deltas: readonly number[], weights: readonly number[]): void;
  /** to = the sum of weights[k] x what lies at each of these addresses. */
  combine(to: Address, operands: readonly Address[], weights: readonly number[]): void;
}

/** Ends the sums of `withoutDeltas(lists)`. An average: models of positive weights that sum to 1, two at least, in the place of a model. */
export function correctSums(
  { of, correct }: Correction,
  { targets, operands, weights }: Lists,
  rows: number,
  places: Places,
): void {
  const known = new Map<number, Variances>();
  const variancesOf = (cell: number) => {
    const found = known.get(cell) ?? of(places.operand(cell));
    known.set(cell, found);
    return found;
  };
  targets.forEach((target, t) => {
    const first = weights.length === operands.length ? 0 : t * operands.length;
    const taken = operands.map((cell, k) => ({ cell, weight: weights[first + k] })).filter(({ weight }) => weight !== 0);
    const models = taken.filter(({ cell }) => !isDelta(cell, rows));
    const deltas = taken.filter(({ cell }) => isDelta(cell, rows));
    const to = places.sum(target);
    if (target < rows && isAverage(models.map(({ weight }) => weight))) {
      const received = models.filter(({ cell }) => cell !== target).map(({ cell }) => variancesOf(cell));
      const own = models.some(({ cell }) => cell === target) ? variancesOf(target) : meanOf(received);
      correct(to, own, received);
    }
    if (deltas.length > 0)
      places.add(
        to,
        deltas.map(({ cell }) => cell),
        deltas.map(({ weight }) => weight),
      );
  });
}

/** True for models of positive weights that sum to 1, two at least. */
export function isAverage(weights: readonly number[]): boolean {
  const sum = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.length > 1 && weights.every(weight => weight > 0) && Math.abs(sum - 1) < 1e-5;
}

/** Of a model that is none of those it becomes the average of, as a server's. */
function meanOf(received: readonly Variances[]): Variances {
  return received[0].map((_, t) => received.reduce((sum, variances) => sum + variances[t] / received.length, 0));
}
