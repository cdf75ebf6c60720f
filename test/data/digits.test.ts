import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Dataset } from '../../src/data/dataset.js';
import { digits } from '../../src/data/digits.js';
import { permuted, source } from '../../src/random.js';

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

test('hard enough for a linear classifier, learnable for a small network', () => {
  const { train, test } = digits(3, 6000, 1000);
  const linear = accuracy(train, test, 0, 4);
  const network = accuracy(train, test, 40, 4);
  assert.ok(linear > 0.8 && linear < 0.92, `softmax ${linear}`);
  assert.ok(network > linear + 0.03 && network < 0.97, `network ${network}`);
});

test('a wrong size is refused', () => {
  for (const rows of [0, -1, 1.5, Number.NaN, 3e6]) assert.throws(() => digits(1, rows, 10), { code: 'CONFIG_RANGE' });
});

/** Plain SGD, one sample at a time, on softmax (`hidden` 0) or a network with one layer of `hidden` rectified units: an oracle apart from src/models. */
function accuracy(train: Dataset, test: Dataset, hidden: number, epochs: number): number {
  const { features, classes } = train;
  const width = hidden || features;
  const order = source(5, 'order');
  let draw = 0;
  const small = (scale: number) => () => scale * ((permuted(order, 9, 0, draw++ % 65_536, 65_536) + 0.5) / 32_768 - 1);
  const first = Float32Array.from({ length: hidden * features }, small(Math.sqrt(6 / features)));
  const firstBias = new Float32Array(hidden);
  const last = Float32Array.from({ length: classes * width }, hidden ? small(Math.sqrt(3 / hidden)) : () => 0);
  const lastBias = new Float32Array(classes);
  const x = new Float32Array(features);
  const a = hidden ? new Float32Array(hidden) : x;
  const back = new Float32Array(hidden);
  const p = new Float32Array(classes);
  const ink = new Int32Array(features); // the pixels that are not 0
  let lit = 0;
  const forward = (data: Dataset, row: number) => {
    lit = 0;
    for (let j = 0; j < features; j++) {
      x[j] = data.inputs[row * features + j] * data.scale;
      if (x[j] !== 0) ink[lit++] = j;
    }
    for (let h = 0; h < hidden; h++) {
      let sum = firstBias[h];
      for (let k = 0; k < lit; k++) sum += first[h * features + ink[k]] * x[ink[k]];
      a[h] = Math.max(0, sum);
    }
    let total = 0;
    for (let c = 0; c < classes; c++) {
      let sum = lastBias[c];
      for (let j = 0; j < width; j++) sum += last[c * width + j] * a[j];
      total += p[c] = Math.exp(sum);
    }
    for (let c = 0; c < classes; c++) p[c] /= total;
  };
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let k = 0; k < train.rows; k++) {
      const row = permuted(order, 0, epoch, k, train.rows);
      forward(train, row);
      p[train.targets[row]] -= 1;
      const rate = epoch < 3 ? 0.01 : 0.003;
      back.fill(0);
      for (let c = 0; c < classes; c++) {
        for (let h = 0; h < hidden; h++) back[h] += p[c] * last[c * width + h];
        for (let j = 0; j < width; j++) last[c * width + j] -= rate * p[c] * a[j];
        lastBias[c] -= rate * p[c];
      }
      for (let h = 0; h < hidden; h++) {
        if (a[h] === 0) continue;
        for (let k = 0; k < lit; k++) first[h * features + ink[k]] -= rate * back[h] * x[ink[k]];
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
