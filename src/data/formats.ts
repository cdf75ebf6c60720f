/** The formats of single files: how each is told from the others, and how its rows are read. */

import { dirname } from 'node:path';
import { HearsayError } from '../errors.js';
import { arraysDataset, columnReading, isDatasetArray } from './arrays.js';
import { testFile } from './beside.js';
import { cifarDataset, cifarNamed } from './cifar.js';
import { looksLikeTable, parseCsv, type Table } from './csv.js';
import type { Dataset, Split } from './dataset.js';
import { readBytes } from './file.js';
import { isIdx } from './idx.js';
import { denseDataset, looksLikeLibsvm, parseLibsvm, type Sparse, sparseDataset } from './libsvm.js';
import { alone, type Found, type Given, refuseTableOptions, withTestFile } from './loading.js';
import { isNpy, readNpy } from './npy.js';
import { isZip, readNpz } from './npz.js';
import { isParquet, parquetTable } from './parquet.js';
import { ratingsReading } from './ratings.js';
import { isWorthIt } from './sparse.js';
import { reading } from './table.js';
import { labelling } from './target.js';
import { textSettings, textSplit } from './text.js';

/** The rows of the file at `path`, whose bytes these are, in whatever format it is. Throws the errors of the formats. */
export async function readFormat(path: string, bytes: Uint8Array, given: Given): Promise<Found> {
  const [, format] = formats.find(([is]) => is(path, bytes))!;
  return { split: await format.read(path, bytes, given), table: format.table ?? false };
}

interface Format {
  read(path: string, bytes: Uint8Array, given: Given): Split | Promise<Split>;
  readonly table?: boolean;
}

/** The first that says yes. Names come before contents where the contents could be anything. */
const formats: readonly (readonly [is: (path: string, bytes: Uint8Array) => boolean, Format])[] = [
  [path => /\.bin(\.gz)?$/i.test(path), { read: readCifar }],
  [(_, bytes) => isNpy(bytes), { read: readColumns, table: true }],
  [(_, bytes) => isZip(bytes), { read: readArrays }],
  [(_, bytes) => isParquet(bytes), { read: tableWith(parquetTable), table: true }],
  [isText, { read: readText }],
  [(_, bytes) => isIdx(bytes), { read: refuseIdx }],
  [(_, bytes) => bytes.subarray(0, 4096).includes(0), { read: refuseBinary }],
  [isLibsvm, { read: readLibsvm }],
  [() => true, { read: tableWith(parseCsv), table: true }],
];

/** A .txt file that is no table. */
function isText(path: string, bytes: Uint8Array): boolean {
  return /\.txt(\.gz)?$/i.test(path) && !looksLikeLibsvm(bytes) && !looksLikeTable(bytes);
}

function isLibsvm(path: string, bytes: Uint8Array): boolean {
  if (/\.(libsvm|svm|svmlight)(\.gz)?$/i.test(path)) return true;
  return !/\.(csv|tsv|data)(\.gz)?$/i.test(path) && looksLikeLibsvm(bytes);
}

/** The windows of a text. */
export function readText(path: string, bytes: Uint8Array, given: Given): Split {
  refuseTableOptions(path, 'a text, whose end is tested on', given);
  const { context = textSettings.context.otherwise, holdOut } = given;
  return textSplit(bytes, path, textSettings.context.read(String(context), 'context'), holdOut);
}

/** Users, items and ratings; those of the test file are known by the training file. */
export function readRatings(path: string, bytes: Uint8Array, given: Given): Promise<Split> {
  refuseTableOptions(path, 'ratings, which come third in a line', { target: given.target });
  const { dataset, apply } = ratingsReading(bytes, path);
  return withTestFile(path, dataset, given, apply);
}

function readCifar(path: string, bytes: Uint8Array, given: Given): Promise<Split> {
  refuseTableOptions(path, 'CIFAR, whose labels come first in a row', { target: given.target });
  const read = (bytes: Uint8Array, name: string) => cifarDataset(name, [{ name, bytes }], cifarNamed(path));
  return withTestFile(path, read(bytes, path), given, read);
}

function readColumns(path: string, bytes: Uint8Array, given: Given): Promise<Split> {
  const array = readNpy(bytes, path);
  const { apply } = columnReading(array, path, given.target, given.known);
  return withTestFile(path, apply(array, path), given, (bytes, name) => apply(readNpy(bytes, name), name));
}

function readArrays(path: string, bytes: Uint8Array, given: Given): Split {
  refuseTableOptions(path, 'an archive of arrays, test rows and targets among them', given);
  const { train, test } = arraysDataset(path, readNpz(bytes, path, isDatasetArray), given.known);
  return test ? { train, test } : alone(train, given);
}

/** Sparse rows stay sparse where that takes less memory, unless they are to be standardized: a mean that is taken off fills them up. */
async function readLibsvm(path: string, bytes: Uint8Array, given: Given): Promise<Split> {
  refuseTableOptions(path, 'LIBSVM, whose targets come first in a line', { target: given.target });
  const train = parseLibsvm(bytes, path);
  const labels = labelling(train.labels, path, given.known);
  const least = given.known?.features ?? 1;
  const other = await testFile(path, given.test);
  const isDense = given.standardize === 'features' || given.standardize === 'whole';
  const open = (rows: Sparse, width: number, sparse: boolean) =>
    sparse ? sparseDataset(rows, width, labels) : denseDataset(rows, width, labels);
  const isSparse = (width: number) => !isDense && isWorthIt(train.columns.length, train.rows, width);
  if (other === undefined) {
    const width = Math.max(least, train.width);
    return alone(open(train, width, isSparse(width)), given);
  }
  const test = parseLibsvm(await readBytes(other, given.progress), other);
  const width = Math.max(least, train.width, test.width);
  return { train: open(train, width, isSparse(width)), test: open(test, width, isSparse(width)) };
}

function tableWith(parse: (bytes: Uint8Array, name: string) => Table | Promise<Table>): Format['read'] {
  return async (path, bytes, given) => {
    const table = await parse(bytes, path);
    const { apply } = reading(table, given.target, given.known);
    const read = async (bytes: Uint8Array, name: string): Promise<Dataset> => apply(await parse(bytes, name));
    return withTestFile(path, apply(table), given, read);
  };
}

function refuseIdx(path: string): never {
  throw new HearsayError(
    'DATA_NOT_FOUND',
    `${path}: one IDX file, of the four that are needed; give their folder: ${dirname(path)}`,
  );
}

function refuseBinary(path: string, bytes: Uint8Array): never {
  const found = `a zero byte at offset ${bytes.indexOf(0)}: neither arrays nor text (CSV or LIBSVM)`;
  throw new HearsayError('DATA_CORRUPT', `${path}: ${found}; decompress it, or give another file`);
}
