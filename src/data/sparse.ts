/** Rows of which most numbers are 0, compressed (Dataset.sparse): how they come from whole rows, and become whole again. */

import type { Dataset, Places } from './dataset.js';
import { writeValues } from './standardize.js';

/** True when compressed rows take less memory than whole ones: 8 bytes an entry and 4 a row, against 4 a number. */
export function isWorthIt(entries: number, rows: number, features: number): boolean {
  return 8 * entries + 4 * (rows + 1) < 4 * rows * features;
}

/** The same data with sparse rows, standardized as they are to be: what is 0 then is left out. */
export function compressed(dataset: Dataset): Dataset {
  if (dataset.sparse) return dataset;
  const { rows, features, inputs, standard } = dataset;
  const row = new Float32Array(features);
  const offsets = new Uint32Array(rows + 1);
  const each = (visit: (column: number, value: number) => void) => {
    for (let r = 0, used = 0; r < rows; r++) {
      writeValues(row, inputs, r * features, features, dataset, standard);
      for (let k = 0; k < features; k++) {
        if (row[k] === 0) continue;
        visit(k, row[k]);
        used++;
      }
      offsets[r + 1] = used;
    }
  };
  each(() => {});
  const columns = new Uint32Array(offsets[rows]);
  const values = new Float32Array(offsets[rows]);
  let at = 0;
  each((column, value) => {
    columns[at] = column;
    values[at++] = value;
  });
  const { standard: _, ...rest } = dataset;
  return { ...rest, inputs: values, scale: 1, shift: 0, sparse: { offsets, columns } };
}

/** For each column: rows, over those that have it; 0 where none has. */
export function spreadOf({ offsets, columns }: Places, features: number): Float32Array {
  const counts = new Uint32Array(features);
  for (const column of columns) counts[column]++;
  return Float32Array.from(counts, count => (count === 0 ? 0 : (offsets.length - 1) / count));
}

/** `to` := the numbers of row `row`, zeros and all. */
export function writeRow(to: Float32Array, inputs: ArrayLike<number>, { offsets, columns }: Places, row: number): void {
  to.fill(0);
  for (let k = offsets[row]; k < offsets[row + 1]; k++) to[columns[k]] = inputs[k];
}

/** The rows of one, then those of the other. */
export function appended(first: Places, second: Places): Places {
  const offsets = new Uint32Array(first.offsets.length + second.offsets.length - 1);
  offsets.set(first.offsets);
  const entries = first.columns.length;
  second.offsets.forEach((offset, k) => void (offsets[first.offsets.length - 1 + k] = entries + offset));
  const columns = new Uint32Array(entries + second.columns.length);
  columns.set(first.columns);
  columns.set(second.columns, entries);
  return { offsets, columns };
}

/** The rows of those numbers, in that order. */
export function picked({ offsets, columns }: Places, inputs: Dataset['inputs'], rows: readonly number[] | Uint32Array) {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, k) => {
    starts[k + 1] = starts[k] + offsets[row + 1] - offsets[row];
  });
  const places = new Uint32Array(starts[rows.length]);
  const values = new Float32Array(starts[rows.length]);
  rows.forEach((row, k) => {
    places.set(columns.subarray(offsets[row], offsets[row + 1]), starts[k]);
    values.set(inputs.subarray(offsets[row], offsets[row + 1]), starts[k]);
  });
  return { inputs: values, sparse: { offsets: starts, columns: places } };
}
