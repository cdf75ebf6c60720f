/**
 * Two coupled problems whose gradients are drawn around the true ones, for the theory of coupled stochastic approximation. `coupled:D` has
 * D unknowns x and as many, theta, that x rests on:
 *
 *   g = (x - theta) + noise,   of f(x, theta) = 1/2 ||x - theta||^2      phi = (theta - 1) + noise,   of h(theta) = 1/2 ||theta - 1||^2
 *
 * so that theta and x belong at 1. The noise of each component is a counted normal draw. The loss is 1/2 ||x - 1||^2: how far x is from
 * where it belongs.
 */

import { normal } from '../random.js';
import type { Model } from './model.js';

export interface Coupled {
  /** Of the noise of each component, from 0. */
  readonly variance: number;
}

export function coupled(name: string, unknowns: number, { variance }: Coupled): Model {
  const deviation = Math.sqrt(variance);
  const parameters = 2 * unknowns;
  const loss = (weights: Float32Array) => {
    let squares = 0;
    for (let k = 0; k < unknowns; k++) squares += (weights[k] - 1) ** 2;
    return squares / 2;
  };
  return {
    name,
    parameters,
    layers: [
      { name: 'x', offset: 0, shape: [unknowns] },
      { name: 'theta', offset: unknowns, shape: [unknowns], group: 'theta' },
    ],
    outputs: 1,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(0);
    },
    open: () => ({
      gradient(weights, gradient, { chance }) {
        const first = chance ? Math.imul(chance.step, parameters) : 0;
        for (let k = 0; k < parameters; k++) {
          const draw = chance ? normal(chance.source, chance.node, (first + k) | 0) : 0;
          const belongs = k < unknowns ? weights[unknowns + k] : 1;
          gradient[k] = weights[k] - belongs + deviation * draw;
        }
        return loss(weights);
      },
      evaluate: (weights, { rows }) => ({ loss: rows * loss(weights), correct: 0 }),
      predict: (_weights, _batch, outputs) => {
        outputs.fill(0);
      },
    }),
  };
}
