/** From what a user writes after --data to training and test data. */

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { quote } from '../spec.js';
import { checkDataset } from './check.js';
import { parseCsv } from './csv.js';
import type { Dataset, Split } from './dataset.js';
import { drawn, drawnNames } from './drawn.js';
import { readBytes } from './file.js';
import type { Progress } from './gzip.js';
import { holdOut } from './holdout.js';
import { idxDataset, isIdx, parseIdx } from './idx.js';
import { denseDataset, looksLikeLibsvm, parseLibsvm } from './libsvm.js';
import { standardize, standardizeWhole } from './standardize.js';
import { reading } from './table.js';
import { labelling } from './target.js';

export interface Loading {
  /** Seeds the data that are drawn (digits, synthetic) and the rows that are held out; 1 by default, as in an experiment. */
  readonly seed?: number;
  /** A file of test data, in the format of the training data: for tables (CSV, LIBSVM) alone. */
  readonly test?: string;
  /** Target column of a CSV table: its name, or its number from 1; the last column by default. */
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
 * folder with the four files of MNIST (plain or .gz), or a table: CSV or LIBSVM text (plain or .gz), told apart by content. The test
 * file of a table is `test`, else the first of PATH.t, PATH.test, PATH with `train` replaced by `test` in its name (each plain or .gz)
 * that exists, else rows are held out.
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
    const reason = key === 'test' ? 'it belongs to tables (CSV, LIBSVM)' : 'it belongs to CSV tables';
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
  if (kind?.isDirectory()) refuseTableOptions(spec, 'a folder of IDX files, test files among them', options);
  if (kind?.isDirectory()) return { split: await readFolder(spec, options), table: false };
  if (!kind && !/[./\\]/.test(spec)) {
    const remedy = suggestion(spec.split(':', 1)[0], drawnNames) || '; give digits, a file or a folder';
    throw new HearsayError('DATA_NOT_FOUND', `data: ${quote(spec)}: there is no such file${remedy}`);
  }
  const bytes = await readBytes(spec, options.progress);
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
      `${spec}: a zero byte at offset ${nul}: neither IDX nor text (CSV or LIBSVM); decompress it, or give another file`,
    );
  return isLibsvm(spec, bytes)
    ? { split: await readLibsvm(spec, bytes, options), table: false }
    : { split: await readCsv(spec, bytes, options), table: true };
}

async function readFolder(folder: string, { progress }: Loading): Promise<Split> {
  const part = async (prefix: string, what: string, rank: number) => {
    const names = [`${prefix}-${what}-idx${rank}-ubyte`, `${prefix}-${what}.idx${rank}-ubyte`];
    const path = await firstFile(names.flatMap(name => [join(folder, name), join(folder, `${name}.gz`)]));
    if (path === undefined) {
      throw new HearsayError(
        'DATA_NOT_FOUND',
        `${folder}: a folder without ${names[0]} (or .gz); give a folder with the four IDX files, or a file`,
      );
    }
    return parseIdx(await readBytes(path, progress), path);
  };
  const train = idxDataset(folder, await part('train', 'images', 3), await part('train', 'labels', 1));
  const test = idxDataset(`${folder} (t10k)`, await part('t10k', 'images', 3), await part('t10k', 'labels', 1), train.classes);
  return { train, test };
}

async function readLibsvm(path: string, bytes: Uint8Array, options: Given): Promise<Split> {
  refuseTableOptions(path, 'LIBSVM, whose targets come first in a line', { target: options.target });
  const train = parseLibsvm(bytes, path);
  const labels = labelling(train.labels, path);
  const other = await testFile(path, options);
  if (other === undefined) return holdOut(denseDataset(train, train.width, labels), options.holdOut ?? 0.2, options.seed);
  const test = parseLibsvm(await readBytes(other, options.progress), other);
  const width = Math.max(train.width, test.width);
  return { train: denseDataset(train, width, labels), test: denseDataset(test, width, labels) };
}

async function readCsv(path: string, bytes: Uint8Array, options: Given): Promise<Split> {
  const table = parseCsv(bytes, path);
  const { apply } = reading(table, options.target);
  const train = apply(table);
  const other = await testFile(path, options);
  if (other === undefined) return holdOut(train, options.holdOut ?? 0.2, options.seed);
  return { train, test: apply(parseCsv(await readBytes(other, options.progress), other)) };
}

async function testFile(path: string, { test }: Loading): Promise<string | undefined> {
  if (test !== undefined) return test;
  const plain = path.replace(/\.gz$/, '');
  const name = basename(plain);
  const names = [`${name}.t`, `${name}.test`, name.replace(/train(?!.*train)/, 'test')].filter(other => other !== name);
  return firstFile(names.flatMap(name => [join(dirname(path), name), join(dirname(path), `${name}.gz`)]));
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const kind = await stat(path).catch(() => undefined);
    if (kind?.isFile()) return path;
  }
  return undefined;
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
