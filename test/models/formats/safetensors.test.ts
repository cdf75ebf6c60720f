import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readSafetensors, type Tensor, writeSafetensors } from '../../../src/models/formats/safetensors.js';
import { fuzz } from '../../support/mutation.js';

const tensor = (name: string, shape: number[], values: number[]): Tensor => ({ name, shape, values: Float32Array.from(values) });
const three = [
  tensor('dense.weight', [2, 3], [1, 2, 3, 4, 5, 6.5]),
  tensor('dense.bias', [2], [-1, 0.25]),
  tensor('steps', [], [7]),
];

/** The format written down once more, from its description: any header, any bytes. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const view = (length: number, fill: (view: DataView) => void) => {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer));
  return bytes;
};

test('any tensors and metadata read back bit by bit, in order', () => {
  const anyTensor = fc.record({
    name: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '10', '9', 'é\n"')),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    seed: fc.integer(),
  });
  const words = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
  fc.assert(
    fc.property(fc.uniqueArray(anyTensor, { selector: ({ name }) => name, maxLength: 6 }), words, (list, metadata) => {
      const tensors = list
        .filter(({ name }) => name !== '__metadata__')
        .map(({ name, shape, seed }) => {
          const count = shape.reduce((product, size) => product * size, 1);
          return { name, shape, values: Float32Array.from({ length: count }, (_, i) => Math.sin(seed + i) * 10 ** (i % 30)) };
        });
      const read = readSafetensors(writeSafetensors(tensors, metadata), 'file');
      assert.deepEqual(
        new Map(read.tensors.map(tensor => [tensor.name, tensor])),
        new Map(tensors.map(tensor => [tensor.name, tensor])),
      );
      assert.deepEqual(read.metadata, new Map(Object.entries(metadata)));
    }),
    { numRuns: 500 },
  );
  assert.deepEqual(readSafetensors(writeSafetensors(three), 'file').tensors, three);
});

test('values start at a multiple of 8, so that readers can map them', () => {
  for (const name of ['a', 'ab', 'abc', 'abcdefgh']) {
    const length = new DataView(writeSafetensors([tensor(name, [1], [1])]).buffer).getBigUint64(0, true);
    assert.equal(length % 8n, 0n);
  }
});

test('every type is read as floats', () => {
  const one = (dtype: string, width: number, count: number, fill: (view: DataView) => void) =>
    Array.from(
      readSafetensors(file({ x: { dtype, shape: [count], data_offsets: [0, width * count] } }, view(width * count, fill)), 'file')
        .tensors[0].values,
    );
  const both = (set: (view: DataView, at: number, value: number) => void, width: number) => (v: DataView) => {
    set(v, 0, 3);
    set(v, width, -2);
  };
  assert.deepEqual(
    one(
      'F32',
      4,
      2,
      both((v, at, x) => v.setFloat32(at, x, true), 4),
    ),
    [3, -2],
  );
  assert.deepEqual(
    one(
      'F64',
      8,
      2,
      both((v, at, x) => v.setFloat64(at, x, true), 8),
    ),
    [3, -2],
  );
  assert.deepEqual(
    one(
      'I64',
      8,
      2,
      both((v, at, x) => v.setBigInt64(at, BigInt(x), true), 8),
    ),
    [3, -2],
  );
  assert.deepEqual(
    one(
      'I32',
      4,
      2,
      both((v, at, x) => v.setInt32(at, x, true), 4),
    ),
    [3, -2],
  );
  assert.deepEqual(
    one(
      'I16',
      2,
      2,
      both((v, at, x) => v.setInt16(at, x, true), 2),
    ),
    [3, -2],
  );
  assert.deepEqual(
    one(
      'I8',
      1,
      2,
      both((v, at, x) => v.setInt8(at, x), 1),
    ),
    [3, -2],
  );
  assert.deepEqual(
    one('U64', 8, 1, v => v.setBigUint64(0, 2n ** 40n, true)),
    [2 ** 40],
  );
  assert.deepEqual(
    one('U32', 4, 1, v => v.setUint32(0, 2 ** 31, true)),
    [2 ** 31],
  );
  assert.deepEqual(
    one('U16', 2, 1, v => v.setUint16(0, 65_535, true)),
    [65_535],
  );
  assert.deepEqual(
    one('U8', 1, 2, v => v.setUint16(0, 0xff01)),
    [255, 1],
  );
  assert.deepEqual(
    one('BOOL', 1, 2, v => v.setUint16(0, 0x0100)),
    [1, 0],
  );
  const shorts =
    (...words: number[]) =>
    (v: DataView) =>
      words.forEach((word, k) => void v.setUint16(2 * k, word, true));
  // 1, -2, the largest, the smallest normal, the smallest, infinity (IEEE 754, binary16)
  const halves = shorts(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00, 0x8000);
  assert.deepEqual(one('F16', 2, 7, halves), [1, -2, 65_504, 2 ** -14, 2 ** -24, Number.POSITIVE_INFINITY, -0]);
  assert.ok(Number.isNaN(one('F16', 2, 1, shorts(0x7e00))[0]));
  assert.deepEqual(one('BF16', 2, 3, shorts(0x3f80, 0xc000, 0x4049)), [1, -2, 3.140625]);
});

test('every prefix of a valid file is refused, and so is a byte too many', () => {
  const bytes = writeSafetensors(three, { made: 'here' });
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => readSafetensors(bytes.subarray(0, length), 'file'), { code: 'DATA_CORRUPT' }, `length ${length}`);
  }
  assert.throws(() => readSafetensors(Uint8Array.of(...bytes, 0), 'file'), { code: 'DATA_CORRUPT' });
});

test('a header that lies is refused by name', () => {
  const four = new Uint8Array(4);
  const bad = (header: unknown, data = four, code = 'DATA_CORRUPT') =>
    assert.throws(() => readSafetensors(file(header, data), 'file'), { code }, String(JSON.stringify(header)));
  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  assert.equal(readSafetensors(file({ x: entry }, four), 'file').tensors.length, 1);
  for (const header of ['', '[]', 'null', '7', '"x"', '{', '{}x', ' {}', '\ufeff{}', '[[[['.repeat(10_000)])
    bad(header, new Uint8Array());
  bad({}, four);
  for (const x of [null, 7, [], {}, { ...entry, extra: 1 }, { ...entry, dtype: 'F99' }, { ...entry, dtype: 'toString' }])
    bad({ x });
  for (const shape of [null, 1, [2], [-1], [1.5], ['1'], [1e300], [2 ** 40, 2 ** 40], Array(33).fill(1), [2 ** 53, 0]])
    bad({ x: { ...entry, shape } });
  for (const data_offsets of [null, 4, [4], [0, 4, 4], [0, 5], [0, 3], [4, 8], [-4, 0], [0, 1e300], [4, 0], ['0', '4']]) {
    bad({ x: { ...entry, data_offsets } });
  }
  bad({ x: entry, y: entry });
  bad({ x: entry, y: { ...entry, data_offsets: [8, 12] } }, new Uint8Array(12));
  bad({ x: entry, y: { ...entry, data_offsets: [2, 6] } }, new Uint8Array(6));
  bad({ x: entry, __metadata__: { a: 1 } });
  bad({ x: entry, __metadata__: [] });
  bad(`{"x":${JSON.stringify(entry)}}${' '.repeat(2 ** 20)}`, four, 'DATA_TOO_LARGE');
  // Whatever else it is, as a table: the first bytes are no length.
  for (const bytes of [new Uint8Array(16).fill(255), new TextEncoder().encode('a,b,class\n1,2,3\n')])
    assert.throws(() => readSafetensors(bytes, 'file'), { code: 'DATA_CORRUPT', message: /found no safetensors.*; give / });
});

test('what can not be written is refused', () => {
  assert.throws(() => writeSafetensors([three[0], three[0]]), { code: 'STATE' });
  assert.throws(() => writeSafetensors([tensor('__metadata__', [1], [1])]), { code: 'STATE' });
  assert.throws(() => writeSafetensors([tensor('x', [2], [1])]), { code: 'STATE' });
  assert.throws(() => writeSafetensors([tensor('x'.repeat(2 ** 20), [1], [1])]), { code: 'DATA_TOO_LARGE' });
});

test('damaged files give a value or an error with a code', () => {
  const small = file(
    { a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] }, b: { dtype: 'I64', shape: [], data_offsets: [4, 12] } },
    new Uint8Array(12),
  );
  const refused = fuzz(
    [writeSafetensors(three, { made: 'here' }), small],
    5,
    bytes => readSafetensors(bytes, 'fuzz'),
    ({ tensors }) => {
      for (const { shape, values } of tensors)
        assert.equal(
          shape.reduce((product, size) => product * size, 1),
          values.length,
        );
    },
  );
  assert.ok(refused > 0);
});

const formats = resolve('../shared/data/formats');
const skip = existsSync(formats) ? false : `there is no ${formats}`;

test('files of other software are read exactly, and written again give the same values', { skip }, () => {
  for (const [name, count] of [
    ['multi_layer.safetensors', 9],
    ['mnist.safetensors', 20],
  ] as const) {
    const bytes = readFileSync(join(formats, name));
    const { tensors } = readSafetensors(bytes, name);
    assert.equal(tensors.length, count);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    for (const { name, shape, values } of tensors) {
      const { dtype, shape: expected, data_offsets } = header[name];
      assert.deepEqual(shape, expected);
      const [begin, end] = data_offsets.map((offset: number) => 8 + length + offset);
      if (dtype === 'F32') assert.ok(Buffer.from(values.buffer).equals(bytes.subarray(begin, end)), name);
      else assert.equal(values[0], Number(bytes.readBigInt64LE(begin)));
    }
    assert.deepEqual(readSafetensors(writeSafetensors(tensors), 'again').tensors, tensors);
  }
  // Values read by another program (Python's struct).
  const { tensors } = readSafetensors(readFileSync(join(formats, 'multi_layer.safetensors')), 'multi');
  const weight = tensors.find(({ name }) => name === 'fc1.weight')!;
  assert.deepEqual([weight.shape, weight.values[0], weight.values[1]], [[16, 256], 0.05926341563463211, -0.041473813354969025]);
});
