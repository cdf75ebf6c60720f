import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { load } from '../../src/data/load.js';
import { readSynthetic, synthetic, trueWeights } from '../../src/data/synthetic.js';

const seed = 1;
const scores = (inputs: ArrayLike<number>, w: Float64Array) =>
  Float64Array.from({ length: inputs.length / w.length }, (_, row) =>
    w.reduce((sum, weight, k) => sum + weight * inputs[row * w.length + k], 0),
  );
const mean = (values: Iterable<number>) => {
  const list = [...values];
  return list.reduce((sum, value) => sum + value, 0) / list.length;
};

test('settings are read, with defaults, and the data have their shape', async () => {
  assert.deepEqual(readSynthetic('synthetic'), { task: 'linear', rows: 1000, features: 10, noise: 0.1, test: 1000 });
  const { train, test } = await load('synthetic:task=tanh,rows=50,features=7,noise=0,test=20', { seed });
  for (const [data, rows] of [
    [train, 50],
    [test, 20],
  ] as const) {
    assert.deepEqual([data.rows, data.features, data.shape, data.classes, data.scale, data.shift], [rows, 7, [7], 0, 1, 0]);
    assert.ok(data.inputs instanceof Float32Array && data.targets instanceof Float32Array);
    assert.deepEqual([data.inputs.length, data.targets.length], [7 * rows, rows]);
  }
  const scaled = await load('synthetic:rows=50', { seed, standardize: 'features' });
  assert.equal(scaled.train.standard!.mean.length, 10);
});

test('the same seed gives the same bytes in every engine, another one others; fewer rows are the beginning of more', () => {
  const sha256 = (...parts: ArrayBufferView[]) =>
    parts.reduce((hash, { buffer }) => hash.update(new Uint8Array(buffer)), createHash('sha256')).digest('hex');
  const hashes = ['linear', 'tanh'].map(task => {
    const { train, test } = synthetic(readSynthetic(`synthetic:task=${task},rows=300,test=100`), seed);
    return sha256(train.inputs, train.targets, test.inputs, test.targets);
  });
  assert.deepEqual(hashes, [
    '0753dcb108615ffe46ddbacc72130fdb341e772d5da1d9ef3d3c2e01cf468700',
    'a0d7951fc9ede461106273ce6484e2a3475c0ef43cbd461b547cbcc05a4949a1',
  ]);
  const { train, test } = synthetic(readSynthetic('synthetic:rows=300,test=100'), seed);
  const fewer = synthetic(readSynthetic('synthetic:rows=100,test=100'), seed);
  assert.deepEqual(fewer.train.inputs, train.inputs.slice(0, 1000));
  assert.deepEqual(fewer.train.targets, train.targets.slice(0, 100));
  assert.deepEqual(fewer.test, test);
  assert.notDeepEqual(fewer.test.inputs, fewer.train.inputs);
  assert.notDeepEqual(synthetic(readSynthetic('synthetic:rows=100,test=100'), 2).train.inputs, fewer.train.inputs);
});

test('inputs are N(0, 1), without correlation between features or with the noise', () => {
  const { train } = synthetic(readSynthetic('synthetic:rows=20000,features=5,noise=0.5'), 3);
  const { inputs, targets, rows } = train;
  const column = (k: number) => Float64Array.from({ length: rows }, (_, row) => inputs[5 * row + k]);
  const fitted = scores(inputs, trueWeights(5, 3));
  const columns = [...[0, 1, 2, 3, 4].map(column), Float64Array.from(targets, (target, row) => (target - fitted[row]) / 0.5)];
  const bound = 5 / Math.sqrt(rows);
  columns.forEach((a, i) => {
    assert.ok(Math.abs(mean(a)) < bound, `mean ${i}`);
    assert.ok(Math.abs(mean(a.map(x => x * x)) - 1) < bound * Math.SQRT2, `variance ${i}`);
    assert.ok(Math.abs(mean(a.map(x => x ** 4)) - 3) < bound * Math.sqrt(96), `fourth moment ${i}`);
    columns.slice(0, i).forEach((b, j) => {
      assert.ok(Math.abs(mean(a.map((x, row) => x * b[row]))) < bound, `correlation ${i}, ${j}`);
    });
  });
});

test('the true weights have squared length features / 2 and no preferred direction', () => {
  const sums = new Float64Array(8);
  for (let seed = 0; seed < 400; seed++) {
    const w = trueWeights(8, seed);
    assert.ok(Math.abs(w.reduce((sum, value) => sum + value * value, 0) - 4) < 1e-12);
    for (let k = 0; k < 8; k++) sums[k] += w[k];
  }
  // a coordinate has variance 4 / 8
  for (const sum of sums) assert.ok(Math.abs(sum) < 5 * Math.sqrt(400 / 2), `sum ${sum}`);
  assert.equal(Math.abs(trueWeights(1, 5)[0]), Math.sqrt(1 / 2));
});

test('test targets are w.x, or tanh(w.x), without noise', () => {
  for (const [task, f] of [
    ['linear', (z: number) => z],
    ['tanh', Math.tanh],
  ] as const) {
    const { test } = synthetic(readSynthetic(`synthetic:task=${task},noise=3,rows=1`), 9);
    scores(test.inputs, trueWeights(10, 9)).forEach((z, row) => {
      assert.ok(Math.abs(test.targets[row] - f(z)) < 1e-6, `${task}: row ${row}`);
    });
  }
});

test('bad settings get their codes', async () => {
  for (const [spec, code, message] of [
    ['synthetic:task=cubic', 'CONFIG_RANGE', /task: found 'cubic'.*linear \| tanh/],
    ['synthetic:rows=0', 'CONFIG_RANGE', /rows: found '0'.*from 1 to 2000000/],
    ['synthetic:rows=1e3', 'CONFIG_RANGE', /rows/],
    ['synthetic:rows=2000001', 'CONFIG_RANGE', /rows/],
    ['synthetic:test=0', 'CONFIG_RANGE', /test/],
    ['synthetic:features=0', 'CONFIG_RANGE', /features/],
    ['synthetic:features=10001', 'CONFIG_RANGE', /features/],
    ['synthetic:noise=-1', 'CONFIG_RANGE', /noise/],
    ['synthetic:noise=much', 'CONFIG_RANGE', /noise/],
    ['synthetic:5', 'CONFIG_RANGE', /no plain value/],
    ['synthetic:', 'CONFIG_RANGE', /empty setting/],
    ['synthetic:row=5', 'CONFIG_UNKNOWN_KEY', /known are task, rows, features, noise, test.*did you mean rows/],
    ['synthetic:rows=5,rows=6', 'CONFIG_TYPE', /given twice/],
    ['synthetic:rows=2000000,features=1000', 'DATA_TOO_LARGE', /2000000 \+ 1000 rows.*allowed are 268435456/],
  ] as const) {
    await assert.rejects(load(spec, { seed }), { code, message }, spec);
  }
  await assert.rejects(load('synthetics', { seed }), { code: 'DATA_NOT_FOUND' });
});
