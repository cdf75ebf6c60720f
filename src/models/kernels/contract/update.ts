import type { Address } from '../memory.js';

/** Optimizer updates, one pass; every operation is rounded to f32 in the written order, the same bits in every set. */
export interface UpdateKernels {
  /** w -= rate (g + decay w) */
  sgd(weights: Address, gradient: Address, n: number, rate: number, decay: number): void;
  /** d = g + decay w; v = friction v + d; w -= rate v, or with Nesterov's look-ahead w -= rate (d + friction v). */
  momentum(
    weights: Address,
    gradient: Address,
    velocity: Address,
    n: number,
    rate: number,
    friction: number,
    decay: number,
    nesterov: 0 | 1,
  ): void;
  /**
   * d = g + decay w; m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d d; w -= rate (m / (scale sqrt(v) + eps) + fade w). An m
   * below 2^-126 is put to 0, and a v below 2^-100 to that: what decays would come to numbers that processors are slow with, and stay there.
   */
  adam(
    weights: Address,
    gradient: Address,
    mean: Address,
    square: Address,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    scale: number,
    eps: number,
    decay: number,
    fade: number,
  ): void;
  /** The same with decay = 0, up to where the rate comes in: g = m / (scale sqrt(v) + eps) + fade w, and the weights stay. */
  lamb(
    weights: Address,
    gradient: Address,
    mean: Address,
    square: Address,
    n: number,
    beta1: number,
    beta2: number,
    scale: number,
    eps: number,
    fade: number,
  ): void;
  /** d = g + decay w; v = keep v + gain d d, 2^-100 at least; w -= rate (d / (sqrt(v) + eps)). */
  adaptive(
    weights: Address,
    gradient: Address,
    square: Address,
    n: number,
    rate: number,
    keep: number,
    gain: number,
    eps: number,
    decay: number,
  ): void;
  /** Sum of squares in f64: s0 to s7, of every eighth number each, then ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)). */
  squares(from: Address, n: number): number;
  /** x *= factor */
  scale(to: Address, n: number, factor: number): void;
}
