/**
 * Models that learn nothing, for the theory of gossip alone. `noise:D` has D parameters and a gradient that is pure noise: a counted
 * normal draw with E||g||^2 = variance, whatever the weights; with a curvature c, c w is added to it, the gradient of c/2 ||w||^2, which is
 * then the loss. `none` has no parameters: only who met whom is of interest.
 */

import { normal } from '../random.js';
import type { Model } from './model.js';

export function noise(name: string, parameters: number, variance: number, curvature = 0): Model {
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
      weights.fill(0);
    },
    open: () => ({
      gradient(weights, gradient, { chance }) {
        const first = chance ? Math.imul(chance.step, parameters) : 0;
        for (let k = 0; k < parameters; k++) {
          const draw = chance ? normal(chance.source, chance.node, (first + k) | 0) : 0;
          gradient[k] = curvature * weights[k] + scale * draw;
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
