/** Files that lie beside one another: the first of some names that is there, the test file of a training file. */

import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The first of `paths` that is a regular file. */
export async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const kind = await stat(path).catch(() => undefined);
    if (kind?.isFile()) return path;
  }
  return undefined;
}

/**
 * The test file of the training file at `path`: `given`, else the first of PATH.t, PATH.test, PATH with `train` replaced by `test` in its
 * name (each plain or .gz) that exists.
 */
export async function testFile(path: string, given: string | undefined): Promise<string | undefined> {
  if (given !== undefined) return given;
  const plain = path.replace(/\.gz$/, '');
  const name = basename(plain);
  const names = [`${name}.t`, `${name}.test`, name.replace(/train(?!.*train)/, 'test')].filter(other => other !== name);
  return firstFile(names.flatMap(name => [join(dirname(path), name), join(dirname(path), `${name}.gz`)]));
}
