import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkDataset } from '../../src/data/check.js';
import { decimal } from '../../src/data/decimal.js';
import { denseDataset, looksLikeLibsvm, parseLibsvm } from '../../src/data/libsvm.js';
import { labelling } from '../../src/data/target.js';
import { fuzz } from '../support/mutation.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const dense = (text: string, width?: number) => {
  const sparse = parseLibsvm(bytes(text), 'file');
  return denseDataset(sparse, width ?? sparse.width, labelling(sparse.labels, 'file'));
};

test('rows, comments, blank lines, line ends of both kinds, no line end at the end', () => {
  const data = dense('+1 1:0.5 3:-2 # first\r\n\n# nothing\n-1\n-1 2:1e-3\t4:7');
  assert.deepEqual([data.rows, data.features, data.classes], [3, 4, 2]);
  assert.deepEqual(Array.from(data.targets), [1, 0, 0]);
  assert.deepEqual(Array.from(data.inputs), [0.5, 0, -2, 0, 0, 0, 0, 0, 0, Math.fround(1e-3), 0, 7]);
  checkDataset(data);
});

test('whole labels become classes in ascending order, others stay real', () => {
  assert.deepEqual(Array.from(dense('2 1:1\n0 1:1\n1 1:2\n').targets), [2, 0, 1]);
  const real = dense('2.5 1:1\n0 1:1\n');
  assert.equal(real.classes, 0);
  assert.deepEqual(Array.from(real.targets), [2.5, 0]);
});

test('any sparse table reads back', () => {
  const value = fc.oneof(
    fc.integer({ min: -99, max: 99 }),
    fc.float({ noNaN: true, noDefaultInfinity: true }).map(v => v + 0),
  ); // -0 is written 0
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.array(fc.option(value), { maxLength: 9 })), { minLength: 1 }),
      rows => {
        const line = ([label, cells]: (typeof rows)[number]) =>
          [label, ...cells.flatMap((cell, k) => (cell === null ? [] : [`${k + 1}:${cell}`]))].join(' ');
        const sparse = parseLibsvm(bytes(rows.map(line).join('\n')), 'file');
        assert.deepEqual(
          Array.from(sparse.labels),
          rows.map(([label]) => label),
        );
        rows.forEach(([, cells], row) => {
          const kept = cells.flatMap((cell, k) => (cell === null ? [] : [[k, Math.fround(cell)]]));
          const found = kept.map((_, k) => [sparse.columns[sparse.offsets[row] + k], sparse.values[sparse.offsets[row] + k]]);
          assert.deepEqual(
            found,
            kept.map(([k, v]) => [k, v]),
          );
          assert.equal(sparse.offsets[row + 1] - sparse.offsets[row], kept.length);
        });
      },
    ),
  );
});

test('numbers are read as the engine reads them, and nothing else is a number', () => {
  const read = (text: string) => decimal(bytes(text), 0, text.length);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
        fc.float({ noNaN: true, noDefaultInfinity: true }).map(v => v.toFixed(7)),
      ),
      text => {
        assert.equal(read(text), Number(text));
      },
    ),
    { numRuns: 2000 },
  );
  for (const text of ['', '-', '+', '.', '-.', 'e5', '1e', '1e+', '0x10', '1_0', 'nan', 'inf', '1.2.3', '--1', '1 ', '1e5.5']) {
    assert.equal(read(text), undefined, text);
  }
});

test('what is wrong is named, with row, line and offset', () => {
  const bad = (text: string, code: string, message: RegExp) => assert.throws(() => dense(text), { code, message }, text);
  bad('1 1:1\n1 0:1\n', 'DATA_CORRUPT', /row 1 \(line 2\), offset 8: found an index that is no whole number from 1/);
  bad('1 2:1 2:1\n', 'DATA_CORRUPT', /must ascend/);
  bad('1 2:1 1:1\n', 'DATA_CORRUPT', /must ascend/);
  bad('1 1.5:1\n', 'DATA_CORRUPT', /index/);
  bad('1 a:1\n', 'DATA_CORRUPT', /index/);
  bad('1 1:\n', 'DATA_CORRUPT', /value is needed/);
  bad('1 1:x\n', 'DATA_CORRUPT', /"x" where a value/);
  bad('1 1:1:1\n', 'DATA_CORRUPT', /value/);
  bad('1 5\n', 'DATA_CORRUPT', /colon/);
  bad('a 1:1\n', 'DATA_CORRUPT', /label/);
  bad('1,2 1:1\n', 'DATA_CORRUPT', /label/);
  bad('1 qid:3 1:1\n', 'DATA_CORRUPT', /index/);
  bad('1 1:nan\n', 'DATA_NONFINITE', /row 0/);
  bad('nan 1:1\n', 'DATA_NONFINITE', /label/);
  bad('1 1:1e39\n', 'DATA_NONFINITE', /range of a float/);
  bad('1 99999999999:1\n', 'DATA_TOO_LARGE', /index/);
  bad('1 1000000000:1\n2 1:1\n', 'DATA_TOO_LARGE', /dense/);
  bad('\n\n', 'DATA_CORRUPT', /no row/);
  bad('1 1:1\n1 1:2\n', 'DATA_LABEL', /two different/);
});

test('memory stays near twice the file', () => {
  const text = bytes('1 1:1 2:1 3:1 9:1\n'.repeat(1000));
  const sparse = parseLibsvm(text, 'file');
  const taken = [sparse.labels, sparse.offsets, sparse.columns, sparse.values].reduce(
    (sum, { buffer }) => sum + buffer.byteLength,
    0,
  );
  assert.ok(taken <= 2 * text.length + 12 * 1000 + 4, `${taken} of ${text.length}`);
});

test('the format is told from a table', () => {
  assert.ok(looksLikeLibsvm(bytes('-1 3:1 11:1\n')));
  assert.ok(looksLikeLibsvm(bytes('0\n1 1:2\n')));
  assert.ok(!looksLikeLibsvm(bytes('1,2,3\n')));
  assert.ok(!looksLikeLibsvm(bytes('2020-01-01 10:30,5\n')));
  assert.ok(!looksLikeLibsvm(bytes('a b c\n')));
});

test('damaged files give a value or an error with a code', () => {
  const files = ['+1 1:0.5 3:-2 # c\n-1 2:1e-3 4:7\n', '0 1:1\n1 2:1\r\n2 3:1 4:5.25\n'].map(bytes);
  const refused = fuzz(
    files,
    3,
    text => {
      const sparse = parseLibsvm(text, 'fuzz');
      return denseDataset(sparse, sparse.width, labelling(sparse.labels, 'fuzz'), 2 ** 20);
    },
    checkDataset,
  );
  assert.ok(refused > 0);
});
