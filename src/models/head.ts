/** What stands at the end of a network: how scores become a loss, a prediction and a right answer. */

import type { Address, Kernels } from './kernels/kernels.js';
import type { HeadKind } from './layers/operation.js';

export interface Head {
  readonly kind: HeadKind;
  /** Scores that the last layer gives for one input row. */
  scores(classes: number): number;
  /** Values that a prediction has for one input row. */
  outputs(classes: number): number;
  /** Sum of the losses of `rows` rows. `gradient`, which may be `scores`, becomes the gradient of `scale` times that sum in the scores. */
  loss(
    kernels: Kernels,
    gradient: Address,
    scores: Address,
    targets: Address,
    rows: number,
    classes: number,
    scale: number,
  ): number;
  /** Rows answered rightly, from their scores. */
  correct(kernels: Kernels, scores: Address, targets: Address, rows: number, classes: number): number;
  /** Predictions (rows x outputs) from scores, which may be changed. */
  predict(kernels: Kernels, predictions: Float32Array, scores: Address, rows: number, classes: number): void;
}

/** Cross-entropy of a softmax over the classes. */
export const softmax: Head = {
  kind: 'softmax',
  scores: classes => classes,
  outputs: classes => classes,
  loss: (kernels, gradient, scores, targets, rows, classes, scale) =>
    kernels.softmaxLoss(gradient, scores, targets, rows, classes, scale),
  correct: (kernels, scores, targets, rows, classes) => kernels.correct(scores, targets, rows, classes),
  predict(kernels, predictions, scores, rows, classes) {
    kernels.softmax(scores, scores, rows, classes);
    predictions.set(new Float32Array(kernels.memory.buffer, scores, rows * classes));
  },
};

/** Two classes by one score: the logarithm of the odds of class 1. */
export const logistic: Head = {
  kind: 'logistic',
  scores: () => 1,
  outputs: () => 2,
  loss: (kernels, gradient, scores, targets, rows, _classes, scale) =>
    kernels.logisticLoss(gradient, scores, targets, rows, scale),
  correct(kernels, scores, targets, rows) {
    const odds = new Float32Array(kernels.memory.buffer, scores, rows);
    const labels = new Int32Array(kernels.memory.buffer, targets, rows);
    let count = 0;
    for (let r = 0; r < rows; r++) if (odds[r] > 0 === (labels[r] === 1)) count++;
    return count;
  },
  predict(kernels, predictions, scores, rows) {
    kernels.logistic(scores, scores, rows);
    const chance = new Float32Array(kernels.memory.buffer, scores, rows);
    for (let r = 0; r < rows; r++) {
      predictions[2 * r] = 1 - chance[r];
      predictions[2 * r + 1] = chance[r];
    }
  },
};

/** Two classes by one score, which is to be beyond 1 on its side; as predictions -z and z, of which the larger wins. */
export const hinge: Head = {
  kind: 'hinge',
  scores: () => 1,
  outputs: () => 2,
  loss: (kernels, gradient, scores, targets, rows, _classes, scale) => kernels.hingeLoss(gradient, scores, targets, rows, scale),
  correct: logistic.correct,
  predict(kernels, predictions, scores, rows) {
    const score = new Float32Array(kernels.memory.buffer, scores, rows);
    for (let r = 0; r < rows; r++) {
      predictions[2 * r] = -score[r];
      predictions[2 * r + 1] = score[r];
    }
  },
};

/** Half the squared error of one real output. */
export const squared: Head = {
  kind: 'squared',
  scores: () => 1,
  outputs: () => 1,
  loss: (kernels, gradient, scores, targets, rows, _classes, scale) =>
    kernels.squaredLoss(gradient, scores, targets, rows, scale),
  correct: () => 0,
  predict(kernels, predictions, scores, rows) {
    predictions.set(new Float32Array(kernels.memory.buffer, scores, rows));
  },
};
