/** From what a user writes after --data to training and test data. */

import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { quote } from '../spec.js';
import { arraysDataset, columnReading, isDatasetArray } from './arrays.js';
import { testFile } from './beside.js';
import { checkDataset } from './check.js';
import { cifarDataset, cifarNamed } from './cifar.js';
import { parseCsv } from './csv.js';
import type { Dataset, Split } from './dataset.js';
import { drawn, drawnNames } from './drawn.js';
import { readBytes } from './file.js';
import { readFolder } from './folder.js';
import type { Progress } from './gzip.js';
import { holdOut } from './holdout.js';
import { isIdx } from './idx.js';
import { denseDataset, looksLikeLibsvm, parseLibsvm } from './libsvm.js';
import { isNpy, readNpy } from './npy.js';
import { isZip, readNpz } from './npz.js';
import { standardize, standardizeWhole } from './standardize.js';
import { reading } from './table.js';
import { labelling } from './target.js';

export interface Loading {
  /** Seeds the data that are drawn (digits, synthetic) and the rows that are held out; 1 by default, as in an experiment. */
  readonly seed?: number;
  /** A file of test data, in the format of the training data: not for folders and what is drawn. */
  readonly test?: string;
  /** Target column of a table (CSV, .npy): its name, or its number from 1; the last column by default. */
  readonly target?: string;
  /** Part of the rows that is held out when there is no test file; 0.2 by default. */
  readonly holdOut?: number;
  /**
   * Mean 0 and deviation 1 over the training rows: of a column (`features`), of all values together (`whole`). `none`: as they are (bytes:
   * 0..1). `auto`: whole for bytes, which are images, features for CSV tables, else none. The inputs stay as they are; it is noted beside
   * them.
   */
  readonly standardize?: 'auto' | 'none' | 'features' | 'whole';
  readonly progress?: Progress;
}

/**
 * `spec` is `digits` (20,000 to train on, 4,000 to test on), `digits:N` (N and N/5), `synthetic` with settings (see synthetic.ts), a
 * folder with the four files of MNIST or the .bin files of CIFAR-10 or CIFAR-100, one such .bin file, numpy's
 * arrays (.npy, .npz), or a table: CSV or LIBSVM text, told apart by content (all plain or .gz). The test rows of a folder are in files of such a name (t10k-*, test*.bin). The test file of a
 * file is `test`, else the one beside it (see testFile). Where there is none, rows are held out.
 * Throws HearsayError: DATA_NOT_FOUND, DATA_CORRUPT, DATA_TOO_LARGE, DATA_LABEL, DATA_NONFINITE, DATA_TOO_SMALL, CONFIG_RANGE, and
 * CONFIG_UNKNOWN_KEY and CONFIG_TYPE for settings of synthetic data.
 */
export async function load(spec: string, options: Loading = {}): Promise<Split> {
  if (typeof spec !== 'string') {
    throw new HearsayError('CONFIG_TYPE', `data: found ${typeof spec}, expected text: digits, synthetic, a file or a folder`);
  }
  const mode = options.standardize ?? 'auto';
  const { split, table } = await read(spec, { ...options, seed: options.seed ?? 1 });
  checkDataset(split.train);
  checkDataset(split.test);
  checkPair(split);
  const bytes = split.train.inputs instanceof Uint8Array;
  if (mode === 'whole' || (mode === 'auto' && bytes)) return standardizeWhole(split);
  return mode === 'features' || (mode === 'auto' && table) ? standardize(split) : split;
}

interface Found {
  readonly split: Split;
  /** A table whose columns have units of their own. */
  readonly table: boolean;
}

type Given = Loading & { readonly seed: number };

/** What belongs to tables is not passed over in silence elsewhere. Throws CONFIG_RANGE. */
export function refuseTableOptions(spec: string, what: string, given: Pick<Loading, 'test' | 'target'>): void {
  for (const key of ['test', 'target'] as const) {
    if (given[key] === undefined) continue;
    const reason =
      key === 'test' ? 'it belongs to tables and other single files' : 'it belongs to CSV and other tables of columns';
    throw new HearsayError(
      'CONFIG_RANGE',
      `${key}: found ${quote(given[key])}, but data ${quote(spec)} is ${what}: ${reason}; leave it out`,
    );
  }
}

