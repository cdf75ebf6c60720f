/**
 * The file of a model, safetensors or npz: its tensors, how its inputs were standardized (`input.mean`, `input.factor`), and in words
 * what it is. Safetensors have a place for words; an npz has them, as JSON, in the bytes of the array `hearsay.metadata`.
 */

import type { Dataset, Standard } from '../data/dataset.js';
import { readNpy, readNpyDoubles, type WrittenNpy } from '../data/npy.js';
import { isArrayName, isZip, unpackNpz, writeNpz } from '../data/npz.js';
import { HearsayError } from '../errors.js';
import { arranged, type Layout, layouts, valuesOf } from '../models/formats/layout.js';
import type { Held } from '../models/formats/names.js';
import { readSafetensors, writeSafetensors } from '../models/formats/safetensors.js';
import type { Model } from '../models/model.js';

/** What a model must know of the rows that it meets. */
export type Kind = Pick<
  Dataset,
  'features' | 'shape' | 'classes' | 'labels' | 'scale' | 'shift' | 'standard' | 'categories' | 'vocabulary' | 'things'
> & {
  /** Where rows are sparse: numbers that one has on average. */
  readonly entries?: number;
};

/** The same of a data set, which has its rows. */
export function entriesARow({ entries, sparse, inputs, rows }: Kind & Partial<Dataset>): number | undefined {
  return sparse && inputs && rows ? inputs.length / rows : entries;
}

/** What stands in a file. What it does not say is undefined: then it is not one of ours. */
export interface Stored {
  readonly tensors: ReadonlyMap<string, Held>;
  /** As after --model. */
  readonly model?: string;
  readonly layout?: Layout;
  readonly kind?: Kind;
}

const wordsArray = 'hearsay.metadata';
const scaling = ['input.mean', 'input.factor'];

/** The words of a file: what `readModelFile` needs to make the model again. */
export function wordsOf(model: string, layout: Layout, kind: Kind): Record<string, string> {
  const { shape, classes, labels, categories, entries, scale, shift, vocabulary, things } = kind;
  return {
    model,
    layout,
    task: JSON.stringify({ shape, classes, categories, entries }),
    ...((scale !== 1 || shift !== 0) && { 'byte.scale': String(scale), 'byte.shift': String(shift) }),
    ...(labels && { labels: JSON.stringify(labels) }),
    ...(vocabulary && { vocabulary: JSON.stringify(vocabulary) }),
    ...(things !== undefined && { things }),
  };
}

/** The bytes of the file. Throws CONFIG_RANGE for a layout that the model can't have, and for names that an npz can't. */
export function modelFile(
  format: 'safetensors' | 'npz',
  layout: Layout,
  { model, weights, spec, kind }: { model: Model; weights: Float32Array; spec: string; kind: Kind },
): Uint8Array {
  const { standard } = kind;
  const words = wordsOf(spec, layout, kind);
  const before = standard
    ? [standard.mean, standard.factor].map((values, k) => ({ name: scaling[k], shape: [values.length], values }))
    : [];
  const tensors = arranged(model, layout).map(tensor => ({
    name: tensor.name,
    shape: [...tensor.shape],
    values: valuesOf(tensor, weights),
  }));
  if (format === 'safetensors') return writeSafetensors([...before, ...tensors], words);
  const odd = tensors.find(({ name }) => !isArrayName(name));
  if (odd) {
    const found = `a tensor with the name ${JSON.stringify(odd.name.slice(0, 60))}, allowed are letters, digits, _ . and -`;
    throw new HearsayError('CONFIG_RANGE', `export: npz: found ${found}; export as safetensors`);
  }
  const text = new TextEncoder().encode(JSON.stringify(words));
  const arrays = new Map<string, WrittenNpy>([[wordsArray, { shape: [text.length], values: text }]]);
  for (const tensor of [...before, ...tensors]) arrays.set(tensor.name, tensor);
  return writeNpz(arrays);
}

