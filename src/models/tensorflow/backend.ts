/**
 * Finding TensorFlow.js: with its native half (@tensorflow/tfjs-node) where that loads, else in plain JavaScript. Looked for from the file
 * that wants it, then from here, so that a module and we use one copy.
 */

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { HearsayError } from '../../errors.js';
import type { TensorFlow } from './types.js';

export interface Found {
  readonly tf: TensorFlow;
  /** Version and backend: tfjs 4.22.0 cpu. */
  readonly name: string;
  /** One line for people: what computes, what that costs and what to do about it. */
  readonly note: string;
}

const plain = '@tensorflow/tfjs';
const native = '@tensorflow/tfjs-node';

/** How packages are found and loaded: by Node. `seen` says whether the file has been loaded already. */
export interface Loader {
  /** Undefined when there is no such package to be seen from the file. */
  resolve(name: string, from: string): string | undefined;
  load(path: string): Promise<unknown>;
  seen(path: string): boolean;
}

const require = createRequire(import.meta.url);

const node: Loader = {
  resolve(name, from) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      return undefined;
    }
  },
  load: path => import(pathToFileURL(path).href),
  seen: path => path in require.cache,
};

/** True when a module at `from` (a path or a file: URL) has loaded TensorFlow.js. */
export function hasLoaded(from: string, { resolve, seen }: Loader = node): boolean {
  const paths = [native, plain].flatMap(name => placesFor(from).map(place => resolve(name, place)));
  return paths.some(path => path !== undefined && seen(path));
}

/**
 * TensorFlow.js as a file at `from` (a path or a file: URL) sees it, ready to compute, without its warnings. Throws CONFIG_MISSING when it is
 * not installed, and when it does not load.
 */
export async function openTensorFlow(from: string, loader: Loader = node): Promise<Found> {
  const found = await find(native, from, loader);
  const { tf, reason } = found.tf ? found : await find(plain, from, loader);
  if (!tf) throw new HearsayError('CONFIG_MISSING', `TensorFlow.js: ${plain} ${reason}; run npm install ${plain}`);
  tf.enableProdMode(); // that is: no advice on the terminal, from any thread
  await tf.ready();
  const version = tf.version.tfjs ?? tf.version['tfjs-core'];
  const backend = tf.getBackend();
  return { tf, name: `tfjs ${version} ${backend}`, note: noteOf(version, backend, found.reason) };
}

/** What is said of a backend; `reason` is why there is no native one. */
export function noteOf(version: string, backend: string, reason: string | undefined): string {
  if (backend === 'tensorflow') return `TensorFlow.js ${version} computes in its native library (${native})`;
  const where = backend === 'cpu' ? 'in plain JavaScript' : `on its backend ${backend}`;
  const cost = backend === 'cpu' ? `, ${plainCost}` : '';
  return `TensorFlow.js ${version} computes ${where}${cost}; ${native} ${reason ?? 'is not in use'}`;
}

/** Measured: docs/results.md. */
export const plainCost = 'some 45 (dense layers) to 600 (convolutions) times slower than models that are built in';

function placesFor(from: string): string[] {
  return [from, import.meta.url];
}

interface Loaded {
  readonly tf?: TensorFlow;
  readonly reason?: string;
}

async function find(name: string, from: string, { resolve, load }: Loader): Promise<Loaded> {
  let reason = 'is not installed';
  for (const place of placesFor(from)) {
    const path = resolve(name, place);
    if (path === undefined) continue;
    try {
      const loaded = (await load(path)) as { default?: TensorFlow } & TensorFlow;
      return { tf: loaded.default ?? loaded };
    } catch (error) {
      // Of a package without its binary the message goes on for pages.
      reason = `does not load (${String((error as Error)?.message ?? error)
        .split('\n')[0]
        .slice(0, 120)})`;
    }
  }
  return { reason };
}
