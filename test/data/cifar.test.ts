import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { checkDataset } from '../../src/data/check.js';
import { cifar10, cifar100, cifarDataset, cifarNamed } from '../../src/data/cifar.js';
import { load } from '../../src/data/load.js';
import { fuzz } from '../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-cifar-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: Uint8Array) => {
  const path = join(folder, name);
  mkdirSync(resolve(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};

/** Rows of labels and 3072 pixels that say which row, channel and place they are from. */
function rows(labels: readonly (readonly number[])[], first = 0): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((label, row) => [...label, ...Array.from({ length: 3072 }, (_, k) => (first + row + 7 * k) % 256)]),
  );
}

const ten = (...labels: number[]) => rows(labels.map(label => [label]));
const dataset = (bytes: Uint8Array, kind = cifar10) => cifarDataset('cifar', [{ name: 'file', bytes }], kind);

test('rows of labels and channel-first images, of both kinds, from one file or several', () => {
  const data = dataset(ten(3, 9, 0));
  assert.deepEqual([data.rows, data.features, data.shape, data.classes, data.scale], [3, 3072, [3, 32, 32], 10, 1 / 255]);
  assert.deepEqual(Array.from(data.targets), [3, 9, 0]);
  // Channel 2, height 5, width 6 of row 1.
  assert.equal(data.inputs[3072 + 2 * 1024 + 5 * 32 + 6], (1 + 7 * (2 * 1024 + 5 * 32 + 6)) % 256);
  checkDataset(data);
  const hundred = dataset(
    rows([
      [1, 99],
      [0, 7],
    ]),
    cifar100,
  );
  assert.deepEqual([Array.from(hundred.targets), hundred.classes, hundred.rows], [[99, 7], 100, 2]);
  assert.equal(hundred.inputs[3072 + 1], 1 + 7);
  const two = cifarDataset(
    'cifar',
    [
      { name: 'a', bytes: ten(1) },
      { name: 'b', bytes: ten(2, 3) },
    ],
    cifar10,
  );
  assert.deepEqual(Array.from(two.targets), [1, 2, 3]);
  assert.deepEqual(
    ['x/train.bin', 'test.bin.gz', 'data_batch_1.bin', 'test_batch.bin'].map(name => cifarNamed(name).classes),
    [100, 100, 10, 10],
  );
});

test('sizes that are no whole rows, and labels out of range, are refused with their offset', () => {
  const bytes = ten(1, 2);
  for (let length = 0; length < bytes.length; length += length < 5 ? 1 : 97) {
    if (length === 3073) continue;
    const offset = 3073 * Math.floor(length / 3073);
    assert.throws(() => dataset(bytes.subarray(0, length)), { code: 'DATA_CORRUPT', message: new RegExp(`offset ${offset}\\b`) });
  }
  assert.throws(() => dataset(ten(1, 10)), { code: 'DATA_LABEL', message: /row 1, offset 3073: found label 10.*0 to 9/ });
  assert.throws(() => dataset(rows([[0, 100]]), cifar100), { code: 'DATA_LABEL', message: /offset 1: found label 100.*0 to 99/ });
});

test('damaged files give a value or an error with a code', () => {
  const refused = fuzz([ten(1), ten(9, 0)], 3, dataset, checkDataset);
  assert.ok(refused > 0);
});

test('a folder: batches in the order of their numbers, the test batch apart; else rows are held out', async () => {
  file('a/data_batch_2.bin', ten(2));
  file('a/data_batch_10.bin', ten(3));
  file('a/data_batch_1.bin.gz', gzipSync(ten(0, 1)));
  file('a/batches.meta.txt', Uint8Array.of(97));
  const held = await load(join(folder, 'a'), { standardize: 'none' });
  assert.deepEqual([held.train.rows, held.test.rows], [3, 1]);
  file('a/test_batch.bin', ten(5, 6));
  const seen: string[] = [];
  const { train, test } = await load(join(folder, 'a'), { progress: name => seen.push(name) });
  assert.deepEqual(
    [Array.from(train.targets), Array.from(test.targets)],
    [
      [0, 1, 2, 3],
      [5, 6],
    ],
  );
  assert.ok(train.inputs instanceof Uint8Array && train.standard?.mean.length === 1);
  assert.ok(seen.length >= 4);
  await assert.rejects(load(join(folder, 'a'), { test: 'x' }), { code: 'CONFIG_RANGE' });
  file('a/train.bin', rows([[1, 1]]));
  await assert.rejects(load(join(folder, 'a')), { code: 'DATA_CORRUPT', message: /CIFAR-10 and of CIFAR-100/ });
  file('b/test_batch.bin', ten(5, 6));
  await assert.rejects(load(join(folder, 'b')), { code: 'DATA_NOT_FOUND', message: /no batch to train on/ });
});

test('one file, its test file named or beside it', async () => {
  const one = file('c/data_batch_1.bin', ten(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  const { train, test } = await load(one);
  assert.deepEqual([train.rows, test.rows, train.shape], [8, 2, [3, 32, 32]]);
  assert.equal((await load(one, { test: file('c/other.bin', ten(4)) })).test.rows, 1);
  await assert.rejects(load(one, { target: '1' }), { code: 'CONFIG_RANGE', message: /labels come first/ });
  const hundred = file(
    'd/train.bin',
    rows([
      [0, 50],
      [0, 60],
    ]),
  );
  file('d/test.bin', rows([[0, 70]]));
  assert.deepEqual(Array.from((await load(hundred)).test.targets), [70]);
  await assert.rejects(load(file('e/data_batch_1.bin', ten(1).subarray(1))), { code: 'DATA_CORRUPT', message: /offset 0/ });
});

const shared = resolve('../shared/data/cifar10');
const skip = existsSync(shared) ? false : `there is no ${shared}`;

test('CIFAR-10: five batches of 1,000 rows', { skip }, async () => {
  const { train, test } = await load(shared, { holdOut: 0.2 });
  assert.deepEqual([train.rows, test.rows, train.classes, train.shape], [4000, 1000, 10, [3, 32, 32]]);
  const counts = new Int32Array(10);
  for (const label of [...train.targets, ...test.targets]) counts[label]++;
  assert.ok(
    counts.every(count => count > 400 && count < 600),
    `${counts}`,
  );
  const raw = gunzipSync(readFileSync(join(shared, 'cifar10_batch_0.bin.gz')));
  const first = await load(join(shared, 'cifar10_batch_0.bin.gz'), { test: join(shared, 'cifar10_batch_50.bin.gz') });
  assert.ok(raw.subarray(1, 3073).equals(first.train.inputs.subarray(0, 3072) as Uint8Array));
  assert.deepEqual([first.train.targets[0], first.train.targets[999]], [raw[0], raw[999 * 3073]]);
});