/** Throws DATA_CORRUPT and DATA_TOO_LARGE, and DATA_CORRUPT for words that no model has. */
export function readModelFile(bytes: Uint8Array, name: string): Stored {
  refuseOthers(name);
  const { tensors, words } = isZip(bytes) ? readArrays(bytes, name) : readTensors(bytes, name);
  const [mean, factor] = scaling.map(key => tensors.get(key)?.values);
  for (const key of scaling) tensors.delete(key);
  if (!words.has('task')) return { tensors, model: words.get('model'), layout: layoutOf(words.get('layout')) };
  const kind = kindOf(words, mean, factor, name);
  return { tensors, model: words.get('model'), layout: layoutOf(words.get('layout')), kind };
}

/** What other files of models are, by the end of their names. */
const others: ReadonlyMap<string, string> = new Map([
  ['onnx', 'a model of ONNX, which is only written here'],
  ['json', 'a model of TensorFlow.js, which train takes as --model tfjs:PATH/model.json'],
  ['npy', 'one array of numpy, without names'],
  ['pt', 'a pickle of PyTorch, which is never run'],
  ['pth', 'a pickle of PyTorch, which is never run'],
  ['pkl', 'a pickle, which is never run'],
  ['h5', 'HDF5'],
  ['keras', 'an archive of Keras'],
]);

/** Throws DATA_CORRUPT. */
function refuseOthers(name: string): void {
  const found = others.get(/\.(\w+)$/.exec(name)?.[1].toLowerCase() ?? '');
  if (found === undefined) return;
  const remedy = 'give the model that it was exported from, or save its parameters as safetensors';
  throw new HearsayError('DATA_CORRUPT', `${name}: found ${found}, allowed is safetensors or npz; ${remedy}`);
}

interface Read {
  readonly tensors: Map<string, Held>;
  readonly words: ReadonlyMap<string, string>;
}

function readTensors(bytes: Uint8Array, name: string): Read {
  const { tensors, metadata } = readSafetensors(bytes, name);
  return {
    tensors: new Map(tensors.map(({ name, shape, values, doubles }) => [name, { shape, values: doubles ?? values }])),
    words: metadata,
  };
}

function readArrays(bytes: Uint8Array, name: string): Read {
  const files = unpackNpz(bytes, name, () => true);
  if (files.size === 0) {
    const found = 'a zip without arrays (a .pt of PyTorch is a pickle, which is never run)';
    throw corrupt(name, `${found}, allowed is safetensors or npz; save it with safetensors.torch.save_file`);
  }
  const words = files.get(wordsArray);
  files.delete(wordsArray);
  const read = ([array, file]: [string, Uint8Array]) =>
    [array, scaling.includes(array) ? readNpyDoubles(file, `${name}: ${array}`) : readNpy(file, `${name}: ${array}`)] as const;
  const tensors = new Map<string, Held>([...files].map(read));
  return { tensors, words: words ? readWords(readNpy(words, `${name}: ${wordsArray}`).values, name) : new Map() };
}

function readWords(values: Uint8Array | Float32Array, name: string): Map<string, string> {
  const json = values instanceof Uint8Array && values.length <= 2 ** 20 ? parse(new TextDecoder().decode(values)) : undefined;
  if (!isRecord(json) || !Object.values(json).every(word => typeof word === 'string'))
    throw corrupt(name, `${wordsArray} is no JSON object of words, of up to 1 MiB`);
  return new Map(Object.entries(json) as [string, string][]);
}

function layoutOf(word: string | undefined): Layout | undefined {
  return layouts.find(layout => layout === word);
}

