/** Data sets out of numpy's arrays: the inputs and targets of an NPZ file, the columns of an NPY file. */

import { HearsayError } from '../errors.js';
import type { Dataset } from './dataset.js';
import type { Npy } from './npy.js';
import { type Known, type Labelling, labelling } from './target.js';

/** Names of inputs and targets, in the order in which they are looked for; the first pair is Keras's. */
const pairs = [
  ['x_train', 'y_train'],
  ['x', 'y'],
  ['X', 'Y'],
  ['X', 'y'],
  ['data', 'labels'],
  ['images', 'labels'],
] as const;
const testPair = ['x_test', 'y_test'] as const;

/** Whether an array of this name is any of a data set's. */
export function isDatasetArray(name: string): boolean {
  return [...pairs, testPair].flat().includes(name as 'x');
}

/**
 * The rows of x_train and y_train with those of x_test and y_test; or of x and y, X and Y, data and labels, images and labels, with no
 * test rows. Throws DATA_NOT_FOUND when no such pair is there, and what `reading` throws.
 */
export function arraysDataset(name: string, arrays: ReadonlyMap<string, Npy>, known?: Known): { train: Dataset; test?: Dataset } {
  const pair = pairs.find(names => names.every(key => arrays.has(key)));
  if (!pair) {
    const found = [...arrays.keys()].join(', ') || 'none of their names';
    const allowed = 'x_train, y_train, x_test and y_test, or x and y, X and Y, data and labels, images and labels';
    throw new HearsayError('DATA_NOT_FOUND', `${name}: found ${found}, allowed are ${allowed}; give them such names`);
  }
  const [x, y] = pair;
  const apply = pairReading(arrays.get(y)!, `${name}: ${y}`, known);
  const train = apply(name, arrays.get(x)!, arrays.get(y)!, x, y);
  const [testX, testY] = testPair.map(key => arrays.get(key));
  if (x !== 'x_train' || (!testX && !testY)) return { train };
  if (!testX || !testY) {
    throw new HearsayError(
      'DATA_NOT_FOUND',
      `${name}: found ${testX ? 'x_test' : 'y_test'} alone; give both x_test and y_test, or none`,
    );
  }
  return { train, test: apply(`${name} (test)`, testX, testY, ...testPair) };
}

type Apply = (name: string, inputs: Npy, targets: Npy, x: string, y: string) => Dataset;

/** Reads pairs of arrays by what the training targets mean. */
function pairReading(targets: Npy, where: string, known: Known | undefined): Apply {
  requireColumn(targets, where);
  const labels = known ? labelling(asFloats(targets), where, known) : labellingOf(targets, where);
  return (name, inputs, targets, x, y) => {
    requireColumn(targets, `${name}: ${y}`);
    const rows = inputs.shape[0] ?? 1;
    if (inputs.shape.length === 0 || rows !== targets.shape[0]) {
      const found = `${x} of shape ${inputs.shape.join(' x ') || 'one number'} and ${targets.shape[0]} targets in ${y}`;
      throw new HearsayError('DATA_CORRUPT', `${name}: found ${found}, allowed is one target a row; take arrays of one data set`);
    }
    return {
      name,
      rows,
      ...channelsFirst(inputs),
      shift: 0,
      targets: labels.apply(asFloats(targets), name),
      classes: labels.classes,
      ...(labels.names && { labels: labels.names }),
    };
  };
}

function requireColumn({ shape }: Npy, where: string): void {
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return;
  const found = `shape ${shape.join(' x ') || 'of one number'}`;
  throw new HearsayError(
    'DATA_CORRUPT',
    `${where}: found ${found}, allowed is one label or number a row; take argmax of one-hot rows`,
  );
}

