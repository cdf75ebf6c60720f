/**
 * Two problems at once, in plain TypeScript: ridge regression on inputs that are taken from a centre, and that centre, the mean input, learnt beside it.
 *
 *   x: the weights w and a constant b     1/2 (w . (a - theta) + b - y)^2 + ridge/2 |w|^2, the mean over rows (a, y)
 *   theta: the centre                     1/2 |a - theta|^2, the mean over rows; no gradient of the first problem goes into it
 *
 *   hearsay train --data synthetic:task=linear,features=5 --model ./dist/examples/centred.js:ridge=0.01 \
 *     --algorithm cdsa:ratio=2 --topology ring --optimizer sgd:rate=2,schedule=harmonic,offset=20
 *
 * Layers of the group 'theta' are the parameter: `cdsa` takes steps of `ratio` times the rate on them.
 */

import type { Batch, ModelFactory } from 'hearsay';

const centred: ModelFactory = ({ ridge = '0.01' }, { features }) => {
  const shrink = Number(ridge);
  const theta = features + 1; // behind the weights and the constant

  /** Prediction minus target of one row. */
  function error(weights: Float32Array, { inputs, targets }: Batch, row: number): number {
    let sum = weights[features] - targets[row];
    for (let k = 0; k < features; k++) sum += weights[k] * (inputs[row * features + k] - weights[theta + k]);
    return sum;
  }

  function penalty(weights: Float32Array): number {
    let squares = 0;
    for (let k = 0; k < features; k++) squares += weights[k] * weights[k];
    return (shrink / 2) * squares;
  }

  return {
    name: 'centred',
    parameters: 2 * features + 1,
    layers: [
      { name: 'weight', offset: 0, shape: [features] },
      { name: 'bias', offset: features, shape: [1] },
      { name: 'centre', offset: theta, shape: [features], group: 'theta' },
    ],
    outputs: 1,
    workspace: () => 0,
    initialize: weights => {
      weights.fill(0);
    },
    open: () => ({
      gradient(weights, gradient, batch) {
        gradient.fill(0);
        for (let k = 0; k < features; k++) gradient[k] = shrink * weights[k];
        let loss = penalty(weights);
        for (let row = 0; row < batch.rows; row++) {
          const off = error(weights, batch, row);
          loss += (off * off) / 2 / batch.rows;
          gradient[features] += off / batch.rows;
          for (let k = 0; k < features; k++) {
            const input = batch.inputs[row * features + k];
            gradient[k] += (off * (input - weights[theta + k])) / batch.rows;
            gradient[theta + k] += (weights[theta + k] - input) / batch.rows;
          }
        }
        return loss;
      },
      evaluate(weights, batch) {
        let loss = batch.rows * penalty(weights);
        for (let row = 0; row < batch.rows; row++) loss += error(weights, batch, row) ** 2 / 2;
        return { loss, correct: 0 };
      },
      predict(weights, batch, outputs) {
        for (let row = 0; row < batch.rows; row++) outputs[row] = error(weights, batch, row) + batch.targets[row];
      },
    }),
  };
};

export default centred;
