/** The range of good gammas, and the two models that R6 and R9 bring along. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Model, ModelFactory } from '../../src/models/model.js';
import { source } from '../../src/random.js';
import { goodRange } from '../../src/reproduce/adaptive.js';
import leaps, { period } from '../../src/reproduce/leaps.js';
import scattered from '../../src/reproduce/scattered.js';

const close = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-9, `${found}, must be ${expected}`);

test('the ends of the range are where the loss crosses 1.25 times the least, on straight lines between logarithms', () => {
  const loss = (gamma: number) => Math.exp(2 * Math.abs(Math.log(gamma / 0.1)));
  const gammas = [0.01, 0.05, 0.1, 0.2, 1];
  const [low, high] = goodRange(gammas, gammas.map(loss));
  close(low, 0.1 / Math.sqrt(1.25));
  close(high, 0.1 * Math.sqrt(1.25));
  const [from, to] = goodRange([1, 10, 100], [1.5625, 1, 1.2]);
  close(from, 10 ** 0.5);
  assert.ok(Number.isNaN(to), 'an end beyond what was tried is not known');
});

const task = { features: 1, shape: [1], classes: 0 };

function open(factory: ModelFactory, parameters: number) {
  const model: Model = factory({ parameters: String(parameters) }, task);
  assert.equal(model.parameters, parameters);
  const session = model.open(undefined as never, new Float32Array(0), 1);
  const draws = source(1, 'batches');
  return (node: number, step: number) => {
    const gradient = new Float32Array(parameters).fill(Number.NaN);
    const batch = { rows: 1, inputs: new Float32Array(1), targets: new Float32Array(1), chance: { source: draws, node, step } };
    session.gradient(new Float32Array(parameters), gradient, batch);
    return gradient;
  };
}

test('a step that leaps adds one to the sum of all weights, the others nothing', () => {
  const gradient = open(leaps, 16);
  let longest = 0;
  for (let step = 0; step < 3 * period; step++) {
    const one = gradient(3, step);
    const sum = one.reduce((total, value) => total - value, 0);
    close(Math.round(1e6 * sum), (step + 76) % period === 0 ? 1e6 : 0);
    if ((step + 76) % period !== 0) longest = Math.max(longest, ...one.map(Math.abs));
  }
  assert.ok(longest > 0.02 && longest < 0.2, `${longest}`);
});

test('scattered models move once, each to a place of its own', () => {
  const gradient = open(scattered, 200);
  const [a, b] = [gradient(0, 0), gradient(1, 0)];
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const one of [a, b]) {
    assert.ok(Math.abs(mean(one)) < 0.3);
    assert.ok(Math.abs(mean(one.map(value => value * value)) - 1) < 0.4);
  }
  assert.ok(Math.abs(mean(a.map((value, k) => value * b[k]))) < 0.3);
  assert.ok(gradient(0, 1).every(value => value === 0));
});
