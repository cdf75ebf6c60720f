/** The extremes of a Hessian from products with vectors: the curvatures that bound a step. */

import { ends } from '../topology/lanczos.js';
import { requireNumber } from './range.js';

/** The ends of the spectrum of a Hessian. */
export interface Curvatures {
  /** Smallest and largest eigenvalue found; both lie within the true range, but for the products' own errors. */
  readonly min: number;
  readonly max: number;
  /** Products taken. */
  readonly products: number;
  /** False when the limit came before both ends had settled to 1e-8; an end may then lie farther out. */
  readonly converged: boolean;
}

/**
 * Extreme eigenvalues of the symmetric matrix H of `product(v, y)`, which writes y = H v; n (1 to 1e8) is its size. Lanczos' iteration,
 * which is never behind power iteration and gives both ends, from a fixed start; at most `limit` products (1 to 10,000; 100 when left
 * out). It works on n + 1 numbers that sum to 0: a reflection takes them to n numbers and a 0. Products by differences of gradients have
 * errors, so that an end near 0 never settles to 1e-8: take it when it matters little. Throws CONFIG_RANGE.
 */
export function curvatures(n: number, product: (v: Float64Array, y: Float64Array) => void, limit = 100): Curvatures {
  requireNumber('Hessian: size', n, { whole: true, min: 1, max: 1e8 });
  requireNumber('Hessian: products', limit, { whole: true, min: 1, max: 10_000 });
  const v = new Float64Array(n + 1);
  const hv = new Float64Array(n + 1);
  const multiply = (x: Float64Array, y: Float64Array) => {
    v.set(x);
    reflect(v);
    product(v.subarray(0, n), hv.subarray(0, n));
    hv[n] = 0;
    reflect(hv);
    y.set(hv);
  };
  const { smallest, largest, iterations, converged } = ends(n + 1, multiply, limit);
  return { min: smallest, max: largest, products: iterations, converged };
}

/** Householder's reflection that swaps the last axis with the direction of (1, ..., 1). */
function reflect(x: Float64Array): void {
  const last = x.length - 1;
  const each = 1 / Math.sqrt(x.length);
  // along u = (each, ..., each, each - 1), whose squared length is 2 (1 - each)
  let along = -x[last];
  for (let i = 0; i <= last; i++) along += each * x[i];
  const share = along / (1 - each);
  for (let i = 0; i <= last; i++) x[i] -= share * each;
  x[last] += share;
}

/** A loss as far as a Hessian needs it: a session of a model with one batch, say. */
export interface Slope {
  /** Where the Hessian is taken. Moved during a product, and then put back, bit by bit. */
  readonly weights: Float32Array;
  /** Where `evaluate` writes; as long as the weights. */
  readonly gradient: Float32Array;
  /** Writes the gradient at `weights`. */
  readonly evaluate: () => unknown;
  /** h, the length of the move along v / |v|, from 1e-6 to 1; 4e-3 (1 + the weights' root mean square) when left out. */
  readonly move?: number;
}

/**
 * Products by central differences of gradients, (g(w + h v) - g(w - h v)) / 2h for |v| = 1: exact for a quadratic, else with an error of
 * h^2 / 6 times the third derivative along v. Gradients in 32 bits add 6e-8 |g| / h: the default h, near the cube root of that precision,
 * balances both. For a model: `evaluate` is session.gradient(weights, gradient, batch), with all arrays in the kernels' memory; the
 * Hessian is that of this batch's mean loss, and one product takes two gradients. Where the loss has kinks (relu) differences across them
 * count as curvature. Throws CONFIG_RANGE.
 */
export function differences({ weights, gradient, evaluate, move }: Slope): (v: Float64Array, y: Float64Array) => void {
  requireNumber('Hessian: length of the gradient', gradient.length, { min: weights.length, max: weights.length });
  const h = move ?? 4e-3 * (1 + Math.sqrt(squared(weights) / Math.max(1, weights.length)));
  requireNumber('Hessian: move', h, { min: 1e-6, max: 1 });
  const start = weights.slice();
  return (v, y) => {
    const length = Math.sqrt(squared(v));
    y.fill(0);
    if (length === 0) return;
    start.set(weights);
    try {
      for (const side of [1, -1]) {
        for (let i = 0; i < start.length; i++) weights[i] = start[i] + (side * h * v[i]) / length;
        evaluate();
        for (let i = 0; i < start.length; i++) y[i] += (side * length * gradient[i]) / (2 * h);
      }
    } finally {
      weights.set(start);
    }
  };
}

function squared(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return sum;
}
