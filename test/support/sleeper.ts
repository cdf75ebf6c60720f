/** A model whose every local step takes the same time on the clock, so that waiting and slowness can be measured. */

import type { ModelFactory } from '../../src/models/model.js';

const sleeper: ModelFactory = ({ milliseconds = '2' }) => {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  return {
    name: 'sleeper',
    parameters: 8,
    layers: [{ name: 'w', offset: 0, shape: [8] }],
    outputs: 10,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(0);
    },
    open: () => ({
      gradient(_weights, gradient) {
        gradient.fill(0);
        Atomics.wait(nap, 0, 0, Number(milliseconds));
        return 1;
      },
      evaluate: () => ({ loss: 1, correct: 0 }),
      predict: (_weights, _batch, outputs) => {
        outputs.fill(0);
      },
    }),
  };
};

export default sleeper;
