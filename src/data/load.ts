/** From what a user writes after --data to training and test data. */

import { stat } from 'node:fs/promises';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { quote } from '../spec.js';
import { checkDataset } from './check.js';
import type { Dataset, Split } from './dataset.js';
import { drawn, drawnNames } from './drawn.js';
import { readBytes } from './file.js';
import { readFolder } from './folder.js';
import { readFormat, readRatings, readText } from './formats.js';
import { told } from './kinds.js';
import { alone, type Found, type Given, type Loading, refuseTableOptions } from './loading.js';
import { standardize, standardizeWhole } from './standardize.js';

/**
 * `spec` is `digits` (20,000 to train on, 4,000 to test on), `digits:N` (N and N/5), `synthetic` with settings (see synthetic.ts), a
 * folder with the four files of MNIST or the .bin files of CIFAR-10 or CIFAR-100, one such .bin file, numpy's
 * arrays (.npy, .npz), a table: CSV or LIBSVM text, told apart by content, or Parquet, a text (.txt, or `text:FILE` with `,context=N`), or
 * `ratings:FILE`; all plain or .gz. The test rows of a folder are in files of such a name (t10k-*, test*.bin). The test file of a
 * file is `test`, else the one beside it (see testFile). Where there is none, rows are held out.
 * Throws HearsayError: DATA_NOT_FOUND, DATA_CORRUPT, DATA_TOO_LARGE, DATA_LABEL, DATA_NONFINITE, DATA_TOO_SMALL, CONFIG_RANGE, and
 * CONFIG_UNKNOWN_KEY and CONFIG_TYPE for settings of synthetic data and of texts.
 */
export async function load(spec: string, options: Loading = {}): Promise<Split> {
  if (typeof spec !== 'string') {
    throw new HearsayError('CONFIG_TYPE', `data: found ${typeof spec}, expected text: digits, synthetic, a file or a folder`);
  }
  const { split, table } = await read(spec, { ...options, seed: options.seed ?? 1 });
  checkDataset(split.train);
  if (split.test !== split.train) checkDataset(split.test);
  checkPair(split);
  return standardized(spec, split, options.standardize ?? 'auto', table);
}

/** What `load` does to inputs last; `table`: they are columns with units of their own. Throws CONFIG_RANGE when they are no quantities. */
export function standardized(spec: string, split: Split, asked: NonNullable<Loading['standardize']>, table = false): Split {
  const mode = modeOf(spec, asked, split, table);
  return mode === 'none' ? split : mode === 'whole' ? standardizeWhole(split) : standardize(split);
}

async function read(spec: string, given: Given): Promise<Found> {
  if (/^(digits|synthetic)(:|$)/.test(spec)) refuseTableOptions(spec, 'drawn, test rows and targets too', given);
  const draw = drawn(spec);
  if (draw) return { split: draw(given.seed), table: false };
  const kind = told(spec);
  if (kind) {
    const bytes = await readBytes(kind.path, given.progress);
    if (kind.kind === 'ratings') return { split: await readRatings(kind.path, bytes, given), table: false };
    const { context = given.context } = kind;
    return { split: readText(kind.path, bytes, { ...given, context }), table: false };
  }
  if (spec === '' || spec.includes('\0'))
    throw new HearsayError('DATA_NOT_FOUND', 'data: no path given; give digits, synthetic, a file or a folder');
  const status = await stat(spec).catch(() => undefined);
  if (status?.isDirectory()) {
    refuseTableOptions(spec, 'a folder of images, its test files among them', given);
    return { split: await readFolder(spec, dataset => alone(dataset, given), given.progress), table: false };
  }
  if (!status && !/[./\\]/.test(spec)) {
    const remedy = suggestion(spec.split(':', 1)[0], [...drawnNames, 'text', 'ratings']) || '; give digits, a file or a folder';
    throw new HearsayError('DATA_NOT_FOUND', `data: ${quote(spec)}: there is no such file${remedy}`);
  }
  return readFormat(spec, await readBytes(spec, given.progress), given);
}

/** What is done to the inputs. Throws CONFIG_RANGE when they are no quantities. */
function modeOf(
  spec: string,
  mode: NonNullable<Loading['standardize']>,
  { train }: Split,
  table: boolean,
): 'none' | 'features' | 'whole' {
  if (train.categories && mode !== 'auto' && mode !== 'none') {
    const found = `found '${mode}', but the inputs of ${quote(spec)} are numbers of things`;
    throw new HearsayError('CONFIG_RANGE', `standardize: ${found}, allowed is auto or none; leave it out`);
  }
  if (mode !== 'auto') return mode;
  if (train.categories) return 'none';
  return train.inputs instanceof Uint8Array ? 'whole' : table ? 'features' : 'none';
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
