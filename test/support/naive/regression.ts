/**
 * The two regression tasks of the timely system: a true weight vector for all users, a few rows a user, and a model row a user that takes
 * tau SGD steps an update and averages with weight 1/2. Everything that a reader of a paper has to guess is a setting.
 */

import { random } from './random.js';
import type { Learner } from './timely.js';

export interface Regression {
  readonly task: 'linear' | 'tanh';
  readonly users: number;
  readonly features: number;
  /** Rows a user. */
  readonly rows: number;
  /** Deviation of the noise on the targets of the users' rows; the test rows have none. */
  readonly noise: number;
  /** Squared length of the true weights, whose direction is uniform; 'normal': each weight is N(0, 1). */
  readonly truth: number | 'normal';
  readonly testRows: number;
  readonly rate: number;
  /** Steps an update. */
  readonly tau: number;
  /** begin: from a copy of the row taken at the begin, the difference is added at the end; finish: all at once on the row, at the end. */
  readonly gradients: 'begin' | 'finish';
  /** The rows of a step. all: every row of the user; one: a row drawn anew; each: one row, all in turn, in a new order every pass. */
  readonly batch: 'all' | 'one' | 'each';
  /** The loss is `factor` times the mean squared error over the batch: 1/2 or 1. */
  readonly factor: number;
  readonly seed: number;
}

export interface Regressors extends Learner {
  readonly models: readonly (readonly number[])[];
  /** Test error of every user: mean squared error of its predictions over the test rows. */
  errors(): number[];
  /** Mean over users of the squared distance to the mean model: Gamma / n. */
  consensus(): number;
}

interface Row {
  readonly x: readonly number[];
  readonly y: number;
}

export function regression(options: Regression): Regressors {
  const { task, users, features, rows, noise, rate, tau, gradients, batch, factor } = options;
  const draw = random(options.seed);
  const predict = (w: readonly number[], x: readonly number[]) => (task === 'tanh' ? Math.tanh(dot(w, x)) : dot(w, x));
  const vector = () => Array.from({ length: features }, () => draw.normal());

  const truth = vector();
  if (options.truth !== 'normal') {
    const length = Math.sqrt(dot(truth, truth));
    for (let k = 0; k < features; k++) truth[k] *= Math.sqrt(options.truth) / length;
  }
  const row = (deviation: number): Row => {
    const x = vector();
    return { x, y: predict(truth, x) + deviation * draw.normal() };
  };
  const data = Array.from({ length: users }, () => Array.from({ length: rows }, () => row(noise)));
  const test = Array.from({ length: options.testRows }, () => row(0));
  const models = data.map(() => new Array<number>(features).fill(0));
  const copies = models.map(model => [...model]);
  const decks = data.map((): Row[] => []);

  function deal(node: number): Row[] {
    if (batch === 'all') return data[node];
    if (batch === 'one') return [data[node][draw.below(rows)]];
    const deck = decks[node];
    if (deck.length === 0) deck.push(...data[node]);
    return deck.splice(draw.below(deck.length), 1);
  }

  /** `tau` SGD steps on w. */
  function descend(node: number, w: number[]): void {
    for (let step = 0; step < tau; step++) {
      const chosen = deal(node);
      const gradient = new Array<number>(features).fill(0);
      for (const { x, y } of chosen) {
        const p = predict(w, x);
        const slope = task === 'tanh' ? 1 - p * p : 1;
        for (let k = 0; k < features; k++) gradient[k] += (2 * factor * (p - y) * slope * x[k]) / chosen.length;
      }
      for (let k = 0; k < features; k++) w[k] -= rate * gradient[k];
    }
  }

  return {
    models,
    begin(node) {
      copies[node] = [...models[node]];
    },
    finish(node) {
      if (gradients === 'finish') return descend(node, models[node]);
      const w = [...copies[node]];
      descend(node, w);
      for (let k = 0; k < features; k++) models[node][k] += w[k] - copies[node][k];
    },
    mix(from, to, both) {
      for (let k = 0; k < features; k++) {
        const mean = (models[from][k] + models[to][k]) / 2;
        models[to][k] = mean;
        if (both) models[from][k] = mean;
      }
    },
    errors: () => models.map(model => test.reduce((sum, { x, y }) => sum + (predict(model, x) - y) ** 2, 0) / options.testRows),
    consensus() {
      const mean = models[0].map((_, k) => models.reduce((sum, model) => sum + model[k], 0) / users);
      return models.reduce((sum, model) => sum + model.reduce((s, w, k) => s + (w - mean[k]) ** 2, 0), 0) / users;
    },
  };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, k) => sum + value * b[k], 0);
}
