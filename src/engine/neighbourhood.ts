/**
 * Sums that are averages of a neighbourhood, made by a rule of their own over whole models. Which differences belong to the models, and
 * which come after the average, is read off the sum:
 *
 *   x_i' = rule(x_j of all j) + u D_i      only the node's own difference is in it
 *   x_i' = rule(x_j + D_j of all j)        those of others are, each with the weight of its model
 */

import { HearsayError } from '../errors.js';
import type { Address } from '../models/kernels/kernels.js';
import { isDelta, rowOf } from './cell.js';
import { isAverage, type Places } from './correctedsum.js';
import type { Lists } from './op.js';

/** One average: it is to be written to `to`, which is none of the models, for the node of a row whose own model is `own`. */
export interface Average {
  readonly row: number;
  readonly to: Float32Array;
  readonly own: Float32Array;
  /** The weights are positive and sum to 1. */
  readonly models: readonly { readonly row: number; readonly model: Float32Array; readonly weight: number }[];
}

/** Writes averages, all from the models before. */
export type Rule = (averages: readonly Average[]) => void;

/** What a target takes of one row. */
interface Part {
  readonly row: number;
  model: number;
  delta: number;
}

/** Makes the averages among the sums of `lists`, in the places of the plain ones. Throws STATE for one that is of neither form. */
export function sumsByWhole(
  rule: Rule,
  { targets, operands, weights }: Lists,
  rows: number,
  places: Places,
  view: (address: Address) => Float32Array,
): void {
  const committed = new Map<number, Float32Array>();
  const modelOf = (row: number) => view(places.operand(row));

  /** x_j + D_j, made once. */
  function committedOf(row: number): Float32Array {
    let sum = committed.get(row);
    if (!sum) {
      const [model, delta] = [modelOf(row), view(places.delta(row))];
      committed.set(row, (sum = model.map((x, k) => x + delta[k])));
    }
    return sum;
  }

  const averages: Average[] = [];
  const rest: (() => void)[] = [];
  for (const [t, target] of targets.entries()) {
    const first = weights.length === operands.length ? 0 : t * operands.length;
    const parts = partsOf(operands, weights, first, rows);
    const models = parts.filter(({ model }) => model !== 0);
    if (target >= rows || !isAverage(models.map(({ model }) => model))) {
      plain(t, parts);
      continue;
    }
    const isCommitted = parts.some(({ row, delta }) => row !== target && delta !== 0);
    if (isCommitted && parts.some(({ model, delta }) => delta !== 0 && Math.abs(model - delta) > 1e-6))
      throw new HearsayError(
        'STATE',
        `combine: the differences of others in the average of row ${target} weigh other than their models`,
      );
    // A node that is left out has no difference.
    const take = ({ row, delta }: Part) => (isCommitted && delta !== 0 ? committedOf(row) : modelOf(row));
    averages.push({
      row: target,
      to: view(places.sum(target)),
      own: take(parts.find(({ row }) => row === target) ?? { row: target, model: 0, delta: 0 }),
      models: models.map(part => ({ row: part.row, model: take(part), weight: part.model })),
    });
    if (!isCommitted) rest.push(() => plain(t, parts));
  }
  rule(averages);
  for (const add of rest) add();

  /** What differences add to a sum from which they were left out. */
  function plain(t: number, parts: readonly Part[]): void {
    const deltas = parts.filter(({ delta }) => delta !== 0);
    if (deltas.length === 0) return;
    places.add(
      places.sum(targets[t]),
      deltas.map(({ row }) => row + rows),
      deltas.map(({ delta }) => delta),
    );
  }
}

function partsOf(operands: readonly number[], weights: readonly number[], first: number, rows: number): Part[] {
  const parts = new Map<number, Part>();
  operands.forEach((cell, k) => {
    const weight = Math.fround(weights[first + k]); // as a player gets it
    if (weight === 0) return;
    const row = rowOf(cell, rows);
    const part = parts.get(row) ?? { row, model: 0, delta: 0 };
    parts.set(row, part);
    if (isDelta(cell, rows)) part.delta += weight;
    else part.model += weight;
  });
  return [...parts.values()];
}
