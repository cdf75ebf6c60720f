/**
 * What a user writes comes as a module, because functions can't be sent to threads: its default export is called with the options of
 * the spec, in every thread.
 */

import { pathToFileURL } from 'node:url';
import { HearsayError } from '../errors.js';
import type { Spec } from '../spec.js';

/**
 * What the function of the module that `spec` names (a path, or a file: URL) makes of these arguments; it still has to be looked at.
 * Throws MODULE_INVALID, also for what the function throws, unless that is an error of ours.
 */
export async function callModule<Factory extends (...given: never[]) => unknown>(
  spec: Spec,
  what: string,
  ...given: Parameters<Factory>
): Promise<Partial<ReturnType<Factory>> | null | undefined> {
  const factory = await loadModule<(...given: Parameters<Factory>) => ReturnType<Factory>>(spec, what);
  return attempt(spec, what, async () => factory(...given));
}

/** What `run` makes of a module's function, which it calls. Throws MODULE_INVALID for what that throws, unless it is an error of ours. */
export async function attempt<Result>(spec: Spec, what: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof HearsayError) throw cause;
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new HearsayError('MODULE_INVALID', `${what} ${spec.name}: its function threw: ${reason}`, { cause });
  }
}

/** Where the module of `spec` is. */
export function moduleUrl({ name }: Spec): string {
  return name.startsWith('file:') ? name : pathToFileURL(name).href;
}

/** The function that the module of `spec` exports. Throws MODULE_INVALID. */
export async function loadModule<Factory>(spec: Spec, what: string): Promise<Factory> {
  let loaded: { default?: unknown };
  try {
    loaded = await import(moduleUrl(spec));
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
