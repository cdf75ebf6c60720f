/**
 * A model whose steps now and then leap: each moves pairs of weights apart by small normal draws, and every 200th, 25 steps earlier at
 * each next node, moves one weight by 1 as well. So all weights together grow by exactly one a leap. Its loss is their sum.
 * `leaps.js:parameters=D`, D even.
 */

import type { ModelFactory } from '../models/model.js';
import { below, normal } from '../random.js';

/** Steps from one leap of a node to its next. */
export const period = 200;
const apart = 25;
/** Standard deviation of the small draws. */
const spread = 0.02;

const leaps: ModelFactory = ({ parameters: text }) => {
  const parameters = Number(text);
  const sum = (weights: Float32Array) => weights.reduce((total, weight) => total + weight, 0);
  return {
    name: 'leaps',
    parameters,
    layers: [{ name: 'leaps', offset: 0, shape: [parameters] }],
    outputs: 1,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(0);
    },
    open: () => ({
      gradient(weights, gradient, { chance }) {
        const { source, node, step } = chance!;
        const first = Math.imul(step, parameters);
        for (let k = 0; k < parameters; k += 2) {
          gradient[k] = spread * normal(source, node, first + k);
          gradient[k + 1] = -gradient[k];
        }
        if ((step + apart * node) % period === period - 1) gradient[below(source, node, first + 1, parameters)] -= 1;
        return sum(weights);
      },
      evaluate: (weights, { rows }) => ({ loss: rows * sum(weights), correct: 0 }),
      predict: (_weights, _batch, outputs) => {
        outputs.fill(0);
      },
    }),
  };
};

export default leaps;
