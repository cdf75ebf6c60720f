/** The model that a run leaves: the mean of the nodes (or the row that they share), ready to predict, to be judged and to be saved. */

import { checkDataset, requireCategories } from '../data/check.js';
import type { Dataset, Places, Standard } from '../data/dataset.js';
import { sameLabels } from '../data/labels.js';
import { HearsayError } from '../errors.js';
import type { KernelsName } from '../models/kernels/choose.js';
import type { Model } from '../models/model.js';
import { isModule, parseSpec, savedModelOf } from '../spec.js';
import { type Desk, entriesOf, openDesk, type Source } from './desk.js';
import { type ExportOptions, exportModel } from './export.js';
import { entriesARow, type Kind } from './modelfile.js';

/** A model that was trained, or loaded: ready to predict, to be judged, saved and exported. */
export interface TrainedModel {
  /** What the model calls itself. */
  readonly name: string;
  /** As it is written after --model: a name with settings, or the path of a module. */
  readonly spec: string;
  /** Values in an input row, and classes of the labels (0: real targets), as in the training data. */
  readonly features: number;
  readonly classes: number;
  /** What the classes are called, in the order of their numbers; null where they are called 0, 1, 2, ... */
  readonly labels: readonly string[] | null;
  /** Values that a prediction has for one row: classes, or 1. */
  readonly outputs: number;
  /** The layout of tensors that an export takes by default: PyTorch's where its layers are known. */
  readonly layout: 'pytorch' | 'hearsay';
  /** Of a text: the characters, in the order of their numbers. */
  readonly vocabulary: readonly string[] | null;
  /** The flat vector of parameters. */
  readonly weights: Float32Array;
  /** How the training data were standardized; null when they were not. It is done to whatever is predicted or judged, too. */
  readonly standard: Standard | null;
  /** The same model with other parameters, as those of one node. Throws MODEL_MISMATCH for a vector of another length. */
  with(weights: Float32Array): TrainedModel;
  /**
   * Class probabilities or real values: rows x outputs. `inputs` is rows x features, raw, never standardized: bytes as they stand in an
   * image file, or numbers in the unit of the training data (a pixel is byte / 255); or sparse rows. Of hinge: minus the score, and the
   * score. Throws CONFIG_TYPE (no
   * numbers), DATA_CORRUPT (no whole rows), DATA_NONFINITE, DATA_LABEL (a number that the training data had no character, user or item for).
   */
  predict(inputs: Uint8Array | Float32Array | Float64Array | readonly number[] | SparseRows, watch?: Watch): Float32Array;
  /**
   * Of a text: the chances of the character that follows these, given by their numbers; the last `features - 1` of them count. Throws
   * CONFIG_RANGE for a model of no text, for no character, and for fewer than `features - 1` where the model only tells what follows as many;
   * DATA_LABEL for a number that is none of a character.
   */
  next(tokens: readonly number[]): Float32Array;
  /**
   * Mean loss, and accuracy (null for regression), on a data set: its inputs are raw, as in every data set, whatever it says of how they
   * would be standardized. Throws CONFIG_TYPE (no data set), DATA_CORRUPT (other features or classes than the training data), and
   * the errors of data sets.
   */
  evaluate(dataset: Dataset, watch?: Watch): { loss: number; accuracy: number | null };
  /**
   * Writes the file that `loadModel` makes the model of again: safetensors, parameters as they lie here, with `input.mean` and
   * `input.factor` (F64: of each feature, or one for all) where inputs are standardized: (input - mean) * factor. The file is there
   * whole, or as it was. Throws OUTPUT_UNWRITABLE.
   */
  save(path: string): Promise<void>;
  /**
   * Writes the model for other software; what is done to the inputs goes along. Returns the paths of the files. Throws CONFIG_RANGE
   * for what the format does not have (a module's own model in ONNX or tfjs), DATA_TOO_LARGE (2 GiB of ONNX), OUTPUT_UNWRITABLE.
   */
  export(path: string, options: ExportOptions): Promise<string[]>;
}

/** Rows of which most numbers are 0, as a sparse data set has them: raw. */
export interface SparseRows extends Places {
  readonly inputs: Float32Array;
}

/** Told, each time some rows are done, how many are, of how many. */
export type Watch = (done: number, of: number) => void;

const usualRows = 256;

/**
 * The model of a run that was trained on data of this kind; `spec` is what it is made of again, `rowsAtOnce` how many are
 * looked at together.
 */
