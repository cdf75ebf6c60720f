/** A saved model together with rows for it: what `evaluate`, `predict` and `export` begin with. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkDataset, requireCategories } from '../data/check.js';
import type { Dataset, Split } from '../data/dataset.js';
import { readBytes } from '../data/file.js';
import { inLabels } from '../data/labels.js';
import { load, standardized } from '../data/load.js';
import { type Loading, alone as partsOf } from '../data/loading.js';
import { isNpy, readNpy } from '../data/npy.js';
import { appended } from '../data/sparse.js';
import { inVocabulary } from '../data/vocabulary.js';
import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { modelPath, ofNode, openStored, specOf } from './loaded.js';
import { entriesARow, type Kind, readModelFile, type Stored } from './modelfile.js';
import { requireThings, type TrainedModel } from './trained.js';

export interface Opening {
  /** As after --model, for a file that does not say, or whose model is a module. */
  readonly model?: string;
  /** Of the folder of a run with its nodes: this one's model, not the mean. */
  readonly node?: number;
  /** As after --data; that of the run, where the model is in its folder, by default, else digits. */
  readonly data?: string;
  readonly test?: string;
  readonly target?: string;
  /** Of a file that does not say how its inputs were standardized; none by default. */
  readonly standardize?: Loading['standardize'];
  /**
   * Which rows. `test` by default, but to predict: then those of `data`, all in their order where no test file is beside them. `all` are
   * those that are trained on, then those of the test file; of a file without one, all in their order.
   */
  readonly part?: 'test' | 'train' | 'all';
  /** Of drawn data, and of the rows that are held out; that of the run, else 1. */
  readonly seed?: number;
}

export interface Opened {
  readonly model: TrainedModel;
  /** The model's file. */
  readonly file: string;
  readonly dataset: Dataset;
}

/** The model alone; data are looked at only where its file does not say what they were. Throws what `loadModel` and `load` throw. */
export async function openAlone(path: string, opening: Opening): Promise<{ model: TrainedModel; file: string }> {
  const { file, stored } = await read(path, opening);
  specOf(stored, file, opening.model);
  for (const key of ['data', 'test', 'target'] as const) {
    if (!stored.kind || opening[key] === undefined) continue;
    const found = `${key}: found ${quote(opening[key])}, but ${file} says what its data were`;
    throw new HearsayError('CONFIG_RANGE', `${found}; leave it out`);
  }
  const like = stored.kind || opening.data === undefined ? undefined : (await splitOf(path, opening)).train;
  const model = await openStored(stored, file, { model: opening.model, like });
  return { model: await ofNode(path, model, opening.node), file };
}

/**
 * Both. To predict no targets are looked at, and an .npy whose rows are as long as the model's is taken as inputs alone; else targets mean
 * what they meant to the model. Throws what `loadModel` and `load` throw, DATA_CORRUPT for rows of another length, and DATA_LABEL for
 * characters, users and classes that the model does not know.
 */
export async function openWithData(path: string, opening: Opening, isPredicting = false): Promise<Opened> {
  const { file, stored } = await read(path, opening);
  const { model: given, node, data } = opening;
  specOf(stored, file, given);
  const alone = isPredicting && stored.kind && data !== undefined ? await inputsAlone(data, stored.kind) : undefined;
  const asked = stored.kind
    ? { kind: stored.kind, rows: alone ?? (await rowsOf(path, opening, stored.kind, isPredicting)) }
    : await rowsAndKind(path, opening, isPredicting);
  const { kind, rows } = asked;
  const { features, categories } = kind;
  if (rows.features !== features || (kind.things !== undefined && !alone && !rows.things))
    throw otherRows(rows, kind, isPredicting);
  const entries = entriesARow(kind) ?? entriesARow(rows);
  const opened = await openStored({ ...stored, kind: { ...kind, entries } }, file, { model: given });
  const model = await ofNode(path, opened, node);
  const { vocabulary, labels, classes } = model;
  // Inputs alone have no classes, and their numbers are the model's own.
  if (alone) return { model, file, dataset: rows };
  const isText = vocabulary !== null;
  const dataset = isText ? inVocabulary(rows, vocabulary) : isPredicting ? rows : inLabels(rows, labels ?? undefined, classes);
  requireThings(dataset, kind.things);
  if (categories) requireCategories(dataset.name, dataset.inputs, features, categories);
  return { model, file, dataset };
}

async function read(path: string, { standardize }: Opening): Promise<{ file: string; stored: Stored }> {
  const file = modelPath(path);
  const stored = readModelFile(await readBytes(file), file);
  if (!stored.kind || standardize === undefined) return { file, stored };
  const found = `standardize: found '${standardize}', but ${file} says what is done to its inputs`;
  throw new HearsayError('CONFIG_RANGE', `${found}; leave it out`);
}

