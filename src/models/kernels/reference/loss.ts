import type { LossKernels } from '../contract/loss.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** Losses in f64. */
export function lossKernels(memory: Memory): LossKernels {
  const floats = new Float32Array(memory.buffer);
  const labels = new Int32Array(memory.buffer);
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

  /** By how much y z is less than 1, y = -1 or 1. */
  const short = (z: number, label: number) => f32(1 - (2 * label - 1) * z);

  /** The loss of one score a row, and its slope. */
  const pointwise =
    (targets: ArrayLike<number>, loss: (z: number, target: number) => number, slope: (z: number, target: number) => number) =>
    (gradient: number, scores: number, first: number, rows: number, scale: number) => {
      let total = 0;
      for (let r = 0; r < rows; r++) {
        const z = floats[(scores >>> 2) + r];
        const target = targets[(first >>> 2) + r];
        total += loss(z, target);
        floats[(gradient >>> 2) + r] = scale * slope(z, target);
      }
      return total;
    };

  /** to = softmax of a row; returns log(sum of exp). */
  function softmaxRow(to: number, from: number, classes: number): number {
    let high = -Infinity;
    for (let j = 0; j < classes; j++) high = Math.max(high, floats[from + j]);
    let sum = 0;
    for (let j = 0; j < classes; j++) sum += Math.exp(floats[from + j] - high);
    for (let j = 0; j < classes; j++) floats[to + j] = Math.exp(floats[from + j] - high) / sum;
    return high + Math.log(sum);
  }

  return {
    softmaxLoss(gradient, scores, targets, rows, classes, scale) {
      gradient >>>= 2;
      scores >>>= 2;
      targets >>>= 2;
      let loss = 0;
      for (let r = 0; r < rows; r++) {
        const label = labels[targets + r];
        const score = floats[scores + r * classes + label];
        loss += softmaxRow(gradient + r * classes, scores + r * classes, classes) - score;
        floats[gradient + r * classes + label] -= 1;
        for (let j = 0; j < classes; j++) floats[gradient + r * classes + j] *= scale;
      }
      return loss;
    },

    logisticLoss: pointwise(
      labels,
      (z, label) => Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z))),
      (z, label) => sigmoid(z) - label,
    ),

    hingeLoss: pointwise(
      labels,
      (z, label) => (short(z, label) > 0 ? short(z, label) : z * 0),
      (z, label) => (short(z, label) > 0 ? 1 - 2 * label : 0),
    ),

    squaredLoss: pointwise(
      floats,
      (z, target) => 0.5 * (z - target) * (z - target),
      (z, target) => z - target,
    ),

    softmax(probabilities, scores, rows, classes) {
      for (let r = 0; r < rows; r++) softmaxRow((probabilities >>> 2) + r * classes, (scores >>> 2) + r * classes, classes);
    },

    logistic(probabilities, scores, rows) {
      for (let r = 0; r < rows; r++) floats[(probabilities >>> 2) + r] = sigmoid(floats[(scores >>> 2) + r]);
    },

    correct(scores, targets, rows, classes) {
      scores >>>= 2;
      targets >>>= 2;
      let count = 0;
      for (let r = 0; r < rows; r++) {
        let best = 0;
        for (let j = 1; j < classes; j++) if (floats[scores + r * classes + j] > floats[scores + r * classes + best]) best = j;
        if (best === labels[targets + r]) count++;
      }
      return count;
    },
  };
}
