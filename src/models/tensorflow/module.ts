/** A module whose function builds a `tf.LayersModel`: told from one that returns a model of ours by what it returns. */

import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Task } from '../model.js';
import { adapted, isLayersModel } from './adapter.js';
import { hasLoaded, openTensorFlow } from './backend.js';

/**
 * What `build`, the function of the module at `url`, returns or promises, and where that is a `tf.LayersModel`, a model made of it. It starts from
 * weights that `build`, called again, draws from the run's own randomness; from a promise it starts from the weights that came with it,
 * since nobody may draw while it is waited for. Throws what `build` throws, CONFIG_MISSING and MODULE_INVALID.
 */
export async function modelOfModule(url: string, build: () => unknown, task: Task): Promise<unknown> {
  // Before it builds: so that its weights come to lie on the backend that computes.
  const early = hasLoaded(url) ? await openTensorFlow(url) : undefined;
  const built = build();
  const made = await built;
  if (!isLayersModel(made)) return made;
  const found = early ?? (await openTensorFlow(url));
  const path = fileURLToPath(url);
  const name = basename(path).replace(/\.m?js$/, '');
  if (built === made) return adapted(name, made, task, found, `model ${path}`, build);
  const note = `${found.note}; model ${name} comes as a promise, so its starting weights are its own draws, not those of --seed`;
  return adapted(name, made, task, { ...found, note }, `model ${path}`, undefined, 'those that its promise brings');
}