/** What is said of the rows of another length. */
function otherRows(rows: Dataset, { features, categories, vocabulary }: Kind, isPredicting: boolean): HearsayError {
  const found = `${rows.name} has rows of ${rows.features} numbers, the model takes ${features}`;
  const remedy =
    categories && !vocabulary
      ? 'users and items: give them with --data ratings:FILE'
      : vocabulary && !rows.vocabulary
        ? 'it is one of characters: give a text with --data text:FILE'
        : isPredicting && rows.features === features - 1
          ? 'the last column is taken as the target: add one behind the inputs, of 0, say'
          : 'give data as those that it was trained on with --data';
  return new HearsayError('DATA_CORRUPT', `data: ${found}; ${remedy}`);
}

async function splitOf(
  path: string,
  opening: Opening,
  more: Pick<Loading, 'holdOut' | 'known' | 'context'> = {},
  standardize = opening.standardize ?? 'none',
): Promise<Split> {
  const { data, test, target, seed } = saidOf(path, opening);
  return load(data, { ...more, test, target, seed, standardize });
}

/** Of a file that does not say: what its data are like, and the rows that are asked for, out of one look at them. */
async function rowsAndKind(path: string, opening: Opening, isPredicting: boolean): Promise<{ kind: Kind; rows: Dataset }> {
  const part = partAsked(opening, isPredicting);
  if (part === 'test' || part === 'train') {
    const split = await splitOf(path, opening);
    return { kind: split.train, rows: partOf(split, part) };
  }
  // All in their order; yet they are standardized by those that are trained on.
  const split = await splitOf(path, opening, { holdOut: 0 }, 'none');
  const rows = partOf(split, part === 'given' ? 'test' : part);
  const { standardize = 'none' } = opening;
  if (standardize === 'none') return { kind: split.train, rows };
  const { data, seed = 1 } = saidOf(path, opening);
  const parts = split.train === split.test ? partsOf(split.train, { seed }) : split;
  return { kind: standardized(data, parts, standardize).train, rows };
}

function partAsked({ data, part }: Opening, isPredicting: boolean): 'test' | 'train' | 'all' | 'given' {
  return part ?? (isPredicting && data !== undefined ? 'given' : 'test');
}

async function rowsOf(path: string, opening: Opening, kind: Kind, isPredicting: boolean): Promise<Dataset> {
  const part = partAsked(opening, isPredicting);
  const known = { features: kind.features, classes: kind.classes, labels: kind.labels, isBlind: isPredicting };
  const isWhole = part === 'given' || part === 'all';
  const context = kind.vocabulary && { context: kind.features - 1 };
  const split = await splitOf(path, opening, { known, ...context, ...(isWhole && { holdOut: 0 }) }, 'none');
  return partOf(split, part === 'given' ? 'test' : part);
}

type Said = Pick<Opening, 'data' | 'test' | 'target' | 'seed'>;

/** Which data, by what is given, else by the run whose folder it is. */
function saidOf(path: string, { data, test, target, seed }: Opening): Said & { data: string } {
  const own = data === undefined ? runOf(path) : {};
  return { data: data ?? own.data ?? 'digits', test: test ?? own.test, target: target ?? own.target, seed: seed ?? own.seed };
}

/** What the manifest of a run says of its data; nothing where there is none. */
function runOf(path: string): Said {
  if (!statSync(path).isDirectory()) return {};
  let experiment: Record<string, unknown> | undefined;
  try {
    experiment = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')).experiment;
  } catch {
    return {};
  }
  const { data, test, target, seed } = experiment ?? {};
  const word = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    ...{ data: word(data), test: word(test), target: word(target) },
    seed: Number.isSafeInteger(seed) && (seed as number) >= 0 ? (seed as number) : undefined,
  };
}

function partOf({ train, test }: Split, part: 'test' | 'train' | 'all'): Dataset {
  if (part !== 'all' || train === test) return part === 'test' ? test : train;
  const join = <A extends Uint8Array | Float32Array | Int32Array>(a: A, b: ArrayLike<number>): A => {
    const all = new (a.constructor as new (length: number) => A)(a.length + b.length);
    all.set(a);
    all.set(b, a.length);
    return all;
  };
  return {
    ...train,
    rows: train.rows + test.rows,
    inputs: join(train.inputs, test.inputs),
    ...(train.sparse && test.sparse && { sparse: appended(train.sparse, test.sparse) }),
    targets: join(train.targets, test.targets),
  };
}

/** An .npy whose rows are as long as those of the model: inputs without targets. */
async function inputsAlone(data: string, kind: Kind): Promise<Dataset | undefined> {
  const { features, shape, classes, labels, categories, scale, shift } = kind;
  if (!/\.npy(\.gz)?$/i.test(data)) return undefined;
  const bytes = await readBytes(data);
  if (!isNpy(bytes)) return undefined;
  const array = readNpy(bytes, data);
  const rows = array.shape[0] ?? 1;
  if (array.values.length !== rows * features || array.shape.length < 2) return undefined;
  const isBytes = array.values instanceof Uint8Array;
  const unit = isBytes ? { scale, shift } : { scale: 1, shift: 0 };
  const dataset = {
    ...{ name: data, rows, features, shape, classes, inputs: array.values },
    ...unit,
    ...(labels && { labels }),
    ...(categories && { categories }),
    targets: classes > 0 ? new Int32Array(rows) : new Float32Array(rows),
  };
  checkDataset(dataset);
  return dataset;
}
