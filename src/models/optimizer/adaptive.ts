/**
 * Gradients divided by the root of the squares of those before, number by number:
 *
 *   rmsprop   v = beta2 v + (1 - beta2) d d        Tieleman and Hinton 2012, lecture 6.5; eps outside the root, as PyTorch has it
 *   adagrad   v = v + d d                          Duchi, Hazan, Singer 2011
 *   w = w - rate d / (sqrt(v) + eps)               d = g + decay w
 */

import type { Optimizer } from './optimizer.js';
import type { Schedule } from './schedule.js';

export interface AdaptiveSettings {
  readonly rate: number;
  readonly eps: number;
  readonly decay: number;
  readonly schedule: Schedule;
}

/** v = keep v + gain d d. */
export function adaptive(
  name: string,
  { rate, eps, decay, schedule }: AdaptiveSettings,
  { keep, gain }: { readonly keep: number; readonly gain: number },
): Optimizer {
  const rateAt = (step: number) => rate * schedule(step);
  return {
    name,
    state: [{ name: 'square', keep, isSquare: true }],
    rate: rateAt,
    plain: false,
    update(kernels, weights, gradient, [square], n, step, factor = 1) {
      kernels.adaptive(weights, gradient, square, n, rateAt(step) * factor, keep, gain, eps, decay);
    },
  };
}
