/**
 * IDX, the format of MNIST (Y. LeCun's page "THE MNIST DATABASE", last section): two zero bytes, a type, the number of dimensions,
 * each dimension as a big-endian 32-bit word, then the values, big-endian, row-major, to the end of the file.
 */

import { HearsayError } from '../errors.js';
import type { Dataset } from './dataset.js';

export interface Idx {
  readonly shape: readonly number[];
  /** A view of the file for bytes; a copy for other types. */
  readonly values: Uint8Array | Float32Array;
}

interface Type {
  readonly width: number;
  readonly read: (view: DataView, at: number) => number;
}

const types: Readonly<Record<number, Type>> = {
  8: { width: 1, read: (view, at) => view.getUint8(at) },
  9: { width: 1, read: (view, at) => view.getInt8(at) },
  11: { width: 2, read: (view, at) => view.getInt16(at) },
  12: { width: 4, read: (view, at) => view.getInt32(at) },
  13: { width: 4, read: (view, at) => view.getFloat32(at) },
  14: { width: 8, read: (view, at) => view.getFloat64(at) },
};

/** Whether the bytes begin as an IDX file does. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] in types && bytes[3] >= 1 && bytes[3] <= 8;
}

/** Throws DATA_CORRUPT (with the offset), DATA_TOO_LARGE for more than 2^31 values, DATA_NONFINITE for NaN and infinity. */
export function parseIdx(bytes: Uint8Array, name: string): Idx {
  if (!isIdx(bytes)) {
    const found = Array.from(bytes.subarray(0, 4), byte => byte.toString(16).padStart(2, '0')).join(' ');
    const allowed = 'an IDX file begins with 00 00, a type (08 09 0b 0c 0d 0e) and 1 to 8 dimensions';
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: offset 0: found ${found || 'nothing'}, allowed: ${allowed}; give another file`,
    );
  }
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: ends at offset ${bytes.length}, inside its header of ${start} bytes; fetch it again`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, k) => view.getUint32(4 + 4 * k));
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.includes(0))
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: offset 4: found shape ${shape.join(' x ')}, which holds no value; fetch it again`,
    );
  if (count > 2 ** 31) {
    throw new HearsayError(
      'DATA_TOO_LARGE',
      `${name}: offset 4: shape ${shape.join(' x ')} has ${count} values, allowed are 2^31; take a smaller set`,
    );
  }
  const { width, read } = types[bytes[2]];
  const end = start + count * width;
  if (bytes.length !== end) {
    const found = bytes.length < end ? `ends at offset ${bytes.length}` : `goes on after offset ${end}, to ${bytes.length}`;
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: ${found}, where its shape ${shape.join(' x ')} takes ${end} bytes; fetch it again`,
    );
  }
  if (bytes[2] === 8) return { shape, values: bytes.subarray(start) };
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = read(view, start + i * width);
    if (!Number.isFinite(values[i])) {
      const row = Math.floor(i / (count / shape[0]));
      throw new HearsayError(
        'DATA_NONFINITE',
        `${name}: row ${row}: the value at offset ${start + i * width} is no finite float; correct the file`,
      );
    }
  }
  return { shape, values };
}

/**
 * Inputs with their labels: bytes stay bytes with scale 1/255. `classes` is the largest label + 1 unless it is given. Throws
 * DATA_CORRUPT when the counts differ, DATA_LABEL for a label that is no whole number in 0..classes-1 (65,536 classes at most).
 */
export function idxDataset(name: string, inputs: Idx, labels: Idx, classes?: number): Dataset {
  const rows = inputs.shape[0];
  if (labels.shape.length !== 1 || labels.shape[0] !== rows) {
    const found = `${rows} inputs, and labels of shape ${labels.shape.join(' x ')}`;
    throw new HearsayError('DATA_CORRUPT', `${name}: found ${found}, allowed is one label a row; take the files of one data set`);
  }
  const targets = new Int32Array(rows);
  let top = 1;
  for (let row = 0; row < rows; row++) {
    const label = labels.values[row];
    if (!Number.isInteger(label) || label < 0 || label >= (classes ?? 65_536)) {
      const allowed = `a whole number from 0 to ${(classes ?? 65_536) - 1}`;
      throw new HearsayError('DATA_LABEL', `${name}: row ${row} has label ${label}, allowed is ${allowed}; correct the file`);
    }
    targets[row] = label;
    top = Math.max(top, label);
  }
  const shape = inputs.shape.length > 1 ? inputs.shape.slice(1) : [1];
  const features = inputs.values.length / rows;
  const scale = inputs.values instanceof Uint8Array ? 1 / 255 : 1;
  return { name, rows, features, inputs: inputs.values, scale, shift: 0, shape, targets, classes: classes ?? top + 1 };
}
