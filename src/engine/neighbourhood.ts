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

/** A model as averages take it: what lies at `params`, and where `delta` is not 0, what lies there added to it. */
export interface Taken {
  readonly row: number;
  readonly params: Address;
  readonly delta: Address;
}

/** One average: it is to be written to `to`, which is none of the models, for the node of a row whose own model is `own`. */
export interface Average {
  readonly row: number;
  readonly to: Address;
  readonly own: Taken;
  /** The weights are positive and sum to 1. */
  readonly models: readonly (Taken & { readonly weight: number })[];
}

/** What a rule works with. */
export interface Desk extends Pick<Places, 'kernels' | 'stride' | 'list' | 'work' | 'combine'> {
  /** Where the average of a row is to be put: of one whose difference is taken, until then, free for anything. */
  place(row: number): Address;
  integers(address: Address, length: number): Uint32Array;
}

/** Writes averages, all from the models before. */
export type Rule = (averages: readonly Average[], desk: Desk) => void;

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
  buffer: ArrayBufferLike,
): void {
  const averages: Average[] = [];
  const rest: (() => void)[] = [];
  for (const [t, target] of targets.entries()) {
    const first = weights.length === operands.length ? 0 : t * operands.length;
    const to = places.sum(target);
    const parts = target < rows ? partsOf(operands, weights, first, rows) : [];
    const models = parts.filter(({ model }) => model !== 0);
    if (!isAverage(models.map(({ model }) => model))) {
      rest.push(() => places.combine(to, operands.map(addressOf), weights.slice(first, first + operands.length)));
      continue;
    }
    const isCommitted = parts.some(({ row, delta }) => row !== target && delta !== 0);
    if (isCommitted && parts.some(({ model, delta }) => delta !== 0 && Math.abs(model - delta) > 1e-6))
      throw new HearsayError(
        'STATE',
        `combine: the differences of others in the average of row ${target} weigh other than their models`,
      );
    // A node that is left out has no difference.
    const take = ({ row, delta }: Part): Taken => ({
      row,
      params: places.operand(row),
      delta: isCommitted && delta !== 0 ? places.delta(row) : 0,
    });
    averages.push({
      row: target,
      to,
      own: take(parts.find(({ row }) => row === target) ?? { row: target, model: 0, delta: 0 }),
      models: models.map(part => ({ ...take(part), weight: part.model })),
    });
    const deltas = isCommitted ? [] : parts.filter(({ delta }) => delta !== 0);
    if (deltas.length > 0)
      rest.push(() =>
        places.add(
          to,
          deltas.map(({ row }) => row + rows),
          deltas.map(({ delta }) => delta),
        ),
      );
  }
  const integers = (address: Address, length: number) => new Uint32Array(buffer, address, length);
  rule(averages, { ...places, place: places.sum, integers });
  // Last, as a rule may have used the places.
  for (const sum of rest) sum();

  function addressOf(cell: number): Address {
    return isDelta(cell, rows) ? places.delta(rowOf(cell, rows)) : places.operand(cell);
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
