/** What local steps take from an algorithm's planes and leave in them (`Algorithm.descent`), as arithmetic on a gradient. */

import type { Address, Kernels } from '../models/kernels/kernels.js';
import type { Batch, Session } from '../models/model.js';
import { type Source, word } from '../random.js';

/** gradient = (gradient + add) / divide, n elements. A divisor of 0 is one that is not known yet, and counts as 1. */
export function adjust(kernels: Kernels, gradient: Address, n: number, add?: Address, divide?: Address): void {
  if (add !== undefined) kernels.commit(gradient, gradient, add, n);
  if (divide !== undefined) kernels.divide(gradient, gradient, divide, n);
}

/** moment = beta moment + (1 - beta) gradient, and the gradient is that, element by element. */
export function follow(gradient: Float32Array, moment: Float32Array, beta: number): void {
  for (let k = 0; k < gradient.length; k++) gradient[k] = moment[k] = beta * moment[k] + (1 - beta) * gradient[k];
}

/**
 * to = v (H v), element by element: an unbiased estimate of the diagonal of the Hessian H of the batch's loss at `weights` (Bekas,
 * Kokiopoulou, Saad 2007). v: random signs; H v by the central difference (g(w + h v) - g(w - h v)) / 2h, h = 1e-3 max(1, |w| / sqrt d).
 * `probe` and `gradient` have the length of the weights and are overwritten.
 */
export function curvature(
  session: Session,
  batch: Batch,
  weights: Float32Array,
  to: Float32Array,
  probe: Float32Array,
  gradient: Float32Array,
  signs: Source,
  node: number,
  step: number,
): void {
  const n = weights.length;
  const key = word(signs, node, step);
  const sign = (k: number) => ((word(signs, key, k >>> 5) >>> (k & 31)) & 1 ? 1 : -1);
  let squares = 0;
  for (let k = 0; k < n; k++) squares += weights[k] * weights[k];
  const h = 1e-3 * Math.max(1, Math.sqrt(squares / n));
  for (let k = 0; k < n; k++) probe[k] = weights[k] + h * sign(k);
  session.gradient(probe, to, batch);
  for (let k = 0; k < n; k++) probe[k] = weights[k] - h * sign(k);
  session.gradient(probe, gradient, batch);
  for (let k = 0; k < n; k++) to[k] = (sign(k) * (to[k] - gradient[k])) / (2 * h);
}