export function trainedModel(
  model: Model,
  weights: Float32Array,
  trainedOn: Kind & Partial<Dataset>,
  set: KernelsName,
  spec = model.name,
  rowsAtOnce = usualRows,
): TrainedModel {
  const { features, shape, classes, labels, scale, shift, standard, categories, vocabulary, things } = trainedOn;
  const entries = entriesARow(trainedOn);
  const kind: Kind = { features, shape, classes, labels, scale, shift, standard, categories, vocabulary, things, entries };
  let desk: Desk | undefined;
  let small: Desk | undefined;

  /** A desk for one row of a text, which is all that there is of it. */
  function smallDesk(): Desk {
    if (!small) {
      small = openDesk(model, { features, classes }, set, 1, features, 'to go on with a text');
      small.weights.set(weights);
    }
    return small;
  }

  /** A desk for those rows of that source; one that is too small is replaced. */
  function deskFor(source: Source, rows: number): Desk {
    const entries = entriesOf(source, Math.min(rows, rowsAtOnce), features);
    if (!desk || (model.reads === 'sparse' && desk.entries < entries)) {
      desk = ofModel(spec, 'open', () => openDesk(model, { features, classes }, set, rowsAtOnce, entries, 'to predict'));
      desk.weights.set(weights);
    }
    return desk;
  }

  function sourceOf(given: Parameters<TrainedModel['predict']>[0]): Source {
    if (isSparse(given)) {
      const { inputs, offsets, columns } = given;
      const rows = offsets.length - 1;
      const table = { name: 'predict', rows, features, inputs, scale: 1, shift: 0, shape: [features], classes: 0 };
      checkDataset({ ...table, targets: new Float32Array(rows), sparse: { offsets, columns } });
      return { inputs, sparse: { offsets, columns }, standard, scale: 1, shift: 0 };
    }
    requireRows(given, features);
    if (categories) requireCategories('predict', given, features, categories);
    return { inputs: given, standard, ...(isBytes(given) ? { scale, shift } : { scale: 1, shift: 0 }) };
  }

  /** Row numbers, some at a time. */
  function* parts(rows: number): Generator<number[]> {
    for (let from = 0; from < rows; from += rowsAtOnce)
      yield Array.from({ length: Math.min(rowsAtOnce, rows - from) }, (_, k) => from + k);
  }

  return {
    name: model.name,
    spec,
    features,
    classes,
    labels: labels ?? null,
    outputs: model.outputs,
    layout: model.graph ? 'pytorch' : 'hearsay',
    vocabulary: vocabulary ?? null,
    weights,
    standard: standard ?? null,
    with(other) {
      if (other.length === model.parameters) return trainedModel(model, other, kind, set, spec, rowsAtOnce);
      const found = `found ${other.length} weights, expected ${model.parameters}`;
      throw new HearsayError('MODEL_MISMATCH', `with: ${found}, the parameters of ${model.name}`);
    },
    predict(given, watch) {
      const source = sourceOf(given);
      const rows = source.sparse ? source.sparse.offsets.length - 1 : source.inputs.length / features;
      const outputs = new Float32Array(rows * model.outputs);
      const at = deskFor(source, rows);
      for (const numbers of parts(rows)) {
        const predicted = at.outputs.subarray(0, numbers.length * model.outputs);
        ofModel(spec, 'predict', () => at.session.predict(at.weights, at.lay(source, numbers), predicted));
        outputs.set(predicted, numbers[0] * model.outputs);
        watch?.(numbers[0] + numbers.length, rows);
      }
      return outputs;
    },
    next(tokens) {
      if (!vocabulary) throw notOfText(model.name, 'next');
      const context = features - 1;
      const known = Math.min(context, tokens.length);
      if (known === 0) throw new HearsayError('CONFIG_RANGE', 'next: found no characters, allowed is one or more');
      // What is behind those that are known is not looked at, nor is the last number of a row: it is what is told.
      const inputs = new Float32Array(features);
      inputs.set(tokens.slice(-known));
      requireCategories('next', inputs, features, categories!);
      const at = smallDesk();
      const { session } = at;
      const batch = at.lay({ inputs, standard, scale: 1, shift: 0 }, [0]);
      if (known === context) session.predict(at.weights, batch, at.outputs);
      else if (session.predictAfter) session.predictAfter(at.weights, batch, known, at.outputs);
      else {
        const found = `${known} characters for ${spec}, which tells only what follows ${context}`;
        throw new HearsayError('CONFIG_RANGE', `next: found ${found}; give ${context} or more`);
      }
      return at.outputs.slice();
    },
    evaluate(dataset, watch) {
      requireAlike(dataset, features, classes);
      requireVocabulary(dataset, vocabulary);
      requireThings(dataset, things, `evaluate: ${dataset.name}`);
      requireLabels(dataset, labels);
      if (categories) requireCategories(`evaluate: ${dataset.name}`, dataset.inputs, features, categories);
      const source: Source = { ...dataset, standard };
      const at = deskFor(source, dataset.rows);
      const sum = { loss: 0, correct: 0 };
      for (const numbers of parts(dataset.rows)) {
        const score = ofModel(spec, 'evaluate', () => at.session.evaluate(at.weights, at.lay(source, numbers)));
        sum.loss += score.loss;
        sum.correct += score.correct;
        watch?.(numbers[0] + numbers.length, dataset.rows);
      }
      return { loss: sum.loss / dataset.rows, accuracy: classes > 0 ? sum.correct / dataset.rows : null };
    },
    async save(path) {
      await exportModel({ model, weights, spec, kind }, path, { format: 'safetensors', layout: 'hearsay' });
    },
    export: (path, options) => exportModel({ model, weights, spec, kind }, path, options),
  };
}

