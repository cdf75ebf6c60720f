/**
 * Dirichlet proportions from counted randomness, through gamma variates (Marsaglia and Tsang 2000, "A simple method for generating
 * gamma variables"). Everything is done on logarithms, so that a tiny parameter, whose gamma variates underflow, still gives
 * proportions. The same bits in every engine: no Math.exp, no Math.log.
 */

import { exp } from '../exponential.js';
import { logarithm } from '../logarithm.js';
import { normal, type Source, word } from '../random.js';

/** Fills `shares` with one draw from the symmetric Dirichlet distribution with parameter `alpha` > 0. They sum to 1. */
export function proportions(random: Source, alpha: number, shares: Float64Array): void {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < shares.length; i++) {
    shares[i] = logGamma(random, i, alpha);
    top = Math.max(top, shares[i]);
  }
  let sum = 0;
  for (let i = 0; i < shares.length; i++) sum += shares[i] = exp(shares[i] - top);
  for (let i = 0; i < shares.length; i++) shares[i] /= sum;
}

/** Logarithm of a gamma variate of shape `alpha` and scale 1: number `index` of `random`. */
export function logGamma(random: Source, index: number, alpha: number): number {
  // Below 1: gamma(alpha) = gamma(alpha + 1) U^(1 / alpha) (their section 6). Draw 0 is U.
  const boost = alpha < 1 ? logarithm(open(random, index, 0)) / alpha : 0;
  const d = (alpha < 1 ? alpha + 1 : alpha) - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let draw = 1; ; draw += 2) {
    const x = normal(random, index, draw);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const v = root * root * root;
    const accepted = logarithm(open(random, index, draw + 1)) < 0.5 * x * x + d - d * v + d * logarithm(v);
    if (accepted) return logarithm(d * v) + boost;
  }
}

/** Uniform in (0, 1). */
function open(random: Source, index: number, draw: number): number {
  return (word(random, index, draw) + 0.5) * 2 ** -32;
}
