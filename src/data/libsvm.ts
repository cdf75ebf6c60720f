/**
 * LIBSVM's sparse text (Chang and Lin 2011): a row is a label and `index:value` pairs with indices from 1, ascending; what is not
 * named is 0. `#` begins a comment. Read in one pass over the bytes into compressed sparse rows: 8 bytes a pair (of 4 bytes or more
 * in the file) and 12 bytes a row.
 */

import { HearsayError } from '../errors.js';
import type { Dataset } from './dataset.js';
import { decimal, isSpace } from './decimal.js';
import type { Labelling } from './target.js';

/** Row r has the entries columns[k], values[k] for k in offsets[r] .. offsets[r + 1] - 1; columns count from 0 and ascend. */
export interface Sparse {
  readonly name: string;
  readonly rows: number;
  /** Largest column + 1. */
  readonly width: number;
  readonly labels: Float64Array;
  readonly offsets: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array;
}

const newline = 10;
const colon = 58;
const hash = 35;

/** Whether one of the first lines of `bytes` has an `index:value` pair after its label. */
export function looksLikeLibsvm(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 2 ** 16));
  return head.split('\n', 50).some(line => /^\s*[+-]?[\d.]+([eE][+-]?\d+)?\s+\d+:[+-]?[\d.]/.test(line));
}

/**
 * Throws DATA_CORRUPT (line and offset), DATA_NONFINITE (row) for a number that is no finite float, DATA_TOO_LARGE for an index over 2^30.
 */
export function parseLibsvm(bytes: Uint8Array, name: string): Sparse {
  const { rows: capacity, pairs } = count(bytes);
  const labels = new Float64Array(capacity);
  const offsets = new Uint32Array(capacity + 1);
  const columns = new Uint32Array(pairs);
  const values = new Float32Array(pairs);
  let width = 0;
  let rows = 0;
  let used = 0;
  let line = 1;
  for (let at = 0; at < bytes.length; line++) {
    const end = lineEnd(bytes, at);
    let stop = end; // the end of what counts
    for (let k = at; k < end; k++) if (bytes[k] === hash) stop = Math.min(stop, k);
    const where = () => `${name}: row ${rows} (line ${line})`;
    const corrupt = (offset: number, problem: string) =>
      new HearsayError('DATA_CORRUPT', `${where()}, offset ${offset}: found ${problem}; correct the line or remove it`);
    const number = (from: number, to: number, what: string) => {
      const value = decimal(bytes, from, to);
      if (value === undefined) {
        const text = new TextDecoder('latin1').decode(bytes.subarray(from, Math.min(to, from + 24)));
        if (/^[+-]?(nan|inf|infinity)$/i.test(text))
          throw new HearsayError(
            'DATA_NONFINITE',
            `${where()}: the ${what} is ${text}, allowed are finite numbers; correct the line or remove it`,
          );
        throw corrupt(from, `${JSON.stringify(text)} where a ${what} is needed`);
      }
      if (!Number.isFinite(Math.fround(value))) {
        throw new HearsayError('DATA_NONFINITE', `${where()}: the ${what} ${value} is beyond the range of a float; scale it`);
      }
      return value;
    };
    let column = -1;
    let tokens = 0;
    for (let k = at; k < stop; ) {
      if (isSpace(bytes[k])) {
        k++;
        continue;
      }
      let split = -1;
      const from = k;
      while (k < stop && !isSpace(bytes[k])) {
        if (bytes[k] === colon && split < 0) split = k;
        k++;
      }
      if (tokens++ === 0) {
        labels[rows] = number(from, k, 'label');
        continue;
      }
      if (split < 0) throw corrupt(from, 'an entry without a colon, where entries are index:value');
      const index = decimal(bytes, from, split);
      if (index === undefined || !Number.isInteger(index) || index < 1)
        throw corrupt(from, 'an index that is no whole number from 1');
      if (index > 2 ** 30)
        throw new HearsayError(
          'DATA_TOO_LARGE',
          `${where()}: found index ${index}, allowed is up to 2^30; correct the line or remove it`,
        );
      if (index - 1 <= column) throw corrupt(from, `index ${index} after ${column + 1}, where indices must ascend`);
      column = index - 1;
      columns[used] = column;
      values[used++] = number(split + 1, k, 'value');
    }
    if (tokens > 0) {
      offsets[++rows] = used;
      width = Math.max(width, column + 1);
    }
    at = end + 1;
  }
  if (rows === 0)
    throw new HearsayError('DATA_CORRUPT', `${name}: found no row in ${bytes.length} bytes; give a file with one row a line`);
  const table = { labels: labels.subarray(0, rows), offsets: offsets.subarray(0, rows + 1) };
  return { name, rows, width, ...table, columns: columns.subarray(0, used), values: values.subarray(0, used) };
}

/** As sparse rows of `width` columns. Throws DATA_LABEL. */
export function sparseDataset(sparse: Sparse, width: number, labelling: Labelling): Dataset {
  const { name, rows, offsets, columns, values } = sparse;
  const features = Math.max(1, width);
  const targets = labelling.apply(sparse.labels, name);
  const table = { inputs: values, scale: 1, shift: 0, sparse: { offsets, columns } };
  return { name, rows, features, ...table, shape: [features], targets, ...classesOf(labelling) };
}

/** As a dense table of `width` columns. Throws DATA_TOO_LARGE when it would take more than `limit` bytes, DATA_LABEL. */
export function denseDataset(sparse: Sparse, width: number, labelling: Labelling, limit = 2 ** 31): Dataset {
  const { name, rows, offsets, columns, values } = sparse;
  const features = Math.max(1, width);
  if (rows * features * 4 > limit) {
    const found = `${rows} rows x ${features} columns take ${rows * features * 4} bytes as a dense table`;
    throw new HearsayError(
      'DATA_TOO_LARGE',
      `${name}: ${found}; at most ${limit} are allowed: drop columns or rows, or leave standardize out, for sparse rows`,
    );
  }
  const targets = labelling.apply(sparse.labels, name);
  const inputs = new Float32Array(rows * features);
  for (let row = 0; row < rows; row++) {
    for (let k = offsets[row]; k < offsets[row + 1]; k++) inputs[row * features + columns[k]] = values[k];
  }
  return { name, rows, features, inputs, scale: 1, shift: 0, shape: [features], targets, ...classesOf(labelling) };
}

const classesOf = ({ classes, names }: Labelling) => ({ classes, ...(names && { labels: names }) });

/** Upper bounds of rows and pairs. */
function count(bytes: Uint8Array): { rows: number; pairs: number } {
  let rows = 0;
  let pairs = 0;
  let blank = true;
  for (const byte of bytes) {
    if (byte === colon) pairs++;
    if (byte === newline) blank = true;
    else if (blank && !isSpace(byte)) {
      blank = false;
      rows++;
    }
  }
  return { rows, pairs };
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(newline, from);
  return end < 0 ? bytes.length : end;
}
