/**
 * Linear models of sparse rows: one score a row, x.w + b, and a loss of it. Rows are read where they lie, and a step of SGD moves the
 * coordinates of its rows alone. The penalty l2 / 2 |w|^2 (without the bias) is in the gradient, not in the loss that is told: it is the
 * decay of a step, which a scale beside the weights does for all of them at once, or where threads share the weights each row for those that
 * it touches (see SparseKernels).
 */

import type { Head } from './head.js';
import { hinge, logistic, squared } from './head.js';
import type { Kernels } from './kernels/kernels.js';
import type { Batch, Model, Session, Task } from './model.js';
import { network, perceptron } from './network.js';

const losses = {
  squared: { code: 0, head: squared },
  logistic: { code: 1, head: logistic },
  hinge: { code: 2, head: hinge },
} as const;

export interface SparseLinear {
  readonly loss: keyof typeof losses;
  readonly l2?: number;
  /** False for a model without b. */
  readonly bias?: boolean;
}

export function sparseLinear(name: string, task: Task, { loss, l2 = 0, bias: isBiased = true }: SparseLinear): Model {
  const { features, classes } = task;
  const { code, head } = losses[loss];
  const bias = isBiased ? 1 : 0;
  return {
    name,
    parameters: features + bias,
    layers: [
      { name: 'weight', offset: 0, shape: [features, 1] },
      ...(isBiased ? [{ name: 'bias', offset: features, shape: [1] }] : []),
    ],
    outputs: head.outputs(classes),
    // As data it is the dense layer that it would be on rows that are whole.
    graph: network(name, task, perceptron([], 1, 'relu', { bias: isBiased }), head).graph,
    reads: 'sparse',
    touched: entries => entries + bias,
    // scores, slopes, targets
    workspace: rows => 3 * rows,
    initialize: weights => {
      weights.fill(0);
    },
    open: (kernels, work, rows) => openSession(kernels, head, work.byteOffset, rows),
  };

  function openSession(kernels: Kernels, head: Head, scores: number, most: number): Session {
    const slopes = scores + 4 * most;
    const targets = slopes + 4 * most;

    /** Scores and targets of the rows. */
    function look(weights: Float32Array, { rows, lying }: Batch): void {
      kernels.sparseScores(scores, weights.byteOffset, features, bias, lying!, rows);
      kernels.gatherWords(targets, lying!.targets, lying!.numbers, rows, 1);
    }

    return {
      gradient(weights, gradient, batch) {
        look(weights, batch);
        const { rows, lying } = batch;
        const sum = head.loss(kernels, slopes, scores, targets, rows, classes, 1 / rows);
        const into = gradient.byteOffset;
        kernels.zero(into, gradient.length);
        // l2 w, but for the bias: its place is put to 0 again
        if (l2 > 0) {
          kernels.add(into, into, weights.byteOffset, l2, features);
          if (isBiased) gradient[features] = 0;
        }
        kernels.sparseAdd(into, slopes, features, bias, lying!, rows);
        return sum / rows;
      },

      sweep(weights, { rows, lying }, size, rates, isShared) {
        const { targets, spread } = lying!;
        const pull = isShared && l2 > 0 ? spread : 0;
        const at = weights.byteOffset;
        return kernels.sparseSweep(at, features, bias, lying!, targets, rates, rows / size, size, code, l2, pull, scores);
      },

      evaluate(weights, batch) {
        look(weights, batch);
        const correct = head.correct(kernels, scores, targets, batch.rows, classes);
        return { loss: head.loss(kernels, slopes, scores, targets, batch.rows, classes, 0), correct };
      },

      predict(weights, batch, predictions) {
        look(weights, batch);
        head.predict(kernels, predictions, scores, batch.rows, classes);
      },
    };
  }
}