/** What `work` gives; what a module throws in it is its own fault. Throws MODEL_FAILED. */
function ofModel<Result>(spec: string, what: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { name } = parseSpec(spec, 'model');
    if (error instanceof HearsayError || !(isModule(name) || savedModelOf(name) !== undefined)) throw error;
    const said = String((error as Error)?.message ?? error).split('\n')[0];
    throw new HearsayError('MODEL_FAILED', `${what}: model ${spec}: it threw: ${said}`, { cause: error });
  }
}

/** What is said of a model where one of characters is needed. */
export function notOfText(name: string, where: string): HearsayError {
  const found = `found ${name}, which was not trained on a text`;
  return new HearsayError('CONFIG_RANGE', `${where}: ${found}; give a model of --data text:FILE`);
}

function isBytes(inputs: unknown): boolean {
  return inputs instanceof Uint8Array || inputs instanceof Uint8ClampedArray;
}

function isSparse(given: unknown): given is SparseRows {
  const { inputs, offsets, columns } = Object(given) as Partial<SparseRows>;
  return inputs instanceof Float32Array && offsets instanceof Uint32Array && columns instanceof Uint32Array && offsets.length > 1;
}

/** Throws unless these are whole rows of finite numbers. */
function requireRows(inputs: ArrayLike<number>, features: number): void {
  if (!Array.isArray(inputs) && !(ArrayBuffer.isView(inputs) && 'length' in inputs)) {
    throw new HearsayError('CONFIG_TYPE', `predict: found ${kindOf(inputs)}, expected an array of numbers, row after row`);
  }
  if (inputs.length % features !== 0) {
    const found = `found ${inputs.length} values`;
    throw new HearsayError('DATA_CORRUPT', `predict: ${found}, expected a multiple of ${features}, the features of a row`);
  }
  for (let k = 0; k < inputs.length; k++) {
    const value: unknown = inputs[k];
    if (Number.isFinite(value)) continue;
    const where = `predict: row ${Math.floor(k / features)}, feature ${k % features}`;
    if (typeof value === 'number') throw new HearsayError('DATA_NONFINITE', `${where} is ${value}; finite numbers are allowed`);
    throw new HearsayError(
      'CONFIG_TYPE',
      `${where}: found ${kindOf(value)}, expected a number; rows follow each other in one array`,
    );
  }
}

/** Throws unless it is a data set of the same kind of task. */
function requireAlike(dataset: Dataset, features: number, classes: number): void {
  const arrays = [dataset?.inputs, dataset?.targets, dataset?.shape];
  if (!arrays.every(array => Array.isArray(array) || ArrayBuffer.isView(array))) {
    const found = Object.hasOwn(Object(dataset), 'train') ? 'a split' : kindOf(dataset);
    throw new HearsayError(
      'CONFIG_TYPE',
      `evaluate: found ${found}, expected a data set, as the train or test of what load gives`,
    );
  }
  checkDataset(dataset);
  if (dataset.features !== features || dataset.classes !== classes) {
    const task = (features: number, classes: number) =>
      `${features} features and ${classes > 0 ? `${classes} classes` : 'real targets'}`;
    throw new HearsayError(
      'DATA_CORRUPT',
      `evaluate: ${dataset.name} has ${task(dataset.features, dataset.classes)}, the training data had ${task(features, classes)}; give data of the same task`,
    );
  }
}

/** Numbers of other names are other classes. Throws DATA_CORRUPT. */
function requireLabels({ name, labels: found }: Dataset, own: readonly string[] | undefined): void {
  if (!found || sameLabels(found, own)) return;
  const few = (labels: readonly string[]) => labels.slice(0, 6).map(label => JSON.stringify(label).slice(0, 40));
  const said = (labels: readonly string[] | undefined) => (labels ? few(labels).join(', ') : 'numbers from 0');
  throw new HearsayError(
    'DATA_CORRUPT',
    `evaluate: the classes of ${name} are called ${said(found)}, those of the training data ${said(own)}; hearsay evaluate numbers them alike`,
  );
}

/** Numbers of other characters are other texts. Throws DATA_CORRUPT. */
function requireVocabulary({ name, vocabulary: found }: Dataset, own: readonly string[] | undefined): void {
  if (!own || !found || own.every((character, k) => character === found[k])) return;
  throw new HearsayError(
    'DATA_CORRUPT',
    `evaluate: ${name} is a text of other characters than the training data; hearsay evaluate numbers them alike`,
  );
}

/** Numbers of users and items of other names are others. Throws DATA_LABEL. */
export function requireThings({ name, things: found }: Dataset, own: string | undefined, where = name): void {
  if (own === undefined || found === undefined || found === own) return;
  const what = `${where}: its users and items are numbered otherwise than those of the training data, or are others`;
  throw new HearsayError('DATA_LABEL', `${what}; give it as --test FILE, beside the training data as --data ratings:FILE`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
