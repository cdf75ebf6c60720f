/** A gradient that is longer than `most` is shortened to that before the optimizer sees it (Pascanu, Mikolov, Bengio 2013). */

import type { Optimizer } from './optimizer.js';

/** The norm is that of the whole gradient, in f64. */
export function clipped(optimizer: Optimizer, most: number): Optimizer {
  return {
    ...optimizer,
    plain: false,
    update(kernels, weights, gradient, state, n, step, factor) {
      const norm = Math.sqrt(kernels.squares(gradient, n));
      if (norm > most) kernels.scale(gradient, n, most / norm);
      optimizer.update(kernels, weights, gradient, state, n, step, factor);
    },
  };
}
