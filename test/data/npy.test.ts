import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { arraysDataset, columnReading } from '../../src/data/arrays.js';
import { checkDataset } from '../../src/data/check.js';
import { load } from '../../src/data/load.js';
import { type Npy, readNpy, type WrittenNpy, writeNpy } from '../../src/data/npy.js';
import { readNpz, writeNpz } from '../../src/data/npz.js';
import { fuzz } from '../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-npy-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const codes = ['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'b1'];

/** The format written down once more, from its description. */
function npy(
  descr: string,
  shape: readonly number[],
  values: readonly number[],
  { fortran = false, version = 1 } = {},
): Uint8Array {
  const width = Number(descr.slice(2));
  const little = !descr.startsWith('>');
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${tuple}, }\n`;
  const from = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(from + header.length + values.length * width);
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, header.length, true);
  else view.setUint32(8, header.length, true);
  bytes.set(Buffer.from(header, 'latin1'), from);
  values.forEach((value, k) => {
    const at = from + header.length + k * width;
    const code = descr.slice(1);
    // Halves of the whole numbers that are asked for here: 1, 2, 4, ... have no fraction.
    if (code === 'f2')
      view.setUint16(at, value === 0 ? 0 : ((value < 0 ? 1 : 0) << 15) | ((15 + Math.log2(Math.abs(value))) << 10), little);
    else if (code === 'f4') view.setFloat32(at, value, little);
    else if (code === 'f8') view.setFloat64(at, value, little);
    else if (width === 8) view.setBigInt64(at, BigInt(value), little);
    else if (width === 4) view.setInt32(at, value, little);
    else if (width === 2) view.setInt16(at, value, little);
    else view.setInt8(at, value);
  });
  return bytes;
}

/** `values` of an array in row-major order, in the column-major order of a file. */
function columnMajor(shape: readonly number[], values: readonly number[]): number[] {
  const result: number[] = [];
  const walk = (axis: number, index: number[]) => {
    if (axis < 0) result.push(values[index.reduce((place, i, d) => place * shape[d] + i, 0)]);
    else for (let i = 0; i < shape[axis]; i++) walk(axis - 1, Object.assign([...index], { [axis]: i }));
  };
  walk(
    shape.length - 1,
    shape.map(() => 0),
  ); // the last axis is the slowest
  return result;
}

test('every type, byte order, axis order, version and rank reads back; bytes are a view of the file', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...codes),
      fc.constantFrom('<', '>'),
      fc.boolean(),
      fc.constantFrom(1, 2, 3),
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
      fc.infiniteStream(fc.constantFrom(0, 1, 2, 4, 64)),
      (code, order, fortran, version, shape, stream) => {
        const values = Array.from(
          { length: shape.reduce((product, size) => product * size, 1) },
          () => stream.next().value as number,
        );
        const bytes = npy((code.endsWith('1') ? '|' : order) + code, shape, fortran ? columnMajor(shape, values) : values, {
          fortran,
          version,
        });
        const read = readNpy(bytes, 'file');
        assert.deepEqual(read.shape, shape);
        assert.deepEqual(Array.from(read.values), values);
        assert.equal(read.whole, !code.startsWith('f'));
        assert.equal(read.values instanceof Uint8Array, code === 'u1' || code === 'b1');
        if (!fortran || shape.length < 2) assert.equal(read.values.buffer === bytes.buffer, read.values instanceof Uint8Array);
      },
    ),
    { numRuns: 500 },
  );
  assert.deepEqual(Array.from(readNpy(npy('<i8', [2], [-1, -(2 ** 40)]), 'file').values), [-1, -(2 ** 40)]);
});

const written = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), fc.constantFrom(Uint8Array, Int32Array, Float32Array))
  .map(([shape, Type]): WrittenNpy => {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = new Type(count);
    for (let k = 0; k < count; k++) values[k] = (k * 37) % 251;
    return { shape, values };
  });

test('what is written reads back, alone and in an archive, stored or compressed, and is the same every time', () => {
  fc.assert(
    fc.property(written, written, fc.boolean(), (first, second, compress) => {
      const bytes = writeNpy(first);
      assert.equal(bytes.byteLength, Math.ceil((bytes.byteLength - first.values.byteLength) / 64) * 64 + first.values.byteLength);
      const same = (read: Npy | undefined, { shape, values }: WrittenNpy) => {
        assert.deepEqual(read?.shape, shape);
        assert.deepEqual(Array.from(read!.values), Array.from(values));
      };
      same(readNpy(bytes, 'file'), first);
      const arrays = new Map([
        ['x_train', first],
        ['arr_0', second],
      ]);
      const archive = writeNpz(arrays, compress);
      assert.deepEqual(archive, writeNpz(arrays, compress));
      const read = readNpz(archive, 'file');
      same(read.get('x_train'), first);
      same(read.get('arr_0'), second);
      assert.deepEqual([...readNpz(archive, 'file', name => name === 'arr_0').keys()], ['arr_0']);
    }),
  );
  assert.throws(() => writeNpy({ shape: [3], values: new Float32Array(2) }), { code: 'STATE' });
  assert.throws(() => writeNpz(new Map([['../x', { shape: [1], values: new Float32Array(1) }]])), { code: 'STATE' });
});

test('every prefix of a valid file is refused, and so is a byte too many', () => {
  for (const bytes of [npy('<f8', [3, 2], [1, 2, 4, 1, 2, 4]), npy('|u1', [4], [1, 2, 3, 4], { version: 2 })]) {
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(
        () => readNpy(bytes.subarray(0, length), 'file'),
        { code: 'DATA_CORRUPT', message: /offset/ },
        `length ${length}`,
      );
    }
    assert.throws(() => readNpy(Uint8Array.of(...bytes, 0), 'file'), { code: 'DATA_CORRUPT', message: /goes on after offset/ });
  }
  const archive = writeNpz(new Map([['x', { shape: [2], values: Float32Array.of(1, 2) }]]));
  for (let length = 0; length < archive.length; length++) {
    assert.throws(() => readNpz(archive.subarray(0, length), 'file'), { code: 'DATA_CORRUPT' }, `length ${length}`);
  }
});

test('headers are matched, never run: objects, fields, sizes beyond all bounds are refused by name', () => {
  const bad = (bytes: Uint8Array, code: string, message: RegExp) =>
    assert.throws(() => readNpy(bytes, 'file'), { code, message });
  const header = (text: string) =>
    Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, text.length & 255, text.length >> 8]), Buffer.from(text)]);
  bad(npy('|O8', [1], []), 'DATA_CORRUPT', /Python objects \(a pickle, which is never run\)/);
  bad(npy('<U4', [1], []), 'DATA_CORRUPT', /type "<U4"/);
  bad(npy('<c8', [1], []), 'DATA_CORRUPT', /type "<c8"/);
  bad(npy('<f4', [0, 3], []), 'DATA_CORRUPT', /holds no value/);
  bad(npy('<f4', [2 ** 31], []), 'DATA_CORRUPT', /ends at offset/); // allowed by its size, but the file is short
  bad(npy('<f4', [65_536, 65_536], []), 'DATA_TOO_LARGE', /2\^31/);
  bad(npy('<f4', [999_999_999_999_999, 999_999_999_999_999], []), 'DATA_TOO_LARGE', /2\^31/);
  bad(npy('<f4', [1], [1], { version: 4 }), 'DATA_CORRUPT', /offset 6: found version 4/);
  bad(npy('<f4', Array(40).fill(1), [1]), 'DATA_CORRUPT', /40 dimensions/);
  bad(header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"), 'DATA_CORRUPT', /without fields/);
  bad(header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"), 'DATA_CORRUPT', /offset 10/);
  bad(header("{'descr': '<f4', 'fortran_order': False}"), 'DATA_CORRUPT', /offset 10/);
  bad(header("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}"), 'DATA_CORRUPT', /offset 10/);
  bad(header("__import__('os').system('x')"), 'DATA_CORRUPT', /offset 10/);
  bad(Uint8Array.of(0x93, ...Buffer.from('NUMPY'), 2, 0, 255, 255, 255, 255, 0), 'DATA_TOO_LARGE', /header of 4294967295 bytes/);
  // Written by old Python, with long numbers and double quotes, and with keys in another order.
  const old = Buffer.concat([
    header(`{"shape": (2L, 1L), "fortran_order": False, "descr": "<f4"}`),
    Buffer.from(Float32Array.of(1, 2).buffer),
  ]);
  assert.deepEqual(Array.from(readNpy(old, 'file').values), [1, 2]);
});

test('archives: too many entries, bombs, doubles and wild names are refused or passed over', () => {
  const one = writeNpy({ shape: [1], values: Float32Array.of(1) });
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, k) => [`a${k}.npy`, one]));
  assert.throws(() => readNpz(zipSync(many), 'file'), { code: 'DATA_TOO_LARGE', message: /1000 entries/ });
  const zeros = writeNpy({ shape: [80 * 2 ** 20], values: new Uint8Array(80 * 2 ** 20) });
  assert.throws(() => readNpz(zipSync({ 'x.npy': [zeros, { level: 9 }] }), 'file'), {
    code: 'DATA_TOO_LARGE',
    message: /expand/,
  });
  const wild = zipSync({
    '../x.npy': one,
    '__proto__.npy': one,
    '/etc/passwd': one,
    'a/b.npy': one,
    'x.npy': one,
    'readme.txt': one,
  });
  assert.deepEqual([...readNpz(wild, 'file').keys()], ['x']);
  const twice = Buffer.from(zipSync({ 'ab.npy': one, 'ac.npy': one }));
  for (let at = twice.indexOf('ac.npy'); at >= 0; at = twice.indexOf('ac.npy')) twice.write('ab.npy', at);
  assert.throws(() => readNpz(twice, 'file'), { code: 'DATA_CORRUPT', message: /two arrays/ });
});

const arrays = (entries: Record<string, WrittenNpy>) => readNpz(writeNpz(new Map(Object.entries(entries))), 'file');
const images: WrittenNpy = { shape: [4, 2, 2], values: Uint8Array.from({ length: 16 }, (_, k) => k) };
const column = (...values: number[]): WrittenNpy => ({ shape: [values.length], values: Int32Array.from(values) });
const floats = (...values: number[]): WrittenNpy => ({ shape: [values.length], values: Float32Array.from(values) });

test('pairs of arrays become data sets: labels as they are, real targets, bytes that stay bytes', () => {
  const { train, test } = arraysDataset(
    'file',
    arrays({ x_train: images, y_train: column(0, 2, 1, 2), x_test: images, y_test: column(1, 1, 1, 0) }),
  );
  checkDataset(train);
  checkDataset(test!);
  assert.deepEqual([train.rows, train.shape, train.classes, test!.classes, train.scale], [4, [2, 2], 3, 3, 1 / 255]);
  assert.ok(train.inputs instanceof Uint8Array && train.targets instanceof Int32Array);
  for (const [x, y] of [
    ['x', 'y'],
    ['X', 'Y'],
    ['X', 'y'],
    ['data', 'labels'],
    ['images', 'labels'],
  ]) {
    const { train, test } = arraysDataset('file', arrays({ [x]: images, [y]: floats(0.5, 1, 2, 2) }));
    assert.deepEqual([train.classes, Array.from(train.targets), test], [0, [0.5, 1, 2, 2], undefined]);
  }
  const signs = arraysDataset('file', arrays({ x: floats(1, 2, 3), y: column(-1, 1, -1) })).train;
  assert.deepEqual([Array.from(signs.targets), signs.classes, signs.shape], [[0, 1, 0], 2, [1]]);
  const wrong = (entries: Record<string, WrittenNpy>, code: string, message: RegExp) =>
    assert.throws(() => arraysDataset('file', arrays(entries)), { code, message });
  wrong({ x: images }, 'DATA_NOT_FOUND', /x_train, y_train/);
  wrong({ x: images, y: column(0, 1) }, 'DATA_CORRUPT', /4 x 2 x 2 and 2 targets/);
  wrong({ x: images, y: { shape: [4, 2], values: new Uint8Array(8) } }, 'DATA_CORRUPT', /one-hot/);
  wrong({ x_train: images, y_train: column(0, 1, 0, 1), x_test: images }, 'DATA_NOT_FOUND', /x_test alone/);
  wrong(
    { x_train: images, y_train: column(0, 1, 0, 1), x_test: images, y_test: column(0, 2, 0, 1) },
    'DATA_LABEL',
    /row 1 has label 2/,
  );
  wrong({ x: images, y: column(0, 1, 70_000, 1) }, 'DATA_LABEL', /array of floats/);
});

test('images with their channels last become channels first; others stay', () => {
  const of = (...shape: number[]) => {
    const values = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, k) => k);
    return arraysDataset('file', arrays({ x: { shape, values }, y: column(...Array.from({ length: shape[0] }, (_, k) => k)) }))
      .train;
  };
  const data = of(2, 5, 4, 3);
  assert.deepEqual(data.shape, [3, 5, 4]);
  for (let row = 0; row < 2; row++)
    for (let h = 0; h < 5; h++)
      for (let w = 0; w < 4; w++)
        for (let c = 0; c < 3; c++) assert.equal(data.inputs[((row * 3 + c) * 5 + h) * 4 + w], ((row * 5 + h) * 4 + w) * 3 + c);
  assert.deepEqual(of(2, 3, 5, 4).shape, [3, 5, 4]);
  assert.deepEqual(of(2, 5, 4, 1).shape, [1, 5, 4]);
  assert.deepEqual(of(2, 5, 6, 2).shape, [5, 6, 2]);
});

test('an .npy file is a table: its last column the target, or another by its number', async () => {
  const values = Float32Array.from({ length: 30 }, (_, k) => (k % 3 === 2 ? (k % 2) * 5 : k));
  const path = file('table.npy', writeNpy({ shape: [10, 3], values }));
  const { train, test } = await load(path);
  assert.deepEqual([train.rows, test.rows, train.features, train.classes, train.standard?.mean.length], [8, 2, 2, 2, 2]);
  const whole = columnReading(readNpy(readFileSync(path), path), path, '1').apply(readNpy(readFileSync(path), path), path);
  assert.deepEqual([whole.classes, Array.from(whole.inputs.subarray(0, 4))], [10, [1, 0, 4, 5]]);
  await assert.rejects(load(path, { target: '4' }), { code: 'CONFIG_RANGE', message: /from 1 to 3/ });
  await assert.rejects(load(path, { target: 'x' }), { code: 'CONFIG_RANGE' });
  await assert.rejects(load(path, { test: file('narrow.npy', writeNpy({ shape: [5, 2], values: new Float32Array(10) })) }), {
    code: 'DATA_CORRUPT',
    message: /5 x 2 where the training data have 3 columns/,
  });
  await assert.rejects(load(file('line.npy', writeNpy({ shape: [4], values: new Float32Array(4) }))), { code: 'DATA_CORRUPT' });
  const bytes = await load(file('bytes.npy', writeNpy({ shape: [4, 2], values: Uint8Array.of(9, 0, 8, 1, 7, 0, 6, 1) })));
  assert.ok(bytes.train.inputs instanceof Uint8Array);
  await assert.rejects(load(file('nan.npy', writeNpy({ shape: [2, 2], values: Float32Array.of(1, 0, Number.NaN, 1) }))), {
    code: 'DATA_NONFINITE',
  });
});

test('an .npz file: its own test rows, or some held out', async () => {
  const both = new Map(
    Object.entries({ x_train: images, y_train: column(0, 1, 1, 0), x_test: images, y_test: column(1, 0, 1, 0) }),
  );
  const split = await load(file('both.npz', writeNpz(both, true)));
  assert.deepEqual([split.train.rows, split.test.rows, split.train.standard?.mean.length], [4, 4, 1]);
  const alone = file('alone.npz', writeNpz(new Map(Object.entries({ x: images, y: column(0, 1, 1, 0), extra: images }))));
  const held = await load(alone);
  assert.deepEqual([held.train.rows, held.test.rows], [3, 1]);
  await assert.rejects(load(alone, { target: '1' }), { code: 'CONFIG_RANGE' });
  await assert.rejects(load(alone, { test: 'x' }), { code: 'CONFIG_RANGE' });
});

test('damaged arrays give a value or an error with a code', () => {
  const files = codes.map((code, k) =>
    npy((code.endsWith('1') ? '|' : k % 2 ? '<' : '>') + code, [4, 3], [0, 1, 2, 4, 0, 1, 2, 4, 0, 1, 2, 4], {
      fortran: k % 3 === 0,
      version: 1 + (k % 3),
    }),
  );
  const refused = fuzz(
    files,
    5,
    bytes => {
      const array = readNpy(bytes, 'fuzz');
      return columnReading(array, 'fuzz', undefined).apply(array, 'fuzz');
    },
    ({ rows, inputs }) => assert.ok(rows > 0 && inputs.length > 0),
  );
  assert.ok(refused > 0);
});

test('damaged archives give a value or an error with a code', () => {
  const files = [false, true].map(compress =>
    writeNpz(
      new Map(Object.entries({ x_train: images, y_train: column(0, 1, 1, 0), x_test: images, y_test: column(1, 0, 1, 0) })),
      compress,
    ),
  );
  const refused = fuzz(
    files,
    6,
    bytes => arraysDataset('fuzz', readNpz(bytes, 'fuzz')),
    ({ train }) => assert.ok(train.rows > 0),
  );
  assert.ok(refused > 0);
});

const shared = resolve('../shared/data');
const skip = existsSync(shared) ? false : `there is no ${shared}`;

test('arrays of other software, read exactly: the values that numpy finds in them', { skip }, () => {
  const read = (name: string) => readNpy(readFileSync(join(shared, 'formats', `${name}.npy`)), name);
  const found: Record<string, number[]> = {
    '10-float16': [181, 89, 22, 19, 217, 22, 85, 97, 81, 156],
    '10-float32': [86, 46, 10, 148, 133, 86, 103, 118, 62, 49],
    '10-float64': [234, 19, 229, 195, 180, 130, 98, 134, 105, 206],
    '10-int16': [204, 177, 13, 85, 62, 197, 176, 34, 115, 154],
  };
  for (const [name, values] of Object.entries(found))
    assert.deepEqual([read(name).shape, Array.from(read(name).values)], [[10], values], name);
  const summed = (name: string) => {
    const { shape, values } = read(name);
    return { shape, first: values[0], last: values.at(-1), sum: Array.from(values).reduce((sum, value) => sum + value, 0) };
  };
  assert.deepEqual(summed('4x4x4x4x4-float32'), { shape: [4, 4, 4, 4, 4], first: 180, last: 99, sum: 126_643 });
  assert.deepEqual(summed('65x65-float32'), { shape: [65, 65], first: 137, last: 142, sum: 532_546 });
  const objects = readFileSync(join(shared, 'broken/object-array.npy'));
  assert.throws(() => readNpy(objects, 'objects'), { code: 'DATA_CORRUPT', message: /Python objects/ });
});

const python = spawnSync('python3', ['-c', 'import numpy']).status === 0 ? false : 'there is no python3 with numpy';

test('numpy reads what is written here, and what it writes is read here', { skip: python }, () => {
  const path = join(folder, 'numpy');
  writeFileSync(`${path}.npy`, writeNpy({ shape: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 0.1) }));
  writeFileSync(`${path}.npz`, writeNpz(new Map(Object.entries({ x: images, y: column(0, 1, 2, -3) })), true));
  const script = `
