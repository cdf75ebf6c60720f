/**
 * What a user writes comes as a module, because functions can't be sent to threads: its default export is called with the options of
 * the spec, in every thread.
 */

import { pathToFileURL } from 'node:url';
import { HearsayError } from '../errors.js';
import type { Spec } from '../spec.js';

/** Imports the module that `spec` names (a path, relative to `folder`, or a file: URL). Throws MODULE_INVALID. */
export async function loadModule<Factory>(spec: Spec, what: string): Promise<Factory> {
  const url = spec.name.startsWith('file:') ? spec.name : pathToFileURL(spec.name).href;
  let loaded: { default?: unknown };
  try {
    loaded = await import(url);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new HearsayError('MODULE_INVALID', `${what} ${spec.name}: the module can't be loaded: ${reason}`, { cause });
  }
  if (typeof loaded.default !== 'function') {
    throw new HearsayError(
      'MODULE_INVALID',
      `${what} ${spec.name}: found ${loaded.default === undefined ? 'no default export' : `a default export of type ${typeof loaded.default}`}, ` +
        `expected a function: export default options => ({ ... })`,
    );
  }
  return loaded.default as Factory;
}
