/** Broadcasts of progress at the ticks of Poisson clocks beside the work, as in DRACO: how many there are, and what is taken of them. */

import { complex } from './delay/complex.js';
import type { Delay } from './delay/law.js';
import { transform } from './delay/transform.js';
import { requireNumber } from './range.js';

/**
 * Broadcasts of a node per unit of time, when it is silent at ticks before which no piece of work has ended since the last one: (1 - E
 * e^(-rate D)) / E[D], exactly and for any law of D, as each broadcast belongs to the piece before it, and a piece has one if a tick comes
 * within the D that follows it. Throws CONFIG_RANGE.
 */
export function broadcastRate(rate: number, duration: Delay, mean: number): number {
  requireNumber('broadcasts: rate', rate, { above: 0 });
  requireNumber('broadcasts: mean duration', mean, { above: 0 });
  return (1 - transform(duration, complex(rate, 0)).value.re) / mean;
}

/**
 * E[K / (1 + K)] for K Poisson of mean m: 1 - (1 - e^-m) / m. It is the part of a mean piece that K received ones add, each with the weight
 * 1 / (1 + K).
 */
export function windowShare(m: number): number {
  requireNumber('broadcasts: mean of a window', m, { min: 0 });
  return m < 1e-6 ? m / 2 : 1 + Math.expm1(-m) / m;
}

/** E[min(N, most)] for N Poisson of mean m. `most` is whole, or Infinity. Throws CONFIG_RANGE. */
export function takenOf(m: number, most: number): number {
  requireNumber('broadcasts: mean of a period', m, { min: 0 });
  if (most === Number.POSITIVE_INFINITY || m === 0) return m;
  // sum over k < most of P(N > k); the logarithm of P(N = k), which may be too small for a number
  let [log, below, taken] = [-m, 0, 0];
  for (let k = 0; k < most; k++) {
    below += Math.exp(log);
    taken += Math.max(0, 1 - below);
    log += Math.log(m / (k + 1));
  }
  return taken;
}
