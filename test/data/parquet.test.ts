import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { load } from '../../src/data/load.js';
import { parquetTable } from '../../src/data/parquet.js';
import { HearsayError } from '../../src/errors.js';
import { cases, mutated } from '../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-parquet-'));
after(() => rmSync(folder, { recursive: true }));

type Options = Parameters<typeof parquetWriteBuffer>[0];
const file = (columnData: Options['columnData'], more: Omit<Options, 'columnData'> = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...more }));

const compressors = { GZIP: (bytes: Uint8Array) => gzipSync(bytes), BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes) };

test('columns of numbers of every type, compressed in every way, in several groups, read back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 60 }),
      fc.constantFrom('UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI'),
      fc.integer({ min: 1, max: 70 }),
      fc.boolean(),
      async (list, codec, rowGroupSize, nullable) => {
        const bytes = file(
          [
            { name: 'int', data: Int32Array.from(list), type: 'INT32', nullable },
            { name: 'long', data: list.map(BigInt), type: 'INT64', nullable },
            { name: 'float', data: list.map(value => value / 4), type: 'FLOAT', nullable },
            { name: 'double', data: list.map(value => value / 8), type: 'DOUBLE', nullable },
            { name: 'odd', data: list.map(value => value % 2 !== 0), type: 'BOOLEAN', nullable },
          ],
          { codec, compressors, rowGroupSize },
        );
        const { rows, columns, cells, words } = await parquetTable(bytes, 'file');
        assert.deepEqual(
          [rows, columns, words.every(list => list === null)],
          [list.length, ['int', 'long', 'float', 'double', 'odd'], true],
        );
        assert.deepEqual(
          Array.from(cells),
          list.flatMap(value => [value, value, value / 4, value / 8, value % 2 === 0 ? 0 : 1]),
        );
      },
    ),
    { numRuns: 200 },
  );
});

const numbers = { name: 'x', data: [1, 2, 3, 4], type: 'DOUBLE' as const };

test('what is no flat column of numbers is refused by name', async () => {
  const bad = async (columns: Options['columnData'], code: string, message: RegExp) =>
    assert.rejects(parquetTable(file(columns), 'file'), { code, message });
  await bad(
    [numbers, { name: 'word', data: ['a', 'b', 'c', 'd'], type: 'STRING' }],
    'DATA_CORRUPT',
    /column "word" has UTF8|column "word" has STRING/,
  );
  await bad(
    [{ name: 'when', data: [1, 2].map(k => new Date(k)), type: 'TIMESTAMP' }],
    'DATA_CORRUPT',
    /column "when" has TIMESTAMP/,
  );
  await bad(
    [numbers, { name: 'gap', data: [1, null, 2, 3], type: 'DOUBLE', nullable: true }],
    'DATA_NONFINITE',
    /row 1, column "gap": found nothing/,
  );
  await bad([{ name: 'far', data: [1, Number.NaN], type: 'DOUBLE' }], 'DATA_NONFINITE', /row 1, column "far": found NaN/);
  await bad([{ name: 'far', data: [1e300, 1], type: 'DOUBLE' }], 'DATA_NONFINITE', /row 0, column "far"/);
});

test('without the package the message says how to get it', async () => {
  const missing = () => Promise.reject(Object.assign(new Error('nowhere'), { code: 'ERR_MODULE_NOT_FOUND' }));
  await assert.rejects(parquetTable(file([numbers]), 'file', missing), {
    code: 'CONFIG_MISSING',
    message: /file: .*run npm install hyparquet/,
  });
});

test('every prefix of a valid file is refused', async () => {
  const bytes = file([numbers, { ...numbers, name: 'y' }]);
  for (let length = 4; length < bytes.length; length++)
    await assert.rejects(
      parquetTable(bytes.subarray(0, length), 'file'),
      { code: 'DATA_CORRUPT', message: /offset 0 to/ },
      `length ${length}`,
    );
});

test('damaged files give a value or an error with a code', async () => {
  const list = Array.from({ length: 30 }, (_, k) => (k * 7) % 11);
  const columns = [
    { name: 'a', data: list, type: 'INT32' as const },
    { name: 'b', data: list.map(value => value / 3), type: 'FLOAT' as const, nullable: true },
  ];
  const files = (['UNCOMPRESSED', 'SNAPPY', 'GZIP'] as const).map(codec =>
    file(columns, { codec, compressors, rowGroupSize: 16 }),
  );
  let refused = 0;
  for (let k = 0; k < cases; k++) {
    const bytes = mutated(files[k % files.length], 9, k);
    try {
      const { rows, columns, cells } = await parquetTable(bytes, 'fuzz');
      assert.equal(cells.length, rows * columns.length);
      assert.ok(cells.every(Number.isFinite));
    } catch (error) {
      assert.ok(error instanceof HearsayError && error.code.startsWith('DATA_'), `case ${k}: ${(error as Error).stack}`);
      assert.ok(!error.message.includes('\n'), error.message);
      refused++;
    }
  }
  assert.ok(refused > 0);
});

test('a .parquet file is a table: its target by name, test rows beside it or held out', async () => {
  const table = (rows: number) =>
    file([
      { name: 'label', data: Array.from({ length: rows }, (_, k) => k % 3), type: 'INT32' },
      { name: 'width', data: Array.from({ length: rows }, (_, k) => k), type: 'DOUBLE' },
      { name: 'price', data: Array.from({ length: rows }, (_, k) => k + 0.5), type: 'DOUBLE' },
    ]);
  const path = join(folder, 'train.parquet');
  writeFileSync(path, table(30));
  const byLabel = await load(path, { target: 'label' });
  assert.deepEqual(
    [byLabel.train.rows, byLabel.test.rows, byLabel.train.classes, byLabel.train.standard?.mean.length],
    [24, 6, 3, 2],
  );
  assert.equal((await load(path)).train.classes, 0);
  writeFileSync(join(folder, 'test.parquet'), table(9));
  assert.equal((await load(path, { target: 'label' })).test.rows, 9);
  await assert.rejects(load(path, { target: 'size' }), { code: 'CONFIG_RANGE', message: /"label", "width", "price"/ });
});
