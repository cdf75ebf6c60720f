/**
 * Models on springs to a centre, as in elastic averaging SGD, one at a time: with q the part of its error that a piece of work leaves,
 *
 *   x_i <- (1 - alpha) q x_i + alpha c,   c <- (1 - alpha) c + alpha q x_i
 *
 * Pieces end as Poisson processes of `rate` a node. Own derivation.
 */

import { requireNumber } from './range.js';

export interface Springs {
  readonly nodes: number;
  readonly alpha: number;
  /** Pieces that a node finishes per unit of time. */
  readonly rate: number;
}

/**
 * k of E[c] ~ e^(-k t), from the errors of all workers and the centre: the slower eigenvalue of
 *
 *   d/dt E[mean x] = rate ((1 - alpha) q - 1) E[mean x] + rate alpha E[c],   d/dt E[c] = n rate alpha (q E[mean x] - E[c])
 *
 * 0 where alpha is: the centre then never moves. `left` is q. Throws CONFIG_RANGE.
 */
export function centreDecay({ nodes, alpha, rate }: Springs, left: number): number {
  requireNumber('springs: part left', left, { min: -1, max: 1 });
  const own = 1 - (1 - alpha) * left;
  const pulled = nodes * alpha;
  const half = (own + pulled) / 2;
  const product = pulled * (1 - left); // (own - alpha left) n alpha
  const inner = half * half - product;
  return rate * (inner < 0 ? half : product / (half + Math.sqrt(inner)));
}

/**
 * k of E[Gamma(t)] <= e^(-k t) Gamma(0), Gamma the sum of squared distances of all workers and the centre to their mean, when nothing is
 * learnt: an exchange takes 2 alpha (1 - alpha) |x_i - c|^2 off, and the second eigenvalue of the Laplacian of a star is 1.
 */
export function springDecay({ alpha, rate }: Springs): number {
  return 2 * alpha * (1 - alpha) * rate;
}
