/** What every data set must keep, wherever it comes from: a file, a user's own code. */

import { HearsayError } from '../errors.js';
import type { Dataset, Places } from './dataset.js';

/**
 * Throws DATA_CORRUPT when sizes disagree (rows, features, shape, labels, places of sparse rows), DATA_LABEL for a label outside 0..classes-1
 * or an input that is no number of its categories, DATA_NONFINITE (row) for an input or a real target that is NaN or infinite.
 */
export function checkDataset(dataset: Dataset): void {
  const { name, rows, features, shape, inputs, targets, classes, scale, shift } = dataset;
  const corrupt = (problem: string) => new HearsayError('DATA_CORRUPT', `${name}: found ${problem}; correct what makes the data`);
  if (!Number.isInteger(rows) || rows < 1) throw corrupt(`${rows} rows, where at least 1 is needed`);
  if (!Number.isInteger(features) || features < 1) throw corrupt(`${features} features, where at least 1 is needed`);
  if (shape.reduce((product, size) => product * size, 1) !== features)
    throw corrupt(`shape ${shape.join(' x ')} with ${features} features`);
  if (dataset.sparse) checkPlaces(dataset, corrupt);
  else if (inputs.length !== rows * features)
    throw corrupt(`${inputs.length} inputs where ${rows} rows x ${features} features are needed`);
  if (targets.length !== rows) throw corrupt(`${targets.length} labels for ${rows} rows, where one a row is needed`);
  if (!Number.isFinite(scale) || !Number.isFinite(shift))
    throw corrupt(`scale ${scale}, shift ${shift}, where finite numbers are needed`);
  for (let row = 0; row < rows; row++) {
    const target = targets[row];
    if (classes > 0 && !(Number.isInteger(target) && target >= 0 && target < classes)) {
      throw new HearsayError(
        'DATA_LABEL',
        `${name}: row ${row} has label ${target}, allowed is a whole number from 0 to ${classes - 1}; correct the row or drop it`,
      );
    }
    if (!Number.isFinite(target))
      throw new HearsayError(
        'DATA_NONFINITE',
        `${name}: row ${row} has target ${target}, allowed are finite numbers; fill the gap or drop the row`,
      );
  }
  const { labels } = dataset;
  if (labels && labels.length !== classes) throw corrupt(`${labels.length} names of ${classes} classes`);
  checkCategories(dataset, corrupt);
  if (inputs instanceof Uint8Array) return;
  for (let i = 0; i < inputs.length; i++) {
    if (Number.isFinite(inputs[i])) continue;
    const row = dataset.sparse ? rowAt(dataset.sparse, i) : Math.floor(i / features);
    const feature = dataset.sparse ? dataset.sparse.columns[i] : i - row * features;
    throw new HearsayError(
      'DATA_NONFINITE',
      `${name}: row ${row}, feature ${feature} is ${inputs[i]}, allowed are finite numbers; fill the gap or drop the row`,
    );
  }
}

function checkPlaces(dataset: Dataset, corrupt: (problem: string) => HearsayError): void {
  const { rows, features, inputs, scale, shift, standard, categories } = dataset;
  const { offsets, columns } = dataset.sparse!;
  if (!(inputs instanceof Float32Array) || scale !== 1 || shift !== 0 || standard || categories)
    throw corrupt('sparse rows that are no plain floats, where scale 1, shift 0, no standard and no categories are needed');
  if (offsets.length !== rows + 1 || columns.length !== inputs.length || offsets[0] !== 0 || offsets[rows] !== inputs.length)
    throw corrupt(`offsets to ${offsets[rows]}, ${columns.length} columns and ${inputs.length} inputs of ${rows} sparse rows`);
  for (let row = 0; row < rows; row++) {
    if (offsets[row + 1] < offsets[row]) throw corrupt(`row ${row} that ends before it begins`);
    for (let k = offsets[row], least = 0; k < offsets[row + 1]; k++) {
      if (columns[k] < least || columns[k] >= features)
        throw corrupt(`column ${columns[k]} in row ${row}, where they ascend and are below ${features}`);
      least = columns[k] + 1;
    }
  }
}

function rowAt({ offsets }: Places, entry: number): number {
  return offsets.findIndex(end => end > entry) - 1;
}

function checkCategories(dataset: Dataset, corrupt: (problem: string) => HearsayError): void {
  const { name, features, inputs, categories, vocabulary, scale, shift, standard } = dataset;
  if (vocabulary && (categories?.length !== 1 || categories[0] !== vocabulary.length))
    throw corrupt(`a vocabulary of ${vocabulary.length} with categories ${categories?.join(', ') ?? 'none'}`);
  if (!categories) return;
  if (categories.length !== 1 && categories.length !== features)
    throw corrupt(`${categories.length} categories, where 1 or ${features} are needed, one a feature`);
  const odd = categories.find(size => !Number.isSafeInteger(size) || size < 1);
  if (odd !== undefined) throw corrupt(`categories of ${odd}, where whole numbers from 1 are needed`);
  if (scale !== 1 || shift !== 0 || standard) throw corrupt('categories that are scaled, where scale 1 and shift 0 are needed');
  requireCategories(name, inputs, features, categories);
}

/** Throws DATA_LABEL for an input, of rows of `features`, that is no whole number below the categories of its column. */
export function requireCategories(
  name: string,
  inputs: ArrayLike<number>,
  features: number,
  categories: readonly number[],
): void {
  const shared = categories.length === 1;
  for (let i = 0; i < inputs.length; i++) {
    const column = i % features;
    const size = categories[shared ? 0 : column];
    if (inputs[i] >= 0 && inputs[i] < size && Number.isInteger(inputs[i])) continue;
    const where = `${name}: row ${Math.floor(i / features)}, feature ${column}`;
    throw new HearsayError(
      'DATA_LABEL',
      `${where} is ${inputs[i]}, allowed is a whole number from 0 to ${size - 1}; correct the row or drop it`,
    );
  }
}
