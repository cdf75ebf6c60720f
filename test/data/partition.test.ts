import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Dataset } from '../../src/data/dataset.js';
import { logGamma, proportions } from '../../src/data/dirichlet.js';
import { checkPartition, type Partition, partition } from '../../src/data/partition.js';
import { skew } from '../../src/data/strata.js';
import { HearsayError } from '../../src/errors.js';
import { source, uniform, word } from '../../src/random.js';

const labelled = (targets: Int32Array | Float32Array, classes: number): Dataset => ({
  name: 'made up',
  rows: targets.length,
  features: 1,
  inputs: new Float32Array(targets.length),
  scale: 1,
  shift: 0,
  shape: [1],
  targets,
  classes,
});

const random = source(1, 'partition test');
const ten = (rows: number) =>
  labelled(
    Int32Array.from({ length: rows }, (_, i) => word(random, 0, i) % 10),
    10,
  );
const spec = fc.oneof(
  fc.constant('iid'),
  fc.integer({ min: 1, max: 3 }).map(k => `shards:${k}`),
  fc.constantFrom('0.001', '.05', '0.1', '1', '100', '1000000').map(a => `dirichlet:${a}`),
);
const sizes = ({ offsets }: Partition) => Array.from(offsets.subarray(1), (end, i) => end - offsets[i]);

test('every sample goes to exactly one node, every node gets a batch, the same seed gives the same parts', () => {
  fc.assert(
    fc.property(
      spec,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 200 }),
      fc.maxSafeNat(),
      fc.constantFrom(0, 1, 3, 10),
      (spec, nodes, batch, extra, seed, classes) => {
        const rows = nodes * Math.max(batch, 3) + extra;
        const target = (i: number) => uniform(random, seed % 1000, i);
        const data = classes
          ? labelled(
              Int32Array.from({ length: rows }, (_, i) => Math.floor(target(i) * classes)),
              classes,
            )
          : labelled(
              Float32Array.from({ length: rows }, (_, i) => target(i)),
              0,
            );
        const parts = partition(data, spec, nodes, batch, seed);
        assert.equal(parts.offsets.length, nodes + 1);
        assert.equal(parts.offsets[0], 0);
        assert.equal(parts.offsets[nodes], rows);
        for (const size of sizes(parts)) assert.ok(size >= batch, `${size} < ${batch}`);
        for (let node = 0; node < nodes; node++) {
          const own = parts.indices.subarray(parts.offsets[node], parts.offsets[node + 1]);
          for (let k = 1; k < own.length; k++) assert.ok(own[k - 1] < own[k]);
        }
        assert.deepEqual(
          Uint32Array.from(parts.indices).sort(),
          Uint32Array.from({ length: rows }, (_, i) => i),
        );
        assert.deepEqual(partition(data, spec, nodes, batch, seed), parts);
      },
    ),
    { numRuns: 1000 },
  );
});

test('an exact fit gives every node exactly one batch', () => {
  for (const spec of ['iid', 'shards:2', 'dirichlet:0.01']) {
    assert.deepEqual(new Set(sizes(partition(ten(320), spec, 10, 32, 3))), new Set([32]));
  }
});

test('iid parts differ by at most one row, and look like the whole', () => {
  const data = ten(10_007);
  const parts = partition(data, 'iid', 16, 32, 5);
  assert.ok(Math.max(...sizes(parts)) - Math.min(...sizes(parts)) <= 1);
  assert.ok(skew(data, parts) < 0.08);
});

test('skew rises as alpha falls; shards:1 gives a node at most two classes', () => {
  const data = ten(20_000);
  const of = (spec: string) => {
    let sum = 0;
    for (let seed = 0; seed < 4; seed++) sum += skew(data, partition(data, spec, 20, 8, seed)) / 4;
    return sum;
  };
  const rising = ['iid', 'dirichlet:10', 'dirichlet:1', 'dirichlet:0.1', 'dirichlet:0.01'].map(of);
  for (let k = 1; k < rising.length; k++) assert.ok(rising[k] > rising[k - 1] + 0.01, String(rising));
  assert.ok(of('shards:1') > of('shards:2') && of('shards:2') > of('shards:8'));
  const parts = partition(data, 'shards:1', 20, 8, 1);
  for (let node = 0; node < 20; node++) {
    const labels = new Set(
      Array.from(parts.indices.subarray(parts.offsets[node], parts.offsets[node + 1]), i => data.targets[i]),
    );
    assert.ok(labels.size <= 2);
  }
});