/** Whole numbers from 0 in an array of whole numbers are labels as they are (65,536 classes at most); for others see `labelling`. */
function labellingOf(targets: Npy, where: string): Labelling {
  let top = 0;
  let isLabels = targets.whole;
  for (const value of targets.values) {
    if (value < 0) isLabels = false;
    if (value > top) top = value;
  }
  if (!isLabels || top === 0) return labelling(asFloats(targets), where);
  if (top >= 65_536)
    throw new HearsayError(
      'DATA_LABEL',
      `${where}: found label ${top}, allowed are whole numbers from 0 to 65535; give real targets as an array of floats`,
    );
  const classes = top + 1;
  return {
    classes,
    apply(values, name) {
      const row = values.findIndex(value => !Number.isInteger(value) || value < 0 || value >= classes);
      if (row < 0) return Int32Array.from(values);
      const allowed = `a whole number from 0 to ${classes - 1}, as in ${where}`;
      throw new HearsayError('DATA_LABEL', `${name}: row ${row} has label ${values[row]}, allowed is ${allowed}; drop the row`);
    },
  };
}

/** Images with their channels last (1, 3 or 4 of them), as Keras has them, become [channels, height, width]. */
function channelsFirst({ shape: [rows, ...shape], values }: Npy): Pick<Dataset, 'inputs' | 'features' | 'shape' | 'scale'> {
  const features = values.length / rows;
  const scale = values instanceof Uint8Array ? 1 / 255 : 1;
  const isChannels = (size: number) => size === 1 || size === 3 || size === 4;
  if (shape.length !== 3 || !isChannels(shape[2]) || isChannels(shape[0]))
    return { inputs: values, features, shape: shape.length > 0 ? shape : [1], scale };
  const [height, width, channels] = shape;
  const inputs = channels === 1 ? values : new (values.constructor as typeof Float32Array)(values.length);
  const places = height * width;
  for (let row = 0; row < rows && channels > 1; row++) {
    for (let place = 0, from = row * features; place < places; place++) {
      for (let c = 0; c < channels; c++) inputs[row * features + c * places + place] = values[from++];
    }
  }
  return { inputs, features, shape: [channels, height, width], scale };
}

function asFloats({ values }: Npy): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** How the columns of one NPY file, the training data, are read; applied to it and to the test file. */
export interface ColumnReading {
  apply(array: Npy, name: string): Dataset;
}

/**
 * A two-dimensional array as a table. `target` counts the target column from 1; the last one by default. Bytes stay bytes. Throws
 * CONFIG_RANGE for an unknown column, DATA_CORRUPT, DATA_LABEL.
 */
export function columnReading(array: Npy, name: string, target: string | undefined, known?: Known): ColumnReading {
  const [, columns] = array.shape;
  if (array.shape.length !== 2 || columns < 2) {
    const found = `shape ${array.shape.join(' x ') || 'of one number'}`;
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: found ${found}, allowed are rows x columns, 2 columns at least, the target among them; give x and y in an .npz file`,
    );
  }
  if (target !== undefined && !(/^[1-9]\d{0,8}$/.test(target) && Number(target) <= columns)) {
    const found = JSON.stringify(target.slice(0, 40));
    throw new HearsayError(
      'CONFIG_RANGE',
      `${name}: no column ${found}, it has ${columns} without names; give a number from 1 to ${columns}`,
    );
  }
  const at = target === undefined ? columns - 1 : Number(target) - 1;
  const labels = labelling(column(array, at), `${name}: column ${at + 1}`, known);
  return {
    apply(array, name) {
      const [rows, found] = array.shape;
      if (array.shape.length !== 2 || found !== columns) {
        const shape = `shape ${array.shape.join(' x ') || 'of one number'} where the training data have ${columns} columns`;
        throw new HearsayError('DATA_CORRUPT', `${name}: found ${shape}; give a test file with the same columns`);
      }
      const features = columns - 1;
      const { values } = array;
      const inputs = new (values.constructor as typeof Float32Array)(rows * features);
      for (let row = 0; row < rows; row++) {
        const [from, to] = [row * columns, row * features];
        inputs.set(values.subarray(from, from + at), to);
        inputs.set(values.subarray(from + at + 1, from + columns), to + at);
      }
      const targets = labels.apply(column(array, at), name);
      const scale = inputs instanceof Uint8Array ? 1 / 255 : 1;
      const named = labels.names && { labels: labels.names };
      return { name, rows, features, inputs, scale, shift: 0, shape: [features], targets, classes: labels.classes, ...named };
    },
  };
}

function column({ shape: [rows, columns], values }: Npy, k: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => values[row * columns + k]);
}
