import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf, buckets, lowestOf, spreadOf } from '../../src/engine/histogram.js';

test('small values are exact and large ones within an eighth', () => {
  for (let value = 0; value < 16384; value++) {
    const low = lowestOf(bucketOf(value));
    assert.ok(low <= value && value < low + Math.max(1, low / 8), `${value} fell into the bucket of ${low}`);
  }
  assert.equal(bucketOf(2 ** 24 - 1), buckets - 1);
});

test('the spread of a known list', () => {
  const counts = new Int32Array(buckets);
  for (let value = 1; value <= 50; value++) counts[bucketOf(value)]++;
  assert.deepEqual(spreadOf(counts), { mean: 25.5, p50: 25, p99: 50 });
  assert.deepEqual(spreadOf(new Int32Array(buckets)), { mean: 0, p50: 0, p99: 0 });
});
