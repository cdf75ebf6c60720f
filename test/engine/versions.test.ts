/** Version vectors in sums: planes beside params, and nothing written where no row is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plane } from '../../src/engine/layout.js';
import { openVersions, versionWords } from '../../src/engine/versions.js';

const nodes = 3;
const rows = 3;
const stride = 32;

/** Node i has made 10 i + 1 versions, and knows of no other. The memory has room for places that no row is at. */
function stage() {
  const buffer = new ArrayBuffer(20 * rows * stride * 4);
  const plane = { sides: 1, bit: -1, stride, width: versionWords(nodes) } as Plane;
  const ints = new Int32Array(buffer);
  for (let node = 0; node < nodes; node++) ints[node * stride + node] = 10 * node + 1;
  const versions = openVersions(
    buffer,
    plane,
    nodes,
    nodes,
    row => row * stride * 4,
    () => 7,
  );
  return { versions, of: (row: number) => [...ints.slice(row * stride, row * stride + nodes)], ints };
}

test('a sum that goes to another plane leaves the versions of the rows, and all memory behind them', () => {
  const { versions, ints } = stage();
  const before = ints.slice();
  versions.sum([2 * rows, 2 * rows + 1, 5 * rows + 2], [3 * rows, 3 * rows + 1], [0.5, 0.5], rows);
  assert.deepEqual(ints, before);
});

test('a model that takes another plane of a row contains what the row does, and no update more; a delta is one more', () => {
  const { versions, of, ints } = stage();
  const before = ints.slice(rows * stride);
  versions.sum([0, 2 * rows + 1], [0, 3 * rows + 1, rows, rows + 2], [1, 1, 1, 0, 1, 1, 1, 1], rows);
  assert.deepEqual([0, 1, 2].map(of), [
    [2, 11, 0],
    [0, 11, 0],
    [0, 0, 21],
  ]);
  assert.deepEqual(ints.slice(rows * stride), before);
});
