/** Numbers as people write them. Strict: what is no plain decimal is refused, where Number('') gives 0 and parseInt('1e3') gives 1. */

import { HearsayError } from './errors.js';
import { quote } from './spec.js';

/** A plain decimal: an optional sign, digits with an optional point, an optional exponent; nothing else. */
export const decimalPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

const wholePattern = /^[+-]?\d+$/;

/** What a number may be. Bounds are included, except `above` and `below`. */
export interface Range {
  readonly whole?: boolean;
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
}

/**
 * The number that `text` writes, or NaN: digits with at most one point, a sign, and (unless `whole`) an exponent. A whole number
 * must be exact: beyond 2^53 - 1 it is NaN.
 */
export function decimal(text: string, whole = false): number {
  if (!(whole ? wholePattern : decimalPattern).test(text)) return Number.NaN;
  const value = Number(text) + 0; // -0 becomes 0
  if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) return Number.NaN;
  return value;
}

export function within(value: number, range: Range): boolean {
  if (!Number.isFinite(value) || (range.whole && !Number.isSafeInteger(value))) return false;
  return !(
    (range.min !== undefined && value < range.min) ||
    (range.above !== undefined && value <= range.above) ||
    (range.max !== undefined && value > range.max) ||
    (range.below !== undefined && value >= range.below)
  );
}

/** 'a whole number from 1 to 256', for messages and help. */
export function rangeWords(range: Range): string {
  const low = range.min !== undefined ? `from ${range.min}` : range.above !== undefined ? `above ${range.above}` : '';
  const high = range.max !== undefined ? `to ${range.max}` : range.below !== undefined ? `below ${range.below}` : '';
  const joined = low.startsWith('above') && high ? `${low} and ${high.replace(/^to/, 'up to')}` : `${low} ${high}`;
  return `a ${range.whole ? 'whole number' : 'number'} ${joined}`.replace(/ +/g, ' ').trim();
}

/** The number that `text` writes. Throws CONFIG_RANGE, naming `where`. */
export function readNumber(text: string, range: Range, where: string): number {
  const value = decimal(text, range.whole);
  if (within(value, range)) return value;
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: found ${quote(text)}, allowed is ${rangeWords(range)}, written in plain decimals`,
  );
}
