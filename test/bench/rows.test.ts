import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstChoice } from '../../bench/choice.js';
import { rowOf } from '../../bench/gradients.js';
import { exitStatus, table } from '../../bench/measure.js';
import { productTime } from '../../bench/products.js';
import { tolerance } from '../../bench/samples.js';
import { said } from '../../bench/steps.js';

test('a plan is told by what each set takes', () => {
  assert.equal(said('simd'), 'simd');
  const others = ['forward:4x3=blas', 'backward:4x3=simd', 'accumulate:4x3=blas'];
  assert.equal(said(['relaxed', ...others].join()), 'relaxed, 1 product by simd, 2 products by blas');
});

test('a wrong gradient ends the benches with status 1, a missed speed does not', () => {
  const of = (gradient: number) => rowOf({ model: 'm', set: 'simd', loss: 0, gradient, tensor: 't', tensors: 1 });
  const missed = { name: 'slow', value: 1, unit: 'ms', ratio: 0.5, bar: 1 };
  assert.match(table([missed]), /MISSED/);
  assert.equal(exitStatus([missed, of(tolerance)]), 0);
  for (const gradient of [2 * tolerance, Number.NaN]) {
    assert.match(table([missed, of(gradient)]), /WRONG/);
    assert.equal(exitStatus([missed, of(gradient)]), 1);
  }
});

test('the products of a step are all of them, with their sizes', () => {
  const task = { features: 7, shape: [7], classes: 3 };
  const { operations, milliseconds } = productTime({ model: 'mlp:5', task }, 4, 'simd', 0.1);
  // forward and accumulate of both layers, backward of the second alone
  assert.equal(operations, 2 * 4 * (2 * (7 * 5 + 5 * 3) + 5 * 3));
  assert.ok(milliseconds > 0);
});

test('a convolution without patches counts as the product that it is', () => {
  const task = { features: 64, shape: [8, 8], classes: 3 };
  const { operations } = productTime({ model: 'layers:conv-4-3,relu', task }, 5, 'simd', 0.1);
  const [convolution, dense] = [36 * 9 * 4, 36 * 4 * 3];
  // forward and accumulate of both layers, backward of the second alone
  assert.equal(operations, 2 * 5 * (2 * (convolution + dense) + dense));
});

test('the first choice of a process is timed in one', () => {
  assert.ok(firstChoice('mlp:5', { features: 7, shape: [7], classes: 3 }) > 1);
});