import sys, numpy as np
p = sys.argv[1]
a = np.load(p + '.npy'); assert a.dtype == np.float64 and a.tolist() == [[1, 2, 3], [4, 5, 0.1]], a
z = np.load(p + '.npz'); assert z['x'].dtype == np.uint8 and z['x'].tolist() == np.arange(16).reshape(4, 2, 2).tolist()
assert z['y'].dtype == np.int32 and z['y'].tolist() == [0, 1, 2, -3]
for k, code in enumerate('f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 ?'.split()):
    a = (np.arange(24) % 2 if code == '?' else np.arange(24)).reshape(2, 3, 4)
    for order in '<>':
        np.save('%s-%d%s.npy' % (p, k, order), np.asfortranarray(a.astype(order + code if code != '?' else code)) if order == '>' else a.astype(code))
np.savez(p + '-plain.npz', x=np.ones((3, 2), 'f4'), y=np.array([0, 1, 0]))
np.savez_compressed(p + '-packed.npz', x_train=np.arange(48, dtype='u1').reshape(4, 2, 2, 3), y_train=np.arange(4).reshape(4, 1), x_test=np.zeros((1, 2, 2, 3), 'u1'), y_test=np.array([[2]]))
`;
  execFileSync('python3', ['-c', script, path]);
  for (let k = 0; k < 12; k++) {
    for (const order of '<>') {
      const { shape, values } = readNpy(readFileSync(`${path}-${k}${order}.npy`), 'numpy');
      assert.deepEqual([shape, Array.from(values)], [[2, 3, 4], Array.from({ length: 24 }, (_, i) => (k === 11 ? i % 2 : i))]);
    }
  }
  const plain = arraysDataset('plain', readNpz(readFileSync(`${path}-plain.npz`), 'plain')).train;
  assert.deepEqual([plain.rows, plain.features, plain.classes], [3, 2, 2]);
  const packed = arraysDataset('packed', readNpz(readFileSync(`${path}-packed.npz`), 'packed'));
  assert.deepEqual([packed.train.shape, packed.train.classes, Array.from(packed.test!.targets)], [[3, 2, 2], 4, [2]]);
});
