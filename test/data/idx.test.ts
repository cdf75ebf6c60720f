import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkDataset } from '../../src/data/check.js';
import { idxDataset, parseIdx } from '../../src/data/idx.js';
import { fuzz } from '../support/mutation.js';

const widths: Record<number, number> = { 8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8 };

/** The format written down once more, from its description. */
function idx(type: number, shape: readonly number[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length * widths[type]);
  const view = new DataView(bytes.buffer);
  view.setUint16(2, type * 256 + shape.length);
  for (const [k, size] of shape.entries()) view.setUint32(4 + 4 * k, size);
  values.forEach((value, k) => {
    const at = 4 + 4 * shape.length + k * widths[type];
    if (type === 8) view.setUint8(at, value);
    else if (type === 9) view.setInt8(at, value);
    else if (type === 11) view.setInt16(at, value);
    else if (type === 12) view.setInt32(at, value);
    else if (type === 13) view.setFloat32(at, value);
    else view.setFloat64(at, value);
  });
  return bytes;
}

const labels = (values: readonly number[]) => parseIdx(idx(8, [values.length], values), 'labels');

test('every type and rank reads back; bytes are a view of the file, not a copy', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(8, 9, 11, 12, 13, 14),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.integer({ min: -128, max: 127 })),
      (type, shape, stream) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const values = Array.from({ length: count }, () => stream.next().value as number).map(v => (type === 8 ? v + 128 : v));
        const bytes = idx(type, shape, values);
        const read = parseIdx(bytes, 'file');
        assert.deepEqual(read.shape, shape);
        assert.deepEqual(Array.from(read.values), values);
        assert.equal(read.values.buffer === bytes.buffer, type === 8);
      },
    ),
  );
});

test('every prefix of a valid file is refused, and so is a byte too many', () => {
  for (const type of [8, 11, 14]) {
    const bytes = idx(type, [3, 2, 2], Array(12).fill(7));
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(
        () => parseIdx(bytes.subarray(0, length), 'file'),
        { code: 'DATA_CORRUPT', message: /offset/ },
        `length ${length}`,
      );
    }
    assert.throws(() => parseIdx(Uint8Array.of(...bytes, 0), 'file'), { code: 'DATA_CORRUPT', message: /goes on after offset/ });
  }
});

test('bad magic, types, ranks and sizes are refused by name, before memory is taken for them', () => {
  const bad = (bytes: Uint8Array, code: string) => assert.throws(() => parseIdx(bytes, 'file'), { code });
  bad(Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 1, 5), 'DATA_CORRUPT');
  bad(Uint8Array.of(0, 0, 10, 1, 0, 0, 0, 1, 5), 'DATA_CORRUPT');
  bad(Uint8Array.of(0, 0, 8, 0, 0, 0, 0, 1, 5), 'DATA_CORRUPT');
  bad(Uint8Array.of(0, 0, 8, 9, 0, 0, 0, 1, 5), 'DATA_CORRUPT');
  bad(idx(8, [0], []), 'DATA_CORRUPT');
  bad(idx(8, [65_536, 65_536], []), 'DATA_TOO_LARGE');
  bad(idx(14, [0xffffffff, 0xffffffff, 0xffffffff], []), 'DATA_TOO_LARGE');
  bad(idx(8, [2 ** 31], []), 'DATA_CORRUPT'); // allowed by its size, but the file is short
  bad(idx(13, [2], [1, Number.NaN]), 'DATA_NONFINITE');
  bad(idx(14, [2], [1e300, 1]), 'DATA_NONFINITE');
});

test('inputs and labels make a data set; a wrong count or label is refused', () => {
  const inputs = parseIdx(idx(8, [3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), 'inputs');
  const data = idxDataset('both', inputs, labels([2, 0, 1]));
  assert.deepEqual([data.rows, data.features, data.shape, data.classes, data.scale], [3, 4, [2, 2], 3, 1 / 255]);
  checkDataset(data);
  assert.throws(() => idxDataset('both', inputs, labels([2, 0])), { code: 'DATA_CORRUPT', message: /3 inputs.*shape 2/ });
  assert.throws(() => idxDataset('both', inputs, labels([2, 0, 3]), 3), {
    code: 'DATA_LABEL',
    message: /row 2 has label 3.*0 to 2/,
  });
  const half = parseIdx(idx(13, [3], [0, 0.5, 1]), 'labels');
  assert.throws(() => idxDataset('both', inputs, half), { code: 'DATA_LABEL', message: /row 1/ });
  const negative = parseIdx(idx(9, [3], [0, -1, 1]), 'labels');
  assert.throws(() => idxDataset('both', inputs, negative), { code: 'DATA_LABEL' });
});

test('damaged files give a value or an error with a code', () => {
  const files = [8, 9, 11, 12, 13, 14].map(type => idx(type, [4, 3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
  const four = labels([0, 1, 2, 3]);
  const refused = fuzz(
    files,
    1,
    bytes => idxDataset('fuzz', parseIdx(bytes, 'fuzz'), four),
    data => checkDataset(data),
  );
  assert.ok(refused > 0);
});
