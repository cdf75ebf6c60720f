/** The model that a run leaves: the mean of the nodes (or the row that they share), ready to predict, to be judged and to be saved. */

import { writeFile } from 'node:fs/promises';
import type { Dataset } from '../data/dataset.js';
import type { Scale } from '../engine/descent.js';
import { HearsayError } from '../errors.js';
import { writeSafetensors } from '../models/formats/safetensors.js';
import { type KernelsName, openKernels } from '../models/kernels/choose.js';
import type { Model } from '../models/model.js';

export interface TrainedModel {
  readonly name: string;
  /** The flat vector of parameters. */
  readonly weights: Float32Array;
  /**
   * Class probabilities or real values: rows x outputs. `inputs` is rows x features: bytes as they stand in an image file, which are scaled
   * as those of the training data were, or floats that are scaled already. Throws DATA_CORRUPT.
   */
  predict(inputs: Float32Array | Uint8Array): Float32Array;
  /** Mean loss, and accuracy (null for regression), on a data set. */
  evaluate(dataset: Dataset): { loss: number; accuracy: number | null };
  /** Writes the parameters, layer by layer, as safetensors. Throws OUTPUT_UNWRITABLE. */
  save(path: string): Promise<void>;
}

const rowsAtOnce = 256;

/** `scale` is how the bytes of the training data became values. */
export function trainedModel(
  model: Model,
  weights: Float32Array,
  features: number,
  set: KernelsName,
  { scale, shift }: Scale,
): TrainedModel {
  let opened: ReturnType<typeof open> | undefined;
  const session = () => (opened ??= open(model, weights, features, set));

  return {
    name: model.name,
    weights,
    predict(inputs) {
      if (inputs.length % features !== 0) {
        const found = `found ${inputs.length} values`;
        throw new HearsayError('DATA_CORRUPT', `predict: ${found}, expected a multiple of ${features}, the features of a row`);
      }
      const rows = inputs.length / features;
      const outputs = new Float32Array(rows * model.outputs);
      const at = session();
      for (let from = 0; from < rows; from += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - from);
        const part = inputs.subarray(from * features, (from + count) * features);
        if (part instanceof Uint8Array) for (let k = 0; k < part.length; k++) at.inputs[k] = part[k] * scale + shift;
        else at.inputs.set(part);
        const batch = { rows: count, inputs: at.inputs.subarray(0, count * features), targets: at.labels.subarray(0, count) };
        const predicted = at.outputs.subarray(0, count * model.outputs);
        at.session.predict(at.weights, batch, predicted);
        outputs.set(predicted, from * model.outputs);
      }
      return outputs;
    },
    evaluate(dataset) {
      const at = session();
      const sum = { loss: 0, correct: 0 };
      for (let from = 0; from < dataset.rows; from += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, dataset.rows - from);
        for (let k = 0; k < count * features; k++) {
          at.inputs[k] = dataset.inputs[from * features + k] * dataset.scale + dataset.shift;
        }
        const targets = (dataset.classes > 0 ? at.labels : at.values).subarray(0, count);
        targets.set(dataset.targets.subarray(from, from + count));
        const score = at.session.evaluate(at.weights, { rows: count, inputs: at.inputs.subarray(0, count * features), targets });
        sum.loss += score.loss;
        sum.correct += score.correct;
      }
      return { loss: sum.loss / dataset.rows, accuracy: dataset.classes > 0 ? sum.correct / dataset.rows : null };
    },
    async save(path) {
      const tensors = model.layers.map(({ name, offset, shape }) => {
        const size = shape.reduce((product, side) => product * side, 1);
        return { name, shape: [...shape], values: weights.slice(offset, offset + size) };
      });
      try {
        await writeFile(path, writeSafetensors(tensors, { model: model.name }));
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new HearsayError('OUTPUT_UNWRITABLE', `${path}: the model can't be written: ${reason}`, { cause });
      }
    },
  };
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
  const pages = Math.ceil(end / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
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
