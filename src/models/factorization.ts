/**
 * Ratings by matrix factorization with biases (Koren, Bell, Volinsky 2009, eq. 5): z = mu + b(user) + b(item) + p(user).q(item), half the
 * squared error. A step moves mu and what its rows' users and items have, and nothing else. The penalty l2 / 2 (b^2 + |p|^2 + ...) of a
 * rating is that of its own user and item; it is in the gradient, not in the loss that is told.
 */

import { squared } from './head.js';
import type { Batch, Model, Task } from './model.js';

export function factorization(name: string, { categories, classes }: Task, rank: number, l2: number): Model {
  const [users, items] = categories!;
  let parameters = 0;
  const layers = Object.entries({
    mean: [1],
    'user.bias': [users],
    'item.bias': [items],
    'user.factors': [users, rank],
    'item.factors': [items, rank],
  }).map(([name, shape]) => {
    const offset = parameters;
    parameters += shape.reduce((product, side) => product * side, 1);
    return { name, shape, offset };
  });
  const first = 1 + users + items;
  return {
    name,
    parameters,
    layers,
    outputs: 1,
    reads: 'whole',
    touched: () => 3 + 2 * rank,
    // scores, slopes and targets, or what a sweep keeps
    workspace: rows => Math.max(3, 2 * rank + 3) * rows,
    initialize(weights, _random, normal) {
      weights.fill(0);
      for (let k = first; k < parameters; k++) weights[k] = 0.1 * normal();
    },
    open(kernels, { byteOffset: scores }, most) {
      const slopes = scores + 4 * most;
      const targets = slopes + 4 * most;
      function look(weights: Float32Array, { rows, lying }: Batch): void {
        const { numbers, inputs } = lying!;
        kernels.factorScores(scores, weights.byteOffset, users, items, rank, inputs, numbers, rows);
        kernels.gatherWords(targets, lying!.targets, numbers, rows, 1);
      }
      return {
        gradient(weights, gradient, batch) {
          look(weights, batch);
          const { rows, lying } = batch;
          const { numbers, inputs } = lying!;
          const sum = squared.loss(kernels, slopes, scores, targets, rows, classes, 1 / rows);
          const [into, at] = [gradient.byteOffset, weights.byteOffset];
          kernels.zero(into, parameters);
          kernels.factorAdd(into, slopes, at, users, items, rank, inputs, numbers, rows, l2 / rows);
          return sum / rows;
        },

        sweep(weights, { rows, lying }, size, rates) {
          const { numbers, inputs, targets } = lying!;
          const at = [users, items, rank, inputs, targets, numbers, rates] as const;
          return kernels.factorSweep(weights.byteOffset, ...at, rows / size, size, l2, scores);
        },

        evaluate(weights, batch) {
          look(weights, batch);
          return { loss: squared.loss(kernels, slopes, scores, targets, batch.rows, classes, 0), correct: 0 };
        },

        predict(weights, batch, predictions) {
          look(weights, batch);
          squared.predict(kernels, predictions, scores, batch.rows, classes);
        },
      };
    },
  };
}
