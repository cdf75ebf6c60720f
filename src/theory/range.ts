/** Numbers that a caller passes. */

import { type Range, rangeWords, within } from '../decimal.js';
import { HearsayError } from '../errors.js';

/** Throws CONFIG_RANGE, naming `where`, unless `value` is within `range`. */
export function requireNumber(where: string, value: number, range: Range): void {
  if (!within(value, range)) throw new HearsayError('CONFIG_RANGE', `${where}: found ${value}, allowed is ${rangeWords(range)}`);
}
