/** A test set where the data bring none: a seeded random part of the rows is held out. */

import { HearsayError } from '../errors.js';
import { permuted, source } from '../random.js';
import type { Dataset, Split } from './dataset.js';
import { picked } from './sparse.js';

/** Holds out `fraction` of the rows (at least one, and not all). Both parts keep their order. Throws DATA_TOO_SMALL below 2 rows. */
export function holdOut(dataset: Dataset, fraction: number, seed: number): Split {
  const { rows, name } = dataset;
  if (rows < 2) throw new HearsayError('DATA_TOO_SMALL', `${name}: ${rows} row; at least 2 are needed, to train and to test`);
  const size = Math.min(rows - 1, Math.max(1, Math.round(rows * fraction)));
  const random = source(seed, 'hold-out');
  const held = new Uint8Array(rows);
  for (let k = 0; k < size; k++) held[permuted(random, 0, 0, k, rows)] = 1;
  return { train: pick(dataset, held, 0, rows - size), test: pick(dataset, held, 1, size) };
}

function pick(dataset: Dataset, held: Uint8Array, which: number, rows: number): Dataset {
  const { features, sparse } = dataset;
  if (sparse) {
    const kept = Uint32Array.from({ length: rows });
    for (let row = 0, next = 0; row < held.length; row++) if (held[row] === which) kept[next++] = row;
    return { ...dataset, rows, ...picked(sparse, dataset.inputs, kept), targets: targetsOf(dataset, kept) };
  }
  const inputs = new (dataset.inputs.constructor as typeof Float32Array)(rows * features);
  const targets = new (dataset.targets.constructor as typeof Float32Array)(rows);
  let next = 0;
  for (let row = 0; row < held.length; row++) {
    if (held[row] !== which) continue;
    inputs.set(dataset.inputs.subarray(row * features, (row + 1) * features), next * features);
    targets[next++] = dataset.targets[row];
  }
  return { ...dataset, rows, inputs, targets };
}

function targetsOf({ targets }: Dataset, rows: Uint32Array): Dataset['targets'] {
  const kept = new (targets.constructor as typeof Float32Array)(rows.length);
  rows.forEach((row, k) => {
    kept[k] = targets[row];
  });
  return kept;
}
