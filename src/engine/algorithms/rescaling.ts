/**
 * How a diagonal D moves with what was measured, h, and how it bounds a step:
 *
 *   V = b V + (1-b) h^2 (or h),  W = b W + (1-b),  D = sqrt(V / W) (or V / W),  scale = max(alpha, |D|), or |D| + alpha
 *
 * W is 1 from the first h on, or grows. The planes are `sum` (V), `weight` (W), `scale`, and that of h.
 */

import type { RowKernel } from '../algorithm.js';

export interface Rescaling {
  /** The plane of h. */
  readonly statistic: string;
  readonly b: number;
  readonly alpha: number;
  /** D^2 and h^2 in place of D and h. */
  readonly isSquared: boolean;
  /** W grows from 1 - b to 1, in place of being 1 at once. */
  readonly isGradual: boolean;
  readonly isAdded: boolean;
}

/** A row that stands has been measured: its sum moves. Any other keeps what it has, so that it may be asked for twice. */
export function rescaling({ statistic, b, alpha, isSquared, isGradual, isAdded }: Rescaling): RowKernel {
  return ({ to, from, kernels }) => {
    const isDue = from.scale[0] === Number.POSITIVE_INFINITY;
    const old = from.weight[0];
    const kept = !isDue ? 1 : old > 0 || isGradual ? b : 0;
    to.weight[0] = kept * old + (1 - kept);
    // The scale follows from what was stored, so that a second time gives the same.
    kernels.rescale(
      to.scale.byteOffset,
      to.sum.byteOffset,
      from.sum.byteOffset,
      from[statistic].byteOffset,
      kept,
      to.weight[0],
      alpha,
      isSquared ? 1 : 0,
      isAdded ? 1 : 0,
      to.sum.length,
    );
  };
}
