/** A saved model of layers: `--model tfjs:PATH/model.json`. It starts from the weights that were saved with it. */

import { pathToFileURL } from 'node:url';
import { HearsayError } from '../../errors.js';
import type { Model, Task } from '../model.js';
import { adapted } from './adapter.js';
import { type Found, openTensorFlow } from './backend.js';
import { readArtifacts } from './files.js';
import type { LayersModel } from './types.js';

/**
 * The model in the file at `path`, for the task; one that was saved without weights starts from draws of its initializers. Throws DATA_NOT_FOUND,
 * DATA_CORRUPT and DATA_TOO_LARGE for its files, CONFIG_MISSING without TensorFlow.js, MODULE_INVALID for a model that can't be made of
 * them (a layer that TensorFlow.js does not know), or not be trained here.
 */
export async function savedModel(path: string, task: Task): Promise<Model> {
  const where = `model tfjs:${path}`;
  const artifacts = await readArtifacts(path);
  const found = await openTensorFlow(pathToFileURL(path).href);
  const made = await load(found, artifacts, where);
  const weights = made.getWeights() as unknown as readonly { dataSync(): Float32Array }[];
  if (weights.some(weight => !weight.dataSync().every(Number.isFinite)))
    throw new HearsayError('DATA_NONFINITE', `${where}: a weight is NaN or infinite; save another model`);
  const kind = made.constructor as unknown as { fromConfig(kind: unknown, config: unknown): LayersModel };
  const again = () => kind.fromConfig(kind, made.getConfig());
  return adapted(`tfjs:${path}`, made, task, found, where, artifacts.weightData ? undefined : again);
}

async function load({ tf }: Found, artifacts: object, where: string): Promise<LayersModel> {
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (cause) {
    // An unknown layer is explained over many lines: the first has its name.
    const reason = String((cause as Error)?.message ?? cause)
      .split('\n')[0]
      .slice(0, 160);
    throw new HearsayError('MODULE_INVALID', `${where}: TensorFlow.js can't make a model of it: ${reason}`, { cause });
  }
}
