import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Dataset } from '../../src/data/dataset.js';
import { digits } from '../../src/data/digits.js';
import { permuted, source, uniform } from '../../src/random.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('the same seed draws the same digits in every engine; a smaller set is the beginning of a larger one', () => {
  const { train, test } = digits(1, 300, 100);
  assert.equal(sha256(train.inputs as Uint8Array), '8bfd22540e85aba04426deea94812f56d5df18005af885c1fec3ac3f29efac77');
  assert.notDeepEqual(train.inputs.subarray(0, 78_400), test.inputs);
  const shorter = digits(1, 100, 1).train;
  assert.deepEqual(shorter.inputs, train.inputs.subarray(0, 78_400));
  assert.notDeepEqual(digits(2, 100, 1).train.inputs, shorter.inputs);
});

test('digits are bytes of 28 x 28 with labels 0 to 9, all about as frequent, and ink on every sheet', () => {
  const { train, test } = digits(7, 5000, 1000);
  for (const data of [train, test]) {
    assert.ok(data.inputs instanceof Uint8Array);
    assert.deepEqual([data.features, data.classes, data.shape, data.scale], [784, 10, [28, 28], 1 / 255]);
    assert.equal(data.inputs.length, data.rows * 784);
    const counts = new Array(10).fill(0);
    for (const label of data.targets) counts[label]++;
    for (const count of counts) assert.ok(Math.abs(count - data.rows / 10) < 5 * Math.sqrt(data.rows / 10), String(counts));
    for (let row = 0; row < data.rows; row++) {
      const bright = data.inputs.subarray(row * 784, (row + 1) * 784).filter(value => value > 128).length;
      assert.ok(bright >= 10 && bright <= 350, `row ${row}: ${bright} bright pixels`);
    }
  }
});

test('hard enough for a linear classifier, learnable for a small network', t => {
  const { train, test } = digits(3, 4000, 1000);
  const linear = accuracy(train, test, 0, 4);
  const network = accuracy(train, test, 40, 4);
  t.diagnostic(`4,000 digits: softmax ${linear}, 40 hidden units ${network}`);
  assert.ok(linear > 0.8 && linear < 0.92, `softmax ${linear}`);
  assert.ok(network > linear + 0.03 && network < 0.97, `network ${network}`);
});

const long = process.env.HEARSAY_LONG ? false : 'two minutes long; set HEARSAY_LONG to run it';

test('at full size a linear classifier reaches about 90 %, 128 hidden units 97 to 98 %', { skip: long }, t => {
  const { train, test } = digits(1);
  const linear = accuracy(train, test, 0, 8);
  const network = accuracy(train, test, 128, 8);
  t.diagnostic(`20,000 digits: softmax ${linear}, 128 hidden units ${network}`);
  assert.ok(linear > 0.88 && linear < 0.92, `softmax ${linear}`);
  assert.ok(network > 0.97 && network < 0.99, `network ${network}`);
});

test('a wrong size is refused', () => {
  for (const rows of [0, -1, 1.5, Number.NaN, 3e6]) assert.throws(() => digits(1, rows, 10), { code: 'CONFIG_RANGE' });
});

/**
 * Test accuracy after plain SGD, one sample at a time, of softmax (`hidden` 0) or of a network with one layer of `hidden` rectified
 * units. Written apart from src/models: it measures the data, and stays what it is.
 */
function accuracy(train: Dataset, test: Dataset, hidden: number, epochs: number): number {
  const { features, classes } = train;
  const width = hidden || features;
  const order = source(5, 'order');
  const small = (scale: number, node: number) => (_: unknown, i: number) => scale * (2 * uniform(order, node, i) - 1);
  const first = Float32Array.from({ length: hidden * features }, small(Math.sqrt(6 / features), 1));
  const last = Float32Array.from({ length: classes * width }, small(hidden ? Math.sqrt(3 / hidden) : 0, 2));
  const firstBias = new Float32Array(hidden);
  const lastBias = new Float32Array(classes);
  const x = new Float32Array(features);
  const a = hidden ? new Float32Array(hidden) : x;
  const back = new Float32Array(hidden);
  const p = new Float32Array(classes);
  const forward = (data: Dataset, row: number) => {
    for (let j = 0; j < features; j++) x[j] = data.inputs[row * features + j] * data.scale;
    for (let h = 0; h < hidden; h++) a[h] = Math.max(0, firstBias[h] + dot(first, h * features, x));
    let total = 0;
    for (let c = 0; c < classes; c++) total += p[c] = Math.exp(lastBias[c] + dot(last, c * width, a));
    for (let c = 0; c < classes; c++) p[c] /= total;
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rate = epoch < 0.7 * epochs ? 0.01 : 0.003;
    for (let k = 0; k < train.rows; k++) {
      const row = permuted(order, 0, epoch, k, train.rows);
      forward(train, row);
      p[train.targets[row]] -= 1;
      back.fill(0);
      for (let c = 0; c < classes; c++) {
        for (let h = 0; h < hidden; h++) back[h] += p[c] * last[c * width + h];
        add(last, c * width, a, -rate * p[c]);
        lastBias[c] -= rate * p[c];
      }
      for (let h = 0; h < hidden; h++) {
        if (a[h] === 0) continue;
        add(first, h * features, x, -rate * back[h]);
        firstBias[h] -= rate * back[h];
      }
    }
  }
  let right = 0;
  for (let row = 0; row < test.rows; row++) {
    forward(test, row);
    if (p.indexOf(Math.max(...p)) === test.targets[row]) right++;
  }
  return right / test.rows;
}

function dot(weights: Float32Array, at: number, x: Float32Array): number {
  let even = 0;
  let odd = 0;
  for (let j = 0; j < x.length; j += 2) {
    even += weights[at + j] * x[j];
    odd += weights[at + j + 1] * x[j + 1];
  }
  return even + odd;
}

function add(weights: Float32Array, at: number, x: Float32Array, factor: number): void {
  for (let j = 0; j < x.length; j++) weights[at + j] += factor * x[j];
}
