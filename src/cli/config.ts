/** The file of --config. */

import { HearsayError } from '../errors.js';
import { parseJson } from '../json.js';
import { readPlain } from '../plainfile.js';
import { quote } from '../spec.js';

const mostConfigBytes = 2 ** 20;

/** The options that the JSON file holds, unchecked. Throws CONFIG_MISSING when it can't be read, CONFIG_TYPE when it holds no object. */
export function readConfig(file: string): Record<string, unknown> {
  const text = readSmallFile(file);
  let config: unknown;
  try {
    config = parseJson(text, true);
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

function readSmallFile(file: string): string {
  try {
    return readPlain(file, mostConfigBytes);
  } catch (error) {
    throw new HearsayError('CONFIG_MISSING', `--config ${quote(file)}: ${(error as Error).message}; give a JSON file`, {
      cause: error,
    });
  }
}