test('different seeds and specs give different parts', () => {
  const data = ten(1000);
  for (const spec of ['iid', 'shards:2', 'dirichlet:1']) {
    assert.notDeepEqual(partition(data, spec, 8, 4, 1), partition(data, spec, 8, 4, 2));
  }
});

test('gamma variates have mean and variance alpha; proportions are a distribution', () => {
  for (const alpha of [0.1, 0.5, 1, 2.5, 40]) {
    const n = 20_000;
    let mean = 0;
    let square = 0;
    for (let i = 0; i < n; i++) {
      const value = Math.exp(logGamma(random, i, alpha));
      mean += value / n;
      square += (value * value) / n;
    }
    assert.ok(Math.abs(mean - alpha) < 5 * Math.sqrt(alpha / n), `mean ${mean} of alpha ${alpha}`);
    assert.ok(Math.abs(square - mean * mean - alpha) < 0.12 * alpha, `variance ${square - mean * mean} of alpha ${alpha}`);
  }
  for (const alpha of [1e-3, 0.1, 1, 1e6]) {
    const shares = new Float64Array(50);
    proportions(source(3, `shares ${alpha}`), alpha, shares);
    assert.ok(shares.every(share => share >= 0 && share <= 1));
    assert.ok(Math.abs(shares.reduce((sum, share) => sum + share) - 1) < 1e-12);
  }
  // The variance of one share is (m - 1) / (m^2 (m alpha + 1)).
  const m = 8;
  let square = 0;
  for (let k = 0; k < 4000; k++) {
    const shares = new Float64Array(m);
    proportions(source(k, 'variance'), 0.5, shares);
    square += (shares[0] - 1 / m) ** 2 / 4000;
  }
  const expected = (m - 1) / (m * m * (m * 0.5 + 1));
  assert.ok(Math.abs(square / expected - 1) < 0.15, `${square} ${expected}`);
});

test('too few rows: the message names the node count and the batch that fit', () => {
  assert.throws(
    () => partition(ten(100), 'iid', 16, 32, 1),
    (error: HearsayError) => error.code === 'DATA_TOO_SMALL' && /at most 3 nodes.*batch 6/.test(error.message),
  );
  assert.throws(() => partition(ten(7), 'iid', 8, 8, 1), { code: 'DATA_TOO_SMALL' });
  assert.throws(() => partition(ten(100), 'shards:20', 10, 1, 1), { code: 'DATA_TOO_SMALL', message: /shards:10/ });
});

test('a wrong spec, node count or batch is refused', () => {
  const bad = ['', 'IID', 'iid:1', 'shards', 'shards:0', 'shards:-1', 'shards:1.5', 'shards:1e3', 'dirichlet', 'dirichlet:'];
  bad.push('dirichlet:0', 'dirichlet:-1', 'dirichlet:NaN', 'dirichlet:.', 'dirichlet:0x1', 'dirichlet:1e9', 'x');
  for (const spec of bad) {
    assert.throws(() => checkPartition(spec), { code: 'CONFIG_RANGE' }, spec);
    assert.throws(() => partition(ten(100), spec, 2, 1, 1), HearsayError);
  }
  for (const value of [0, -1, 2.5, Number.NaN, 1e10]) {
    assert.throws(() => partition(ten(100), 'iid', value, 1, 1), { code: 'CONFIG_RANGE' });
    assert.throws(() => partition(ten(100), 'iid', 1, value, 1), { code: 'CONFIG_RANGE' });
  }
});
