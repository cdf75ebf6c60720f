/** Extremes of Hessians against dense eigenvalues, and against the matrices that linear models have. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namedModel } from '../../src/models/named.js';
import { normal, source } from '../../src/random.js';
import { curvatures, differences } from '../../src/theory/hessian.js';
import { eigenvalues } from '../../src/topology/eigenvalues.js';
import { open, task } from '../models/open.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const near = (found: number, expected: number, error: number) =>
  assert.ok(Math.abs(found - expected) <= error, `found ${found}, expected ${expected}`);

test('both ends are those of all eigenvalues, for matrices of any sign and rank', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 30 }), fc.nat(1e6), (n, rank, seed) => {
      const draws = source(seed, 'matrix');
      const matrix = new Float64Array(n * n);
      for (let r = 0; r < rank; r++)
        for (let i = 0; i < n; i++)
          for (let j = 0; j < n; j++) matrix[i * n + j] += normal(draws, r, i) * normal(draws, r, j) * (r % 3 === 0 ? -1 : 1);
      const product = (v: Float64Array, y: Float64Array) => {
        for (let i = 0; i < n; i++) y[i] = v.reduce((sum, value, j) => sum + matrix[i * n + j] * value, 0);
      };
      const { min, max } = curvatures(n, product);
      const all = eigenvalues(matrix.slice(), n);
      const size = Math.max(...all.map(Math.abs));
      near(min, all[0], 1e-6 * size);
      near(max, all[n - 1], 1e-6 * size);
    }),
    cases(200),
  );
});

test('a diagonal of 10,000 with ends that stand out is known after a few products', () => {
  const n = 10_000;
  const entry = (i: number) => (i === 17 ? 40 : i === 4711 ? -3 : 1 + i / n);
  const found = curvatures(n, (v, y) => {
    for (let i = 0; i < n; i++) y[i] = entry(i) * v[i];
  });
  near(found.max, 40, 1e-6);
  near(found.min, -3, 1e-6);
  assert.ok(found.converged && found.products < 50, `${found.products}`);
});

test('the Hessian of linear regression is the second moment of its inputs', () => {
  const [features, rows] = [12, 40];
  const shape = task(features, 0);
  const { session, weights, gradient, batch } = open(namedModel('linear:bias=false', shape), shape, rows, 'reference', 3);
  for (let i = 0; i < features; i++) weights[i] = Math.cos(i);
  const before = weights.slice();
  const evaluate = () => session.gradient(weights, gradient, batch);
  const moment = new Float64Array(features * features);
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < features; i++)
      for (let j = 0; j < features; j++)
        moment[i * features + j] += (batch.inputs[r * features + i] * batch.inputs[r * features + j]) / rows;
  const all = eigenvalues(moment, features);
  const { min, max } = curvatures(features, differences({ weights, gradient, evaluate }));
  near(max, all[features - 1], 1e-3 * max);
  near(min, all[0], 1e-3 * max);
  assert.deepEqual(weights, before);
});

test('the Hessian of a perceptron by differences has the curvature of its loss along the way', () => {
  const shape = task(6, 3);
  const { session, weights, gradient, batch } = open(namedModel('mlp:5,tanh', shape), shape, 20, 'reference', 4);
  const n = weights.length;
  const product = differences({ weights, gradient, evaluate: () => session.gradient(weights, gradient, batch) });
  const full = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    unit.fill(0);
    unit[i] = 1;
    product(unit, full.subarray(i * n, (i + 1) * n));
  }
  // symmetric up to the differences' error, and the extremes are its own
  let asymmetry = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) asymmetry = Math.max(asymmetry, Math.abs(full[i * n + j] - full[j * n + i]));
  const all = eigenvalues(full.slice(), n);
  assert.ok(asymmetry < 2e-3 * all[n - 1], `asymmetry ${asymmetry} of ${all[n - 1]}`);
  const { min, max } = curvatures(n, product);
  near(max, all[n - 1], 5e-3 * all[n - 1]);
  near(min, all[0], 5e-3 * all[n - 1]);
  // second differences of the loss along a direction
  const v = Float64Array.from({ length: n }, (_, i) => Math.sin(3 * i));
  const hv = new Float64Array(n);
  product(v, hv);
  const start = weights.slice();
  const loss = (by: number) => {
    for (let i = 0; i < n; i++) weights[i] = start[i] + by * v[i];
    return session.evaluate(weights, batch).loss / batch.rows;
  };
  const h = 0.03;
  const bend = (loss(h) - 2 * loss(0) + loss(-h)) / h ** 2;
  near(
    v.reduce((sum, value, i) => sum + value * hv[i], 0),
    bend,
    0.03 * Math.abs(bend) + 0.02,
  );
});

test('weights come back when a gradient fails, and products of nothing are refused', () => {
  const weights = Float32Array.of(1, 2);
  const product = differences({
    weights,
    gradient: new Float32Array(2),
    evaluate: () => {
      throw new Error('lost');
    },
  });
  assert.throws(() => product(Float64Array.of(1, 0), new Float64Array(2)), /lost/);
  assert.deepEqual([...weights], [1, 2]);
  refused(() => curvatures(0, () => {}), 'CONFIG_RANGE', 'size');
  refused(() => curvatures(3, () => {}, 0), 'CONFIG_RANGE', 'products');
  const slope = { weights, gradient: new Float32Array(3), evaluate: () => 0 };
  refused(() => differences(slope), 'CONFIG_RANGE', 'gradient');
  refused(() => differences({ ...slope, gradient: new Float32Array(2), move: 0 }), 'CONFIG_RANGE', 'move');
});