async function read(spec: string, options: Given): Promise<Found> {
  if (/^(digits|synthetic)(:|$)/.test(spec)) refuseTableOptions(spec, 'drawn, test rows and targets too', options);
  const draw = drawn(spec);
  if (draw) return { split: draw(options.seed), table: false };
  if (spec === '' || spec.includes('\0'))
    throw new HearsayError('DATA_NOT_FOUND', 'data: no path given; give digits, synthetic, a file or a folder');
  const kind = await stat(spec).catch(() => undefined);
  if (kind?.isDirectory()) {
    refuseTableOptions(spec, 'a folder of images, its test files among them', options);
    return { split: await readFolder(spec, dataset => alone(dataset, options), options.progress), table: false };
  }
  if (!kind && !/[./\\]/.test(spec)) {
    const remedy = suggestion(spec.split(':', 1)[0], drawnNames) || '; give digits, a file or a folder';
    throw new HearsayError('DATA_NOT_FOUND', `data: ${quote(spec)}: there is no such file${remedy}`);
  }
  const bytes = await readBytes(spec, options.progress);
  if (/\.bin(\.gz)?$/i.test(spec)) return { split: await readCifar(spec, bytes, options), table: false };
  if (isNpy(bytes)) return { split: await readColumns(spec, bytes, options), table: true };
  if (isZip(bytes)) return { split: readArrays(spec, bytes, options), table: false };
  if (isIdx(bytes)) {
    throw new HearsayError(
      'DATA_NOT_FOUND',
      `${spec}: one IDX file, of the four that are needed; give their folder: ${dirname(spec)}`,
    );
  }
  const nul = bytes.subarray(0, 4096).indexOf(0);
  if (nul >= 0)
    throw new HearsayError(
      'DATA_CORRUPT',
      `${spec}: a zero byte at offset ${nul}: neither an array nor text (CSV or LIBSVM); decompress it, or give another file`,
    );
  return isLibsvm(spec, bytes)
    ? { split: await readLibsvm(spec, bytes, options), table: false }
    : { split: await readCsv(spec, bytes, options), table: true };
}

/** Training and test rows of what has no test file. */
function alone(dataset: Dataset, { holdOut: fraction = 0.2, seed }: Given): Split {
  return holdOut(dataset, fraction, seed);
}

async function readCifar(path: string, bytes: Uint8Array, options: Given): Promise<Split> {
  refuseTableOptions(path, 'CIFAR, whose labels come first in a row', { target: options.target });
  const kind = cifarNamed(path);
  const train = cifarDataset(path, [{ name: path, bytes }], kind);
  const other = await testFile(path, options.test);
  if (other === undefined) return alone(train, options);
  return { train, test: cifarDataset(other, [{ name: other, bytes: await readBytes(other, options.progress) }], kind) };
}

async function readColumns(path: string, bytes: Uint8Array, options: Given): Promise<Split> {
  const array = readNpy(bytes, path);
  const { apply } = columnReading(array, path, options.target);
  const train = apply(array, path);
  const other = await testFile(path, options.test);
  if (other === undefined) return alone(train, options);
  return { train, test: apply(readNpy(await readBytes(other, options.progress), other), other) };
}

function readArrays(path: string, bytes: Uint8Array, options: Given): Split {
  refuseTableOptions(path, 'an archive of arrays, test rows and targets among them', options);
  const { train, test } = arraysDataset(path, readNpz(bytes, path, isDatasetArray));
  return test ? { train, test } : alone(train, options);
}

async function readLibsvm(path: string, bytes: Uint8Array, options: Given): Promise<Split> {
  refuseTableOptions(path, 'LIBSVM, whose targets come first in a line', { target: options.target });
  const train = parseLibsvm(bytes, path);
  const labels = labelling(train.labels, path);
  const other = await testFile(path, options.test);
  if (other === undefined) return alone(denseDataset(train, train.width, labels), options);
  const test = parseLibsvm(await readBytes(other, options.progress), other);
  const width = Math.max(train.width, test.width);
  return { train: denseDataset(train, width, labels), test: denseDataset(test, width, labels) };
}

async function readCsv(path: string, bytes: Uint8Array, options: Given): Promise<Split> {
  const table = parseCsv(bytes, path);
  const { apply } = reading(table, options.target);
  const train = apply(table);
  const other = await testFile(path, options.test);
  if (other === undefined) return alone(train, options);
  return { train, test: apply(parseCsv(await readBytes(other, options.progress), other)) };
}

function isLibsvm(path: string, bytes: Uint8Array): boolean {
  if (/\.(libsvm|svm|svmlight)(\.gz)?$/i.test(path)) return true;
  return !/\.(csv|tsv|data)(\.gz)?$/i.test(path) && looksLikeLibsvm(bytes);
}

function checkPair({ train, test }: Split): void {
  const shapes = [train, test].map(({ shape }: Dataset) => shape.join(' x '));
  if (shapes[0] !== shapes[1]) {
    throw new HearsayError(
      'DATA_CORRUPT',
      `${test.name}: inputs of shape ${shapes[1]} where the training data have ${shapes[0]}; take both from one data set`,
    );
  }
}
