/**
 * Models that learn nothing, for the theory of gossip alone. `noise:D` has D parameters and a gradient that is pure noise: a counted
 * normal draw with E||g||^2 = variance, whatever the weights; with a curvature c, c (w - u) is added to it, the gradient of c/2 ||w -
 * u||^2. All weights of u are `apart` times the number of the node, so that nodes pull apart; the loss is c/2 ||w||^2 whoever asks. `none`
 * has no parameters: only who met whom is of interest.
 */

import { normal } from '../random.js';
import type { Model } from './model.js';

export interface Noise {
  /** E||g||^2, from 0. */
  readonly variance: number;
  /** c, from 0; 0 when left out. */
  readonly curvature?: number;
  /** Every weight at the start; 0 when left out. */
  readonly start?: number;
  /** Between the optima of a node and the next, along each axis; 0 when left out. */
  readonly apart?: number;
}

export function noise(name: string, parameters: number, { variance, curvature = 0, start = 0, apart = 0 }: Noise): Model {
  const scale = Math.sqrt(variance / Math.max(1, parameters));
  const loss = (weights: Float32Array) => {
    let squares = 0;
    if (curvature !== 0) for (const weight of weights) squares += weight * weight;
    return (curvature / 2) * squares;
  };
  return {
    name,
    parameters,
    layers: parameters > 0 ? [{ name: 'noise', offset: 0, shape: [parameters] }] : [],
    outputs: 1,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(start);
    },
    open: () => ({
      gradient(weights, gradient, { chance }) {
        const first = chance ? Math.imul(chance.step, parameters) : 0;
        const optimum = chance ? chance.node * apart : 0;
        for (let k = 0; k < parameters; k++) {
          const draw = chance ? normal(chance.source, chance.node, (first + k) | 0) : 0;
          gradient[k] = curvature * (weights[k] - optimum) + scale * draw;
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
