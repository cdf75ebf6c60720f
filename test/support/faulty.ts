/**
 * A model that goes wrong on purpose: it throws, ends its thread, or gives a loss that is no number, at a given local step, or throws when
 * tested.
 */

import type { ModelFactory } from '../../src/models/model.js';

const faulty: ModelFactory = ({ how = 'throw', after = '50' }) => {
  let calls = 0;
  const trouble = () => {
    if (how === 'evaluate' || ++calls < Number(after)) return 1;
    if (how === 'exit') process.exit(7);
    if (how === 'nan') return Number.NaN;
    throw new Error('the model is tired');
  };
  return {
    name: 'faulty',
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
        return trouble();
      },
      evaluate() {
        if (how === 'evaluate') throw new Error('the model is tired of tests');
        return { loss: 1, correct: 0 };
      },
      predict: (_weights, _batch, outputs) => {
        outputs.fill(0);
      },
    }),
  };
};

export default faulty;
