/** What may be said of data beside their name, and what every format does with it. */

import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { testFile } from './beside.js';
import type { Dataset, Split } from './dataset.js';
import { readBytes } from './file.js';
import type { Progress } from './gzip.js';
import { holdOut } from './holdout.js';
import type { Known } from './target.js';

/** What `load` may be told of data beside their name. Nothing of it is needed. */
export interface Loading {
  /** Seeds the data that are drawn (digits, synthetic) and the rows that are held out; 1 by default, as in an experiment. */
  readonly seed?: number;
  /** A file of test data, in the format of the training data: not for folders and what is drawn. */
  readonly test?: string;
  /** Target column of a table (CSV, .npy, Parquet): its name, or its number from 1; the last column by default. */
  readonly target?: string;
  /**
   * Part of the rows that is held out when there is no test file; 0.2 by default, of a text its last 0.1. 0: none; then all rows, in their
   * order, are `train` and `test` alike, one and the same data set.
   */
  readonly holdOut?: number;
  /**
   * Mean 0 and deviation 1 over the training rows: of a column (`features`), of all values together (`whole`). `none`: as they are (bytes:
   * 0..1). `auto`: whole for bytes, which are images, features for tables of columns, else none. The inputs stay as they are; it is noted
   * beside them.
   */
  readonly standardize?: 'auto' | 'none' | 'features' | 'whole';
  /** Characters that the next is predicted from, of a text; 64 by default. */
  readonly context?: number;
  /** Told how far a long file has been read. */
  readonly progress?: Progress;
  /** What targets mean, and how wide rows are at least, when they are for a model that is there; else they tell it themselves. */
  readonly known?: Known;
}

export type Given = Loading & { readonly seed: number };

export interface Found {
  readonly split: Split;
  /** A table whose columns have units of their own. */
  readonly table: boolean;
}

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

/** Training and test rows of what has no test file. */
export function alone(dataset: Dataset, { holdOut: fraction = 0.2, seed }: Given): Split {
  return fraction === 0 ? { train: dataset, test: dataset } : holdOut(dataset, fraction, seed);
}

/** The rows of the file at `path` with those of its test file, which `read` reads; without one, some are held out. */
export async function withTestFile(
  path: string,
  train: Dataset,
  given: Given,
  read: (bytes: Uint8Array, name: string) => Dataset | Promise<Dataset>,
): Promise<Split> {
  const other = await testFile(path, given.test);
  if (other === undefined) return alone(train, given);
  return { train, test: await read(await readBytes(other, given.progress), other) };
}
