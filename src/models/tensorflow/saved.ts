/** A saved model of layers: `--model tfjs:PATH/model.json`. It starts from the weights that were saved with it. */

import { pathToFileURL } from 'node:url';
import { HearsayError } from '../../errors.js';
import type { Model, Task } from '../model.js';
import { adapted } from './adapter.js';
import { type Found, openTensorFlow } from './backend.js';
import { atMost, TooLarge } from './bound.js';
import { type Artifacts, readArtifacts } from './files.js';
import { product } from './inputs.js';
import type { LayersModel } from './types.js';

/** Weights of a model that was saved without any: 256 MiB of them. */
const mostDrawn = 2 ** 26;

/**
 * The model in the file at `path`, for the task; one that was saved without weights starts from draws of its initializers. Throws DATA_NOT_FOUND,
 * DATA_CORRUPT and DATA_TOO_LARGE for its files, CONFIG_MISSING without TensorFlow.js, MODULE_INVALID for a model that can't be made of
 * them (a layer that TensorFlow.js does not know), or not be trained here.
 */
export async function savedModel(path: string, task: Task): Promise<Model> {
  const where = `model tfjs:${path}`;
  const artifacts = await readArtifacts(path);
  const found = await openTensorFlow(pathToFileURL(path).href);
  const floats = artifacts.weightSpecs?.reduce((sum, { shape }) => sum + product(shape), 0);
  const made = await atMost(found.tf, floats ?? mostDrawn, () => load(found, artifacts, where)).catch(error => {
    if (!(error instanceof TooLarge)) throw error;
    if (floats === undefined) {
      const remedy = 'save the model with its weights';
      throw new HearsayError(
        'DATA_TOO_LARGE',
        `${path}: its layers have more weights than ${mostDrawn}, allowed without a file of them; ${remedy}`,
      );
    }
    const remedy = 'save or convert the model again';
    throw new HearsayError(
      'DATA_CORRUPT',
      `${path}: its layers have more weights than the ${floats} of its weightsManifest; ${remedy}`,
    );
  });
  const weights = made.getWeights() as unknown as readonly { dataSync(): Float32Array }[];
  if (weights.some(weight => !weight.dataSync().every(Number.isFinite)))
    throw new HearsayError('DATA_NONFINITE', `${where}: a weight is NaN or infinite; save another model`);
  const kind = made.constructor as unknown as { fromConfig(kind: unknown, config: unknown): LayersModel };
  const again = () => kind.fromConfig(kind, made.getConfig());
  return adapted(`tfjs:${path}`, made, task, found, where, artifacts.weightData ? undefined : again, 'those in its file');
}

async function load({ tf }: Found, artifacts: Artifacts, where: string): Promise<LayersModel> {
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (cause) {
    if (cause instanceof TooLarge) throw cause;
    // An unknown layer is explained over many lines: the first has its name.
    const reason = String((cause as Error)?.message ?? cause)
      .split('\n')[0]
      .replace(/\.? This may be due to.*$/, '')
      .slice(0, 160);
    const said = `TensorFlow.js can't make a model of it: ${reason || 'it does not say why'}`;
    throw new HearsayError('MODULE_INVALID', `${where}: ${said}; give a model of its own layers, saved or converted again`, {
      cause,
    });
  }
}
