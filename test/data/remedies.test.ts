/** A message about data ends with what to do: after a semicolon or a colon, in the imperative. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { load } from '../../src/data/load.js';
import { writeNpy } from '../../src/data/npy.js';
import { writeNpz } from '../../src/data/npz.js';
import { HearsayError } from '../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const table = 'a,b\n1,2\n3,4\n';
const broken: readonly (readonly [name: string, bytes: string | Uint8Array])[] = [
  ['empty.csv', ''],
  ['blank.csv', '\n\n'],
  ['header.csv', 'a,b\n'],
  ['fields.csv', 'a,b\n1,2\n1,2,3\n'],
  ['word.csv', 'a,b\n1,2\n1,x\n'],
  ['gap.csv', 'a,b\n1,2\n1,\n'],
  ['column.csv', 'a\n1\n2\n'],
  ['same.csv', 'a,b\n1,2\n3,2\n'],
  ['words.csv', 'a,b\n1,x\n3,x\n'],
  ['quote.csv', 'a,b\n1,"2\n'],
  ['zero.csv', Uint8Array.of(49, 44, 0)],
  ['cut.csv.gz', gzipSync(table.repeat(100)).subarray(0, 60)],
  ['after.csv.gz', Uint8Array.of(...gzipSync(table), 7)],
  ['entry.svm', '1 1:2\n-1 3\n'],
  ['index.svm', '1 0:2\n'],
  ['order.svm', '1 2:2 1:1\n'],
  ['nan.svm', '1 1:nan\n'],
  ['label.svm', 'x 1:2\n'],
  ['alone.svm', '1 1:2\n'],
  ['half.bin', new Uint8Array(1500)],
  ['label.bin', new Uint8Array(3073).fill(11)],
  ['complex.npy', writeNpy({ shape: [4, 2], values: new Float32Array(8) }).map((byte, k) => (k === 21 ? 99 : byte))],
  ['line.npy', writeNpy({ shape: [4], values: new Float32Array(4) })],
  ['cut.npz', writeNpz(new Map([['x', { shape: [2], values: new Float32Array(2) }]])).subarray(0, 90)],
  ['alone.npz', writeNpz(new Map([['x', { shape: [2], values: new Float32Array(2) }]]))],
  ['cut.parquet', 'PAR1 and no more'],
  ['few.txt', 'to be or not to be'],
  ['latin.txt', Uint8Array.of(100, 0xe9, 106, 0xe0)],
  ['same.txt', 'a'.repeat(100)],
];

for (const [name, bytes] of broken) {
  test(`${name}: one line that names the file and ends with a remedy`, async () => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    await assert.rejects(load(path, { seed: 1 }), (error: unknown) => {
      assert.ok(error instanceof HearsayError, String(error));
      assert.ok(error.message.includes(name), error.message);
      assert.match(error.message, /[;:] (give|fetch|correct|fill|drop|choose|check|decompress|take|scale)\b[^;]*$/);
      return true;
    });
  });
}

test('a word that is nearly a name of data is taken for a slip of the pen', async () => {
  const message = /data: 'digit': there is no such file; did you mean digits\?/;
  await assert.rejects(load('digit', { seed: 1 }), { code: 'DATA_NOT_FOUND', message });
  await assert.rejects(load('houses', { seed: 1 }), { code: 'DATA_NOT_FOUND', message: /give digits, a file or a folder/ });
});
