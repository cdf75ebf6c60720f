/**
 * Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019):
 *
 *   m = beta1 m + (1 - beta1) d,   v = beta2 v + (1 - beta2) d d                      d = g, Adam: + decay w
 *   w = w - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)                AdamW: - rate decay w;   t steps so far, this one too
 */

import type { Optimizer, State } from './optimizer.js';
import { power, type Schedule } from './schedule.js';

export interface Moments {
  readonly rate: number;
  /** How much of the means of gradients and of their squares a step leaves; both in [0, 1). */
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly decay: number;
  readonly schedule: Schedule;
}

/** `decoupled`: the decay is a step of its own, AdamW's. */
export function adam(name: string, settings: Moments, decoupled: boolean): Optimizer {
  const { rate, beta1, beta2, decay, schedule } = settings;
  const rateAt = (step: number) => rate * schedule(step);
  const [within, beside] = decoupled ? [0, decay] : [decay, 0];
  return {
    name,
    state: statesOf(settings),
    rate: rateAt,
    plain: false,
    update(kernels, weights, gradient, [mean, square], n, step, factor = 1) {
      const now = rateAt(step) * factor;
      const { scale, added } = corrected(settings, step);
      kernels.adam(weights, gradient, mean, square, n, now, beta1, beta2, scale, added, within, beside);
    },
  };
}

/** The two moments, as state. */
export function statesOf({ beta1, beta2 }: Moments): readonly State[] {
  return [
    { name: 'mean', keep: beta1 },
    { name: 'square', keep: beta2, isSquare: true },
  ];
}

/**
 * After step number `step`, counted from 0: (m / a) / (sqrt(v / b) + eps) is m / (scale sqrt(v) + added) for the a and b that make up for
 * moments which start at 0.
 */
export function corrected({ beta1, beta2, eps }: Moments, step: number): { readonly scale: number; readonly added: number } {
  const a = 1 - power(beta1, step + 1);
  return { scale: a / Math.sqrt(1 - power(beta2, step + 1)), added: a * eps };
}
