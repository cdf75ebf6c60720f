/** Stochastic gradient descent: plain, with weight decay, with momentum (Polyak 1964) or Nesterov's look-ahead (Sutskever et al. 2013). */

import type { Optimizer } from './optimizer.js';
import type { Schedule } from './schedule.js';

export interface SgdSettings {
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Weight decay: decay x w is added to the gradient. */
  readonly decay: number;
  readonly schedule: Schedule;
}

/** d = g + decay w; v = momentum v + d; w -= rate v, or rate (d + momentum v) with Nesterov's. */
export function sgd({ rate, momentum, nesterov, decay, schedule }: SgdSettings): Optimizer {
  const rateAt = (step: number) => rate * schedule(step);
  if (momentum === 0) {
    return {
      name: 'sgd',
      state: [],
      rate: rateAt,
      plain: decay === 0,
      update: (kernels, weights, gradient, _state, n, step, factor = 1) =>
        kernels.sgd(weights, gradient, n, rateAt(step) * factor, decay),
    };
  }
  return {
    name: 'sgd',
    state: [{ name: 'momentum', keep: momentum }],
    rate: rateAt,
    plain: false,
    update: (kernels, weights, gradient, [velocity], n, step, factor = 1) =>
      kernels.momentum(weights, gradient, velocity, n, rateAt(step) * factor, momentum, decay, nesterov ? 1 : 0),
  };
}
