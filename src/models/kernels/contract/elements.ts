import type { Address } from '../memory.js';

/** Floats that `topk` counts in. */
export const topkRoom = 2048;

/**
 * Passes over planes that algorithms' own kernels are made of. They compute in f64, in the written order, and round to f32 what they
 * store, as plain TypeScript does: the same bits in every set. An output may be one of the inputs; else they never overlap.
 */
export interface ElementKernels {
  /** to = a + b - c */
  gap(to: Address, a: Address, b: Address, c: Address, n: number): void;
  /** to = a + w b */
  add(to: Address, a: Address, b: Address, w: number, n: number): void;
  /** to = u a + w (b - c) */
  follow(to: Address, a: Address, b: Address, c: Address, u: number, w: number, n: number): void;
  /** to = a / b; a divisor that is 0 or NaN counts as 1. */
  divide(to: Address, a: Address, b: Address, n: number): void;
  /**
   * A step along `gap` that is shorter where gaps have been large: with g an element of it,
   * v = beta v + (1 - beta) g^2, rounded to f32; to = from + min(gamma / (sqrt(v / correction) + 1e-8), 1) g
   */
  adapt(
    to: Address,
    toSecond: Address,
    from: Address,
    second: Address,
    gap: Address,
    beta: number,
    correction: number,
    gamma: number,
    n: number,
  ): void;
  /**
   * A running mean of what is measured, and the scale that follows from it: with h an element of it,
   * sum = kept sum + (1 - kept) h, or h^2 when it is squared, rounded to f32; d = |sum / weight|, or its root;
   * scale = max(alpha, d), or d + alpha
   */
  rescale(
    toScale: Address,
    toSum: Address,
    sum: Address,
    measured: Address,
    kept: number,
    weight: number,
    alpha: number,
    squared: 0 | 1,
    added: 0 | 1,
    n: number,
  ): void;
  /** to = the k (1 to n) floats of the largest magnitude, of equal ones the first; the others become 0. `counts` has `topkRoom` floats. */
  topk(to: Address, from: Address, k: number, counts: Address, n: number): void;
}
