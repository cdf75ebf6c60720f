/** What reading takes of memory, by the size of the file: twice of it and 1 MiB, or what is written beside a format and why. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cifar10, cifarDataset } from '../../src/data/cifar.js';
import { parseCsv } from '../../src/data/csv.js';
import { idxDataset, parseIdx } from '../../src/data/idx.js';
import { parseLibsvm } from '../../src/data/libsvm.js';
import { readNpy, writeNpy } from '../../src/data/npy.js';
import { readNpz, writeNpz } from '../../src/data/npz.js';
import { ratingsDataset } from '../../src/data/ratings.js';
import { textSplit } from '../../src/data/text.js';
import { readSafetensors, writeSafetensors } from '../../src/models/formats/safetensors.js';

/** Bytes of all typed arrays that `work` makes room for, those that it lets go of too. */
function roomOf(work: () => unknown): number {
  const kinds = { Uint8Array, Uint32Array, Int32Array, Float32Array, Float64Array };
  let bytes = 0;
  for (const [name, kind] of Object.entries(kinds)) {
    const counting = new Proxy(kind, {
      construct(target, words, made) {
        const array: Uint8Array = Reflect.construct(target, words, made);
        if (!(words[0] instanceof ArrayBuffer)) bytes += array.byteLength;
        return array;
      },
    });
    Object.assign(globalThis, { [name]: counting });
  }
  try {
    work();
  } finally {
    Object.assign(globalThis, kinds);
  }
  return bytes;
}

const text = (line: (k: number) => string, count: number) =>
  new TextEncoder().encode(Array.from({ length: count }, (_, k) => line(k)).join('\n'));
const idx = (sizes: readonly number[], values: Uint8Array) => {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.set([0, 0, 8, sizes.length]);
  for (const [k, size] of sizes.entries()) head.writeUInt32BE(size, 4 + 4 * k);
  return new Uint8Array(Buffer.concat([head, values]));
};
const rows = 4000;
const floats = Float32Array.from({ length: rows * 256 }, (_, k) => (k % 97) / 7);
const bytes = Uint8Array.from({ length: rows * 784 }, (_, k) => k % 251);

/** The same bytes with a sign. */
const signed = writeNpy({ shape: [rows, 784], values: bytes });
signed[signed.indexOf(0x75)] = 0x69; // |u1 becomes |i1

interface Case {
  readonly file: Uint8Array;
  read(file: Uint8Array): unknown;
  /** Times the file that reading may take, where it is more than 2. */
  readonly times?: number;
}

const formats: Readonly<Record<string, Case>> = {
  'IDX of bytes': {
    file: idx([rows, 28, 28], bytes),
    read: file =>
      idxDataset('file', parseIdx(file, 'file'), { shape: [rows], values: bytes.map(byte => byte % 10).subarray(0, rows) }),
  },
  'npy of floats': { file: writeNpy({ shape: [rows, 256], values: floats }), read: file => readNpy(file, 'file') },
  'npy of bytes': { file: writeNpy({ shape: [rows, 784], values: bytes }), read: file => readNpy(file, 'file') },
  'npy of 64-bit floats': {
    file: writeNpy({ shape: [rows, 256], values: Float64Array.from(floats) }),
    read: file => readNpy(file, 'file'),
  },
  'npz, stored': {
    file: writeNpz(new Map([['x', { shape: [rows, 256], values: floats }]])),
    read: file => readNpz(file, 'file'),
  },
  'safetensors of floats': {
    file: writeSafetensors([{ name: 'w', shape: [rows, 256], values: floats }]),
    read: file => readSafetensors(file, 'file'),
  },
  'safetensors of 64-bit floats': {
    file: writeSafetensors([{ name: 'w', shape: [rows, 256], values: Float64Array.from(floats) }]),
    read: file => readSafetensors(file, 'file'),
  },
  CIFAR: { file: new Uint8Array(3073 * 1000), read: file => cifarDataset('file', [{ name: 'file', bytes: file }], cifar10) },
  // A cell takes two characters at least, and becomes a float.
  'CSV of digits': {
    file: text(k => `${k % 10},${(k + 3) % 10},${(k + 7) % 10},${k % 2}`, 300_000),
    read: file => parseCsv(file, 'file'),
  },
  'CSV of long numbers': { file: text(k => `${k / 7},${k / 11},${k % 2}`, 60_000), read: file => parseCsv(file, 'file') },
  // Four characters a pair become 8 bytes, two of a row 12.
  'LIBSVM of short pairs': {
    file: text(k => `${k % 2} 1:1 2:1 3:1 4:1 5:1`, 150_000),
    read: file => parseLibsvm(file, 'file'),
    times: 2.5,
  },
  'LIBSVM of labels alone': { file: text(k => String(k % 2), 600_000), read: file => parseLibsvm(file, 'file'), times: 6 },
  // What is no byte becomes a float.
  'npy of 8-bit integers': { file: signed, read: file => readNpy(file, 'file'), times: 4 },
  ratings: {
    file: text(k => `${k % 6040}::${k % 3706}::${1 + (k % 5)}::978300760`, 150_000),
    read: file => ratingsDataset(file, 'file'),
  },
  // A byte for each character, then the windows; the training part and the test part.
  text: { file: text(k => `To be, or not to be, ${k}`, 150_000), read: file => textSplit(file, 'file', 64), times: 2.25 },
};

for (const [name, { file, read, times = 2 }] of Object.entries(formats)) {
  test(`${name}: at most ${times} times the file and 1 MiB`, t => {
    const taken = roomOf(() => assert.ok(read(file)));
    t.diagnostic(`${(taken / file.length).toFixed(2)} times ${file.length} bytes`);
    assert.ok(file.length > 2 ** 20, 'a file that tells');
    assert.ok(taken <= times * file.length + 2 ** 20, `${taken} bytes for ${file.length}`);
  });
}

test('room is counted where there is any', () => {
  assert.equal(
    roomOf(() => [new Float32Array(100), Float64Array.from([1, 2]), new Uint8Array(new ArrayBuffer(64), 8)]),
    416,
  );
  assert.equal(
    roomOf(() => []),
    0,
  );
});

test('what a header claims is compared with the file before any of it is laid out', () => {
  const room = roomOf(claims);
  assert.ok(room < 2 ** 20, `${room} bytes`);
});

function claims(): void {
  const head = (shape: string) =>
    new TextEncoder().encode(`{'descr': '<f8', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117).concat('\n'));
  const npy = (shape: string) => Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0, ...head(shape)]);
  for (const shape of ['(2147483648,)', '(65536, 32768)', '(1000000000,)', '(2, 3, 5, 7, 11, 13, 17, 19, 23, 4)'])
    assert.throws(() => readNpy(npy(shape), 'file'), { code: 'DATA_CORRUPT' });
  assert.throws(() => readNpy(npy('(2147483649,)'), 'file'), { code: 'DATA_TOO_LARGE' });
  assert.throws(() => parseIdx(idx([46_340, 46_340], new Uint8Array(10)), 'file'), { code: 'DATA_CORRUPT' });
  assert.throws(() => parseIdx(idx([65_536, 32_769], new Uint8Array(10)), 'file'), { code: 'DATA_TOO_LARGE' });
  const claim = JSON.stringify({ w: { dtype: 'F32', shape: [500_000_000], data_offsets: [0, 2_000_000_000] } });
  const tensors = Buffer.concat([Buffer.alloc(8), Buffer.from(claim)]);
  tensors.writeBigUInt64LE(BigInt(claim.length));
  assert.throws(() => readSafetensors(tensors, 'file'), { code: 'DATA_CORRUPT' });
}
