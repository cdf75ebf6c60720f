/** The file of --config. */

import { readFileSync, statSync } from 'node:fs';
import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';

const mostConfigBytes = 2 ** 20;

/** The options that the JSON file holds, unchecked. Throws CONFIG_MISSING when it can't be read, CONFIG_TYPE when it holds no object. */
export function readConfig(file: string): Record<string, unknown> {
  const text = readSmallFile(file);
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new HearsayError(
      'CONFIG_TYPE',
      `--config ${quote(file)}: no JSON: ${(error as Error).message}; see hearsay/schema.json for the form`,
    );
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new HearsayError(
      'CONFIG_TYPE',
      `--config ${quote(file)}: found ${text.slice(0, 20)}, allowed is an object of options, as {"nodes": 16}`,
    );
  }
  const { $schema: _, ...rest } = config as Record<string, unknown>;
  return rest;
}

/** Looks at the kind and the size before it reads: a FIFO would wait for ever. */
function readSmallFile(file: string): string {
  try {
    const status = statSync(file);
    if (!status.isFile()) throw new Error('it is no plain file');
    if (status.size > mostConfigBytes) throw new Error(`it has ${status.size} bytes, allowed are ${mostConfigBytes}`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new HearsayError('CONFIG_MISSING', `--config ${quote(file)}: ${(error as Error).message}; give a JSON file`, {
      cause: error,
    });
  }
}