/** Checks everything: who wrote the file is not known. */
function kindOf(
  words: ReadonlyMap<string, string>,
  mean: ArrayLike<number> | undefined,
  factor: ArrayLike<number> | undefined,
  name: string,
): Kind {
  const task = parse(words.get('task')!);
  const fault = (what: string) => corrupt(name, `what it says of its data: ${what}`);
  if (!isRecord(task)) throw fault('no task');
  const { shape, classes, categories, entries } = task;
  const isSize = (value: unknown, least: number): value is number =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= 2 ** 31;
  if (!Array.isArray(shape) || shape.length < 1 || shape.length > 8 || !shape.every(side => isSize(side, 1)))
    throw fault('a shape that is no list of 1 to 8 sizes');
  const features = shape.reduce((product, side) => product * side, 1);
  if (features > 2 ** 31) throw fault(`rows of ${features} numbers, allowed are 2^31`);
  if (!isSize(classes, 0)) throw fault('classes that are no number from 0');
  const isList = Array.isArray(categories) && (categories.length === 1 || categories.length === features);
  if (categories !== undefined && !(isList && categories.every(size => isSize(size, 1))))
    throw fault(`categories that are no list of sizes, one or ${features}`);
  if (entries !== undefined && !(Number.isFinite(entries) && (entries as number) >= 0 && (entries as number) <= features))
    throw fault(`entries that are no number from 0 to ${features}`);
  const [scale, shift] = [Number(words.get('byte.scale') ?? 1), Number(words.get('byte.shift') ?? 0)];
  if (!Number.isFinite(scale) || !Number.isFinite(shift)) throw fault('bytes that stand for no numbers');
  const vocabulary = vocabularyOf(words.get('vocabulary'), categories as number[] | undefined, fault);
  const labels = labelsOf(words.get('labels'), classes, fault);
  const things = words.get('things');
  if (things !== undefined && !(categories && /^[0-9a-f]{64}$/.test(things))) throw fault('things that are no fingerprint');
  const standard = standardOf(mean, factor, features, fault);
  if (categories && (standard || scale !== 1 || shift !== 0)) throw fault('categories that are scaled');
  return {
    ...{ features, shape, classes, scale, shift },
    ...(categories !== undefined && { categories: categories as number[] }),
    ...(entries !== undefined && { entries: entries as number }),
    ...(labels && { labels }),
    ...(vocabulary && { vocabulary }),
    ...(things !== undefined && { things }),
    ...(standard && { standard }),
  };
}

type Fault = (what: string) => HearsayError;

function labelsOf(text: string | undefined, classes: number, fault: Fault): string[] | undefined {
  if (text === undefined) return undefined;
  const list = parse(text);
  const isName = (word: unknown) => typeof word === 'string';
  if (Array.isArray(list) && list.length === classes && list.every(isName) && new Set(list).size === classes) return list;
  throw fault(`labels that are no list of ${classes} names`);
}

function vocabularyOf(text: string | undefined, categories: readonly number[] | undefined, fault: Fault): string[] | undefined {
  if (text === undefined) return undefined;
  const list = parse(text);
  const isCharacter = (word: unknown) => typeof word === 'string' && [...word].length === 1;
  if (!Array.isArray(list) || !list.every(isCharacter) || new Set(list).size !== list.length)
    throw fault('a vocabulary that is no list of characters');
  if (categories?.length !== 1 || categories[0] !== list.length)
    throw fault(`a vocabulary of ${list.length} without as many categories`);
  return list;
}

function standardOf(
  mean: ArrayLike<number> | undefined,
  factor: ArrayLike<number> | undefined,
  features: number,
  fault: Fault,
): Standard | undefined {
  if (!mean && !factor) return undefined;
  if (!mean || !factor || mean.length !== factor.length || (mean.length !== 1 && mean.length !== features))
    throw fault(`input.mean and input.factor that are not both of 1 or ${features} numbers`);
  const standard = { mean: Float64Array.from(mean), factor: Float64Array.from(factor) };
  const isNumber = (value: number) => Number.isFinite(value);
  if (!standard.mean.every(isNumber) || !standard.factor.every(isNumber))
    throw fault('an input.mean or input.factor that is not finite');
  return standard;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function corrupt(name: string, problem: string): HearsayError {
  return new HearsayError('DATA_CORRUPT', `${name}: found ${problem}; write it again`);
}
