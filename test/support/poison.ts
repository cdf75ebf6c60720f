/** A model that learns the number 1, and now and then, at steps of one node or of any, goes wrong: in its gradient, in its loss, or so that it is seen late. */

import type { ModelFactory } from '../../src/models/model.js';

/** What is written into the gradient, by name; 'loss' leaves that and gives no finite loss, 'late' overflows what an optimizer keeps of it. */
export const poisons = { nan: Number.NaN, infinite: Number.POSITIVE_INFINITY, huge: 1e33, loss: 0, late: 1e27 } as const;

const poison: ModelFactory = ({ how = 'nan', node = '1', every = '7' }) => ({
  name: 'poison',
  parameters: 40,
  layers: [{ name: 'w', offset: 0, shape: [40] }],
  outputs: 1,
  workspace: () => 0,
  initialize: weights => {
    weights.fill(0);
  },
  open: () => ({
    gradient(weights, gradient, { chance: { node: at, step } = { node: 0, step: 0 } }) {
      let loss = 0;
      for (let k = 0; k < weights.length; k++) {
        gradient[k] = weights[k] - 1 + 0.01 * ((step + 3 * at + k) % 5);
        loss += (weights[k] - 1) ** 2 / weights.length;
      }
      if ((node !== 'any' && at !== Number(node)) || step % Number(every) !== Number(every) - 1) return loss;
      if (how === 'loss') return Number.POSITIVE_INFINITY;
      gradient[5] = poisons[how as keyof typeof poisons];
      return loss;
    },
    evaluate: weights => ({ loss: (weights[0] - 1) ** 2, correct: 0 }),
    predict: (_weights, _batch, outputs) => {
      outputs.fill(0);
    },
  }),
});

export default poison;
