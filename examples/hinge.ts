/**
 * A model of one's own, in plain TypeScript: one linear classifier a class, trained with the hinge loss (a support vector machine,
 * one against the rest).
 *
 *   hearsay train --model ./dist/examples/hinge.js:margin=1 --optimizer sgd:rate=0.02
 *
 * A model is a function of one flat vector. `gradient` is all that training needs; `evaluate` and `predict` are for judging it.
 */

import type { Batch, ModelFactory } from 'hearsay';

const hinge: ModelFactory = ({ margin = '1' }, { features, classes }) => {
  const wanted = Number(margin);
  const parameters = classes * (features + 1); // weights, then biases

  /** Scores of one input row, a class each. */
  function scores(weights: Float32Array, { inputs }: Batch, row: number): Float64Array {
    const result = new Float64Array(classes);
    for (let c = 0; c < classes; c++) {
      let score = weights[classes * features + c];
      for (let k = 0; k < features; k++) score += weights[c * features + k] * inputs[row * features + k];
      result[c] = score;
    }
    return result;
  }

  /** The hinge loss of one row, and which classes violate the margin (+1, -1 or 0: the slope of the loss in their score). */
  function loss(found: Float64Array, label: number): { value: number; slopes: Float64Array } {
    const slopes = new Float64Array(classes);
    let value = 0;
    for (let c = 0; c < classes; c++) {
      const sign = c === label ? 1 : -1;
      const short = wanted - sign * found[c];
      if (short <= 0) continue;
      value += short;
      slopes[c] = -sign;
    }
    return { value, slopes };
  }

  return {
    name: 'hinge',
    parameters,
    layers: [
      { name: 'weight', offset: 0, shape: [classes, features] },
      { name: 'bias', offset: classes * features, shape: [classes] },
    ],
    outputs: classes,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(0);
    },
    open: () => ({
      gradient(weights, gradient, batch) {
        gradient.fill(0);
        let sum = 0;
        for (let row = 0; row < batch.rows; row++) {
          const { value, slopes } = loss(scores(weights, batch, row), batch.targets[row]);
          sum += value;
          for (let c = 0; c < classes; c++) {
            if (slopes[c] === 0) continue;
            const step = slopes[c] / batch.rows;
            for (let k = 0; k < features; k++) gradient[c * features + k] += step * batch.inputs[row * features + k];
            gradient[classes * features + c] += step;
          }
        }
        return sum / batch.rows;
      },
      evaluate(weights, batch) {
        const score = { loss: 0, correct: 0 };
        for (let row = 0; row < batch.rows; row++) {
          const found = scores(weights, batch, row);
          score.loss += loss(found, batch.targets[row]).value;
          if (found.indexOf(Math.max(...found)) === batch.targets[row]) score.correct++;
        }
        return score;
      },
      predict(weights, batch, outputs) {
        for (let row = 0; row < batch.rows; row++) outputs.set(scores(weights, batch, row), row * classes);
      },
    }),
  };
};

export default hinge;
