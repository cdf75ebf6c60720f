/** Data sets that come as a folder: the four IDX files of MNIST, the binary batches of CIFAR. */

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HearsayError } from '../errors.js';
import { firstFile } from './beside.js';
import { cifarDataset, cifarNamed } from './cifar.js';
import type { Dataset, Split } from './dataset.js';
import { readBytes } from './file.js';
import type { Progress } from './gzip.js';
import { idxDataset, parseIdx } from './idx.js';

/** `alone` makes training and test rows of rows that come without a test file. Throws the errors of the files, and DATA_NOT_FOUND. */
export async function readFolder(
  folder: string,
  alone: (dataset: Dataset) => Split,
  progress: Progress | undefined,
): Promise<Split> {
  const names = await readdir(folder).catch(() => []); // the files are what can't be read, then
  const batches = names.filter(name => /\.bin(\.gz)?$/i.test(name)).sort(byNumber);
  return batches.length > 0 && !names.some(name => name.startsWith('train-images'))
    ? readCifar(folder, batches, alone, progress)
    : readIdx(folder, progress);
}

async function readIdx(folder: string, progress: Progress | undefined): Promise<Split> {
  const part = async (prefix: string, what: string, rank: number) => {
    const names = [`${prefix}-${what}-idx${rank}-ubyte`, `${prefix}-${what}.idx${rank}-ubyte`];
    const path = await firstFile(names.flatMap(name => [join(folder, name), join(folder, `${name}.gz`)]));
    if (path === undefined) {
      throw new HearsayError(
        'DATA_NOT_FOUND',
        `${folder}: a folder without ${names[0]} (or .gz); give a folder with the four IDX files or the .bin files of CIFAR, or a file`,
      );
    }
    return parseIdx(await readBytes(path, progress), path);
  };
  const train = idxDataset(folder, await part('train', 'images', 3), await part('train', 'labels', 1));
  const test = idxDataset(`${folder} (t10k)`, await part('t10k', 'images', 3), await part('t10k', 'labels', 1), train.classes);
  return { train, test };
}

async function readCifar(
  folder: string,
  names: readonly string[],
  alone: (dataset: Dataset) => Split,
  progress: Progress | undefined,
): Promise<Split> {
  const kinds = new Set(names.map(cifarNamed));
  if (kinds.size > 1) {
    const list = names.slice(0, 8).join(', ');
    throw new HearsayError('DATA_CORRUPT', `${folder}: found batches of CIFAR-10 and of CIFAR-100: ${list}; give each a folder`);
  }
  const [kind] = kinds;
  const read = async (name: string, chosen: readonly string[]) => {
    const files: { name: string; bytes: Uint8Array }[] = [];
    for (const file of chosen) {
      const path = join(folder, file);
      files.push({ name: path, bytes: await readBytes(path, progress) });
    }
    return cifarDataset(name, files, kind);
  };
  const isTest = (name: string) => /^test/i.test(basename(name));
  const [train, test] = [names.filter(name => !isTest(name)), names.filter(isTest)];
  if (train.length === 0)
    throw new HearsayError(
      'DATA_NOT_FOUND',
      `${folder}: a folder with ${test[0]} and no batch to train on; give it data_batch_1.bin`,
    );
  const rows = await read(folder, train);
  return test.length > 0 ? { train: rows, test: await read(`${folder} (test)`, test) } : alone(rows);
}

/** batch_2 before batch_10. */
function byNumber(a: string, b: string): number {
  const [x, y] = [a, b].map(name => Number(/\d+(?=\.bin)/i.exec(name)?.[0] ?? 0));
  return x - y || (a < b ? -1 : a > b ? 1 : 0);
}
