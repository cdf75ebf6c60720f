import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { checkDataset } from '../../src/data/check.js';
import type { Dataset } from '../../src/data/dataset.js';
import { holdOut } from '../../src/data/holdout.js';
import { load } from '../../src/data/load.js';
import { compressed, isWorthIt, spreadOf } from '../../src/data/sparse.js';
import { standardize } from '../../src/data/standardize.js';
import { cases } from '../support/cases.js';
import { drawnSparse, libsvmText, wholeOf } from '../support/sparse.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-sparse-'));
after(() => rmSync(folder, { recursive: true }));

const drawn = fc.record({
  seed: fc.nat(1e6),
  rows: fc.integer({ min: 2, max: 60 }),
  features: fc.integer({ min: 1, max: 30 }),
  density: fc.constantFrom(0, 0.1, 0.5, 1),
});

test('rows come back from their whole form, and keep their targets', () => {
  fc.assert(
    fc.property(drawn, data => {
      const rows = drawnSparse(data);
      checkDataset(rows);
      const back = compressed(wholeOf(rows));
      checkDataset(back);
      assert.deepEqual(back, rows);
      assert.equal(compressed(back), back);
    }),
    cases(100),
  );
});

test('standardized rows are compressed as a model would see them', () => {
  const whole = wholeOf(drawnSparse({ seed: 2, rows: 20, features: 4, density: 0.5 }));
  const { train } = standardize({ train: whole, test: whole });
  const found = compressed(train);
  assert.equal(found.standard, undefined);
  const { mean, factor } = train.standard!;
  const expected = Float32Array.from(whole.inputs, (x, k) => (Math.fround(x) - mean[k % 4]) * factor[k % 4]);
  assert.deepEqual(wholeOf(found).inputs, expected);
});

test('rows that are held out are the same, sparse or whole', () => {
  fc.assert(
    fc.property(drawn, fc.constantFrom(0.1, 0.5), (data, fraction) => {
      const rows = drawnSparse(data);
      const [sparse, whole] = [holdOut(rows, fraction, 7), holdOut(wholeOf(rows), fraction, 7)];
      for (const part of ['train', 'test'] as const) {
        checkDataset(sparse[part]);
        assert.deepEqual(wholeOf(sparse[part]), whole[part]);
      }
    }),
    cases(100),
  );
});

test('the spread of a column is rows over those that have it', () => {
  const { sparse } = drawnSparse({ seed: 4, rows: 30, features: 6, density: 0.3 });
  const counts = new Array(6).fill(0);
  for (const column of sparse!.columns) counts[column]++;
  assert.deepEqual(
    Array.from(spreadOf(sparse!, 6)),
    counts.map(count => (count === 0 ? 0 : Math.fround(30 / count))),
  );
});

test('more than 2^24 rows that have a column are counted too', () => {
  const rows = 2 ** 24 + 2 ** 22;
  const zeros = new Uint32Array(rows + 1);
  assert.deepEqual(Array.from(spreadOf({ offsets: zeros, columns: zeros.subarray(1) }, 2)), [1, 0]);
});

test('a LIBSVM file stays sparse where that takes less memory, and is whole to be standardized', async () => {
  const rows = drawnSparse({ seed: 9, rows: 200, features: 40, density: 0.1 });
  const path = join(folder, 'few.svm');
  writeFileSync(path, libsvmText(rows));
  const { train, test: tests } = await load(path, { seed: 1 });
  assert.ok(train.sparse && tests.sparse);
  assert.ok(isWorthIt(train.inputs.length, train.rows, train.features));
  const expected = holdOut(wholeOf(rows), 0.2, 1);
  assert.deepEqual(wholeOf(train).inputs, expected.train.inputs);
  assert.deepEqual(tests.targets, expected.test.targets);

  const standard = await load(path, { seed: 1, standardize: 'features' });
  assert.equal(standard.train.sparse, undefined);
  assert.deepEqual(standard.train.inputs, expected.train.inputs);
  assert.equal(standard.train.standard?.mean.length, 40);

  const many = join(folder, 'many.svm');
  writeFileSync(many, libsvmText(drawnSparse({ seed: 9, rows: 50, features: 10, density: 0.9 })));
  assert.equal((await load(many)).train.sparse, undefined);
});

test('columns that only the test file has count too, and rows without any entry are rows', async () => {
  const path = join(folder, 'wide.svm');
  writeFileSync(path, `${'1 1:1\n-1\n'.repeat(20)}1 90:2\n`);
  writeFileSync(`${path}.t`, '1 120:3\n-1\n');
  const { train, test: tests } = await load(path);
  assert.deepEqual([train.features, tests.features, train.rows, tests.rows], [120, 120, 41, 2]);
  assert.deepEqual(Array.from(tests.sparse!.offsets), [0, 1, 1]);
  assert.deepEqual(Array.from(tests.sparse!.columns), [119]);
});

test('places that do not fit are refused', () => {
  const good = drawnSparse({ seed: 1, rows: 3, features: 4, density: 1 });
  const refused = (change: Partial<Dataset>, message: RegExp) =>
    assert.throws(() => checkDataset({ ...good, ...change }), { code: 'DATA_CORRUPT', message });
  const { offsets, columns } = good.sparse!;
  refused({ inputs: new Float32Array(3) }, /inputs of 3 sparse rows/);
  refused({ sparse: { offsets: offsets.subarray(1), columns } }, /sparse rows/);
  refused({ sparse: { offsets, columns: columns.map(() => 1) } }, /column 1 in row 0, where they ascend/);
  refused({ sparse: { offsets, columns: columns.map(column => column + 1) } }, /below 4/);
  refused({ sparse: { offsets: Uint32Array.of(0, 9, 4, 12), columns } }, /row 1 that ends before it begins|ascend/);
  refused({ scale: 2 }, /no plain floats/);
  const inputs = good.inputs.slice() as Float32Array;
  inputs[5] = Number.NaN;
  assert.throws(() => checkDataset({ ...good, inputs }), { code: 'DATA_NONFINITE', message: /row 1, feature 1 is NaN/ });
});
