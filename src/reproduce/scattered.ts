/**
 * A model whose first step takes each node to a place of its own, a normal draw in every weight; then nothing moves it.
 * `scattered.js:parameters=D`.
 */

import type { ModelFactory } from '../models/model.js';
import { normal } from '../random.js';

const scattered: ModelFactory = ({ parameters: text }) => {
  const parameters = Number(text);
  return {
    name: 'scattered',
    parameters,
    layers: [{ name: 'scattered', offset: 0, shape: [parameters] }],
    outputs: 1,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(0);
    },
    open: () => ({
      gradient(_weights, gradient, { chance }) {
        const { source, node, step } = chance!;
        for (let k = 0; k < parameters; k++) gradient[k] = step === 0 ? normal(source, node, k) : 0;
        return 0;
      },
      evaluate: () => ({ loss: 0, correct: 0 }),
      predict: (_weights, _batch, outputs) => {
        outputs.fill(0);
      },
    }),
  };
};

export default scattered;
