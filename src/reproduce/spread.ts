/** A model that learns nothing, and whose loss is the variance of its weights: normal draws at first, one layer. */

import type { Model } from '../models/model.js';

export default function spread({ parameters = '10000' }: Readonly<Record<string, string>>): Model {
  const count = Number(parameters);
  const varianceOf = (weights: Float32Array) => {
    let [sum, squares] = [0, 0];
    for (const weight of weights) {
      sum += weight;
      squares += weight * weight;
    }
    return squares / weights.length - (sum / weights.length) ** 2;
  };
  return {
    name: 'spread',
    parameters: count,
    layers: [{ name: 'weight', offset: 0, shape: [count] }],
    outputs: 1,
    workspace: () => 0,
    initialize(weights, _random, normal) {
      for (let k = 0; k < weights.length; k++) weights[k] = normal();
    },
    open: () => ({
      gradient(weights, gradient) {
        gradient.fill(0);
        return varianceOf(weights);
      },
      evaluate: (weights, { rows }) => ({ loss: rows * varianceOf(weights), correct: 0 }),
      predict: (_weights, _batch, outputs) => void outputs.fill(0),
    }),
  };
}
