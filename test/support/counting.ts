/**
 * A model without arithmetic to speak of: every step adds exactly 1 to every parameter. Under swaps (mix weight 1) the sum over nodes
 * of each parameter must then be the number of steps, to the last unit, whatever dies.
 */

import type { ModelFactory } from '../../src/models/model.js';

const counting: ModelFactory = ({ parameters = '65536' }) => {
  const size = Number(parameters);
  return {
    name: 'counting',
    parameters: size,
    layers: [{ name: 'count', offset: 0, shape: [size] }],
    outputs: 10,
    workspace: () => 0,
    initialize(weights) {
      weights.fill(0);
    },
    open: () => ({
      gradient(_weights, gradient) {
        gradient.fill(-1); // with rate 1
        return 1;
      },
      descend(weights) {
        for (let k = 0; k < weights.length; k++) weights[k] += 1;
        return 1;
      },
      evaluate: () => ({ loss: 1, correct: 0 }),
      predict(_weights, _batch, outputs) {
        outputs.fill(0);
      },
    }),
  };
};

export default counting;
