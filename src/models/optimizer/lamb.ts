/**
 * LAMB (You et al. 2020): Adam's direction, with a rate of its own for each layer, in proportion to the layer's size:
 *
 *   u = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps) + decay w,   w = w - rate (|w| / |u|) u       m, v: see adam.ts
 *
 * |.| over one layer; their ratio is 1 where one of them is 0, as in the public codes.
 */

import type { Layer } from '../model.js';
import { corrected, type Moments, statesOf } from './adam.js';
import type { Optimizer } from './optimizer.js';

/** Of the ratio: an update that is next to nothing would else move weights without bound. */
const mostTrust = 1e6;

/** The vector is cut where a layer begins; without layers it is one. */
export function lamb(settings: Moments, layers: readonly Layer[]): Optimizer {
  const { rate, beta1, beta2, decay, schedule } = settings;
  const cuts = [...new Set([0, ...layers.map(({ offset }) => offset)])].sort((a, b) => a - b);
  const rateAt = (step: number) => rate * schedule(step);
  return {
    name: 'lamb',
    state: statesOf(settings),
    rate: rateAt,
    plain: false,
    update(kernels, weights, gradient, [mean, square], n, step, factor = 1) {
      const { scale, added } = corrected(settings, step);
      const now = rateAt(step) * factor;
      for (const [k, cut] of cuts.entries()) {
        const size = Math.min(n, cuts[k + 1] ?? n) - cut;
        if (size <= 0) continue;
        const [w, u] = [weights + 4 * cut, gradient + 4 * cut];
        kernels.lamb(w, u, mean + 4 * cut, square + 4 * cut, size, beta1, beta2, scale, added, decay);
        const long = Math.sqrt(kernels.squares(w, size));
        const far = Math.sqrt(kernels.squares(u, size));
        kernels.sgd(w, u, size, now * (long > 0 && far > 0 ? Math.min(long / far, mostTrust) : 1), 0);
      }
    },
  };
}
