/** The model that a run leaves: the mean of the nodes (or the row that they share), ready to predict, to be judged and to be saved. */

import { open as openFile, rename, rm } from 'node:fs/promises';
import { checkDataset, requireCategories } from '../data/check.js';
import type { Dataset, Standard } from '../data/dataset.js';
import { type Unit, writeValues } from '../data/standardize.js';
import { HearsayError } from '../errors.js';
import { writeSafetensors } from '../models/formats/safetensors.js';
import { type KernelsName, openKernels } from '../models/kernels/choose.js';
import { reserve } from '../models/kernels/memory.js';
import type { Model } from '../models/model.js';

export interface TrainedModel {
  readonly name: string;
  /** Values in an input row, and classes of the labels (0: real targets), as in the training data. */
  readonly features: number;
  readonly classes: number;
  /** The flat vector of parameters. */
  readonly weights: Float32Array;
  /** How the training data were standardized; null when they were not. It is done to whatever is predicted or judged, too. */
  readonly standard: Standard | null;
  /**
   * Class probabilities or real values: rows x outputs. `inputs` is rows x features, raw, never standardized: bytes as they stand in an
   * image file, or numbers in the unit of the training data (a pixel is byte / 255). Throws CONFIG_TYPE (no numbers), DATA_CORRUPT (no
   * whole rows), DATA_NONFINITE, DATA_LABEL (a number that the training data had no character, user or item for).
   */
  predict(inputs: Uint8Array | Float32Array | Float64Array | readonly number[]): Float32Array;
  /**
   * Mean loss, and accuracy (null for regression), on a data set: its inputs are raw, as in every data set, whatever it says of how they
   * would be standardized. Throws CONFIG_TYPE (no data set), DATA_CORRUPT (other features or classes than the training data), and
   * the errors of data sets.
   */
  evaluate(dataset: Dataset): { loss: number; accuracy: number | null };
  /**
   * Writes the parameters, layer by layer, as safetensors; with `input.mean` and `input.factor` (F64: of each feature, or one for all)
   * where inputs are standardized: (input - mean) * factor. The file is there whole, or as it was. Throws OUTPUT_UNWRITABLE.
   */
  save(path: string): Promise<void>;
}

const rowsAtOnce = 256;

/** The model of a run that was trained on data of this kind. */
export function trainedModel(
  model: Model,
  weights: Float32Array,
  trainedOn: Pick<Dataset, 'features' | 'classes' | 'scale' | 'shift' | 'standard' | 'categories'>,
  set: KernelsName,
): TrainedModel {
  const { features, classes, scale, shift, standard, categories } = trainedOn;
  let opened: ReturnType<typeof open> | undefined;
  const session = () => (opened ??= open(model, weights, features, set));
  const unitless: Unit = { scale: 1, shift: 0 };

  return {
    name: model.name,
    features,
    classes,
    weights,
    standard: standard ?? null,
    predict(inputs) {
      const rows = rowsOf(inputs, features);
      if (categories) requireCategories('predict', inputs, features, categories);
      const unit = isBytes(inputs) ? { scale, shift } : unitless;
      const outputs = new Float32Array(rows * model.outputs);
      const at = session();
      for (let from = 0; from < rows; from += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - from);
        const part = at.inputs.subarray(0, count * features);
        writeValues(part, inputs, from * features, features, unit, standard);
        const predicted = at.outputs.subarray(0, count * model.outputs);
        at.session.predict(at.weights, { rows: count, inputs: part, targets: at.labels.subarray(0, count) }, predicted);
        outputs.set(predicted, from * model.outputs);
      }
      return outputs;
    },
    evaluate(dataset) {
      requireAlike(dataset, features, classes);
      if (categories) requireCategories(`evaluate: ${dataset.name}`, dataset.inputs, features, categories);
      const at = session();
      const sum = { loss: 0, correct: 0 };
      for (let from = 0; from < dataset.rows; from += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, dataset.rows - from);
        const part = at.inputs.subarray(0, count * features);
        writeValues(part, dataset.inputs, from * features, features, dataset, standard);
        const targets = (classes > 0 ? at.labels : at.values).subarray(0, count);
        targets.set(dataset.targets.subarray(from, from + count));
        const score = at.session.evaluate(at.weights, { rows: count, inputs: part, targets });
        sum.loss += score.loss;
        sum.correct += score.correct;
      }
      return { loss: sum.loss / dataset.rows, accuracy: classes > 0 ? sum.correct / dataset.rows : null };
    },
    async save(path) {
      const layers = model.layers.map(({ name, offset, shape }) => {
        const size = shape.reduce((product, side) => product * side, 1);
        return { name, shape: [...shape], values: weights.slice(offset, offset + size) };
      });
      const scaling = standard
        ? [
            { name: 'input.mean', shape: [standard.mean.length], values: standard.mean },
            { name: 'input.factor', shape: [standard.factor.length], values: standard.factor },
          ]
        : [];
      const unit: Record<string, string> =
        scale === 1 && shift === 0 ? {} : { 'byte.scale': String(scale), 'byte.shift': String(shift) };
      try {
        await replaceFile(path, writeSafetensors([...scaling, ...layers], { model: model.name, ...unit }));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new HearsayError('OUTPUT_UNWRITABLE', `${path}: the model can't be written: ${reason}`, { cause });
      }
    },
  };
}

function isBytes(inputs: unknown): boolean {
  return inputs instanceof Uint8Array || inputs instanceof Uint8ClampedArray;
}

/** How many rows of finite numbers these are. */
function rowsOf(inputs: ArrayLike<number>, features: number): number {
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
  return inputs.length / features;
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

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}

/** A reader sees the old file or the new one, never a part, even after a loss of power. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const file = await openFile(draft, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The model on a small memory of its own. */
function open(model: Model, weights: Float32Array, features: number, set: KernelsName) {
  let end = 1024;
  const take = (floats: number) => {
    const address = end;
    end += Math.ceil((floats * 4) / 128) * 128;
    return address;
  };
  const workspace = model.workspace(rowsAtOnce);
  const addresses = {
    weights: take(weights.length),
    work: take(workspace),
    inputs: take(rowsAtOnce * features),
    targets: take(rowsAtOnce),
    outputs: take(rowsAtOnce * model.outputs),
  };
  const memory = reserve(end, `model ${model.name}, to predict,`, 'use a smaller model');
  const floats = (address: number, length: number) => new Float32Array(memory.buffer, address, length);
  const placed = floats(addresses.weights, weights.length);
  placed.set(weights);
  return {
    session: model.open(openKernels(set, memory), floats(addresses.work, workspace), rowsAtOnce),
    weights: placed,
    inputs: floats(addresses.inputs, rowsAtOnce * features),
    labels: new Int32Array(memory.buffer, addresses.targets, rowsAtOnce),
    values: floats(addresses.targets, rowsAtOnce),
    outputs: floats(addresses.outputs, rowsAtOnce * model.outputs),
  };
}
