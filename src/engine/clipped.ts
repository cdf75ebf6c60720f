/**
 * Averages that take no more than a step of a given length towards any other model: self-centred clipping, ClippedGossip (He, Karimireddy,
 * Jaggi 2022, arXiv 2202.01545; the rule and the radius that adapts as in the authors' public code).
 *
 *   x_i <- x_i + sum over j of w_ij clip(x_j - x_i),   clip(z) = z min(1, radius / |z|)
 *
 * For a pair it is the average with a smaller weight, the same for both: what one takes the other gives, so their mean stays, and with it that
 * of all where W is symmetric. No model moves another by more than w radius; one that is not finite is not taken at all.
 *
 * A radius that adapts is that of the farthest neighbour but `cut` (the public code has 1). Two nodes have two such radii; the smaller one is
 * taken for both, so that the mean stays: our own.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address } from '../models/kernels/kernels.js';
import type { Desk, Rule, Taken } from './neighbourhood.js';

/** A radius, or how many neighbours may be farther than it. */
export type Clip = { readonly radius: number; readonly cut?: undefined } | { readonly radius?: undefined; readonly cut: number };

/** The part of a difference that is taken, from its square. */
export function shareOf(squaredDistance: number, radius: number): number {
  if (!Number.isFinite(squaredDistance)) return 0;
  const distance = Math.sqrt(squaredDistance);
  return distance <= radius ? 1 : radius / distance;
}

/** Row kernels whose averages of two models are clipped. */
export function clipping(kernels: RowKernels, radius: number): RowKernels {
  const share = (a: Address, b: Address, n: number) => shareOf(kernels.squaredDistance(a, b, n), radius);
  const clipped: RowKernels = {
    ...kernels,
    blend(to, a, b, w, n) {
      const taken = share(a, b, n);
      if (taken > 0) kernels.blend(to, a, b, w * taken, n);
      else kernels.copy(to, a, n);
    },
    mix(toA, toB, a, b, w, n) {
      const taken = share(a, b, n);
      if (taken > 0) return kernels.mix(toA, toB, a, b, w * taken, n);
      kernels.copy(toA, a, n);
      kernels.copy(toB, b, n);
    },
    mixAndCommit(toA, toB, a, b, delta, w, n) {
      clipped.mix(toA, toB, a, b, w, n);
      kernels.commit(toA, toA, delta, n);
    },
    mixAndCommitBoth(toA, toB, a, b, deltaA, deltaB, w, n) {
      kernels.commit(toA, a, deltaA, n);
      kernels.commit(toB, b, deltaB, n);
      clipped.mix(toA, toB, toA, toB, w, n);
    },
  };
  return clipped;
}

/** The same of neighbourhoods, with one radius for all, or that of each pair: sums with smaller weights. */
export function clippedSum({ radius, cut }: Clip): Rule {
  return (averages, desk) => {
    const squares = openSquares(desk);
    const around = averages.map(({ own, models }) => models.map(model => squares(model, own)));
    const radii = new Map(cut === undefined ? [] : averages.map(({ row }, t) => [row, nextOf(around[t], cut)]));
    const radiusOf = (row: number) => radii.get(row) ?? Number.POSITIVE_INFINITY;
    averages.forEach(({ row, to, own, models }, t) => {
      const taken = models
        .map((one, j) => ({
          ...one,
          share: shareOf(around[t][j], radius ?? Math.min(radiusOf(row), radiusOf(one.row))) * one.weight,
        }))
        .filter(({ share, row: other }) => share > 0 && other !== row);
      const kept = taken.reduce((kept, { share }) => kept - share, 1);
      const parts = [{ ...own, share: kept }, ...taken].flatMap(({ params, delta, share }) =>
        delta === 0 ? [{ at: params, share }] : [params, delta].map(at => ({ at, share })),
      );
      desk.combine(
        to,
        parts.map(({ at }) => at),
        parts.map(({ share }) => share),
      );
    });
  };
}

/** Squares of distances, each found once. A model with its difference is put where its average will be: the sums come after. */
function openSquares({ kernels, stride, place }: Desk): (a: Taken, b: Taken) => number {
  const committed = new Map<number, Address>();
  const known = new Map<Address, Map<Address, number>>();
  const addressOf = ({ row, params, delta }: Taken) => {
    if (delta === 0) return params;
    let address = committed.get(row);
    if (address === undefined) {
      committed.set(row, (address = place(row)));
      kernels.commit(address, params, delta, stride);
    }
    return address;
  };
  return (one, other) => {
    const [c, d] = [addressOf(one), addressOf(other)];
    const [a, b] = [Math.min(c, d), Math.max(c, d)];
    let from = known.get(a);
    if (!from) known.set(a, (from = new Map()));
    let square = from.get(b);
    if (square === undefined) from.set(b, (square = kernels.squaredDistance(a, b, stride)));
    return square;
  };
}

/** The distance that comes next after the `cut` largest, of models of which one, the node's own, is at none. */
function nextOf(squares: readonly number[], cut: number): number {
  const falling = squares.map(square => (Number.isNaN(square) ? Number.POSITIVE_INFINITY : square)).sort((a, b) => b - a);
  return Math.sqrt(falling[Math.max(0, Math.min(cut, falling.length - 2))]);
}
