/** A desk has room for the rows that there are, not for as many as it could look at together. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesOf } from '../../src/threads/desk.js';
import { kindOf, made } from '../support/made.js';

const features = 3_000_000;

test('one dense row of three million numbers is answered and judged by a model of sparse rows', { timeout: 60_000 }, async () => {
  const kind = kindOf([features], 2, { entries: 3 });
  const model = await made('hinge', kind);
  const row = new Float32Array(features);
  for (let k = 0; k < features; k += 7) row[k] = 1 + (k % 5);
  let score = model.weights[features];
  for (let k = 0; k < features; k += 7) score += row[k] * model.weights[k];
  // 256 such rows at a time would take 6 GB.
  const answer = model.predict(row);
  assert.ok(Math.abs(answer[1] - score) < 1e-3 * (1 + Math.abs(score)), `${answer[1]} ${score}`);
  assert.equal(answer[0], -answer[1]);
  const again = model.with(model.weights);
  const dataset = { ...kind, name: 'one', rows: 1, inputs: row, targets: Int32Array.of(score > 0 ? 1 : 0) };
  assert.equal(again.evaluate(dataset).accuracy, 1);
});

test('a desk for few rows is replaced by one for more, dense or sparse', async () => {
  const kind = kindOf([50], 2, { entries: 2 });
  const model = await made('logistic', kind);
  const rows = Float32Array.from({ length: 50 * 300 }, (_, k) => (k % 9 === 0 ? 1 : 0));
  const one = model.predict(rows.subarray(0, 50));
  const all = model.predict(rows);
  assert.deepEqual(all.subarray(0, 2), one);
  const offsets = Uint32Array.from({ length: 301 }, (_, r) => rows.subarray(0, 50 * r).filter(x => x !== 0).length);
  const columns = Uint32Array.from([...rows.keys()].filter(k => rows[k] !== 0).map(k => k % 50));
  const sparse = { inputs: new Float32Array(columns.length).fill(1), offsets, columns };
  assert.deepEqual((await made('logistic', kind)).predict(sparse), all);
});

test('the room of dense rows is theirs, and that of sparse ones what the fullest rows in a row have', () => {
  assert.equal(entriesOf({}, 4, 10), 40);
  const sparse = { offsets: Uint32Array.of(0, 3, 3, 4, 9, 11), columns: new Uint32Array(11) };
  assert.equal(entriesOf({ sparse }, 2, 10), 6);
  assert.equal(entriesOf({ sparse }, 5, 10), 11);
  assert.equal(entriesOf({ sparse }, 1, 10), 5);
});
