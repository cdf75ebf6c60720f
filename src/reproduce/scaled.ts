/**
 * Logistic regression on features of very different sizes. The label is the sign of the sum of all features, whatever the targets of the
 * data are; then feature k of d is multiplied by 10^(s (2k/(d-1) - 1)), from 10^-s to 10^s. All count alike, and weights divided by the
 * sizes do as well as before; plain descent alone sees the difference.
 */

import { exp } from '../exponential.js';
import { logarithm } from '../logarithm.js';
import type { Batch, Model, Task } from '../models/model.js';

/** `spread` is s. */
export default function scaled({ spread = '2' }: Readonly<Record<string, string>>, { features: d }: Task): Model {
  const sizes = Float64Array.from({ length: d }, (_, k) => exp(Math.LN10 * Number(spread) * ((2 * k) / Math.max(1, d - 1) - 1)));

  /** Sum of the losses; `each` gets a row and the derivative of its loss by the score. */
  function pass(weights: Float32Array, { rows, inputs }: Batch, each: (row: number, slope: number) => void) {
    let loss = 0;
    let correct = 0;
    for (let row = 0; row < rows; row++) {
      let score = 0;
      let sum = 0;
      for (let k = 0; k < d; k++) {
        score += weights[k] * sizes[k] * inputs[row * d + k];
        sum += inputs[row * d + k];
      }
      const sign = sum > 0 ? 1 : -1;
      const margin = sign * score;
      const tail = exp(-Math.abs(margin)); // log(1 + exp(-m)) = max(-m, 0) + log(1 + exp(-|m|))
      loss += Math.max(-margin, 0) + logarithm(1 + tail);
      if (margin > 0) correct++;
      each(row, (-sign * (margin > 0 ? tail : 1)) / (1 + tail));
    }
    return { loss, correct };
  }

  return {
    name: 'scaled',
    parameters: d,
    layers: [{ name: 'weight', offset: 0, shape: [d] }],
    outputs: 1,
    workspace: () => 0,
    initialize: weights => void weights.fill(0),
    open: () => ({
      gradient(weights, gradient, batch) {
        const sums = new Float64Array(d);
        const { loss } = pass(weights, batch, (row, slope) => {
          for (let k = 0; k < d; k++) sums[k] += slope * sizes[k] * batch.inputs[row * d + k];
        });
        for (let k = 0; k < d; k++) gradient[k] = sums[k] / batch.rows;
        return loss / batch.rows;
      },
      evaluate: (weights, batch) => ({ ...pass(weights, batch, () => {}), correct: 0 }),
      predict: (_weights, _batch, outputs) => void outputs.fill(0),
    }),
  };
}
