/** Options of the built-in algorithms, read strictly: an unknown one is named, a bad value says what is allowed. */

import { HearsayError } from '../../errors.js';
import { logarithm } from '../../logarithm.js';
import type { World } from '../algorithm.js';

type Options = Readonly<Record<string, string>>;

/** Throws CONFIG_UNKNOWN_KEY when `options` has a key that is not in `known`. */
export function onlyKnown(algorithm: string, options: Options, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const allowed = known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes none';
    throw new HearsayError('CONFIG_UNKNOWN_KEY', `algorithm ${algorithm}: unknown option "${key}": ${allowed}`);
  }
}

/** A number in [low, high]. */
export function numberOption(
  algorithm: string,
  options: Options,
  key: string,
  fallback: number,
  low: number,
  high: number,
): number {
  const text = options[key];
  if (text === undefined) return fallback;
  const value = /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high)) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `algorithm ${algorithm}: ${key} is "${text}", allowed is a number from ${low} to ${high}`,
    );
  }
  return value;
}

/** `true` or `false`; false by default. */
export function flagOption(algorithm: string, options: Options, key: string): boolean {
  const text = options[key] ?? 'false';
  if (text !== 'true' && text !== 'false') {
    throw new HearsayError('CONFIG_TYPE', `algorithm ${algorithm}: ${key} is "${text}", allowed are true and false`);
  }
  return text === 'true';
}

/** Local steps of a piece of work: a whole number, or `geometric:MEAN`, drawn anew for each piece. */
export function stepsOption(algorithm: string, options: Options, fallback: number): (node: number, world: World) => number {
  const text = options.steps ?? String(fallback);
  const geometric = /^geometric:(\d+(?:\.\d+)?)$/.exec(text);
  const value = geometric ? Number(geometric[1]) : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= 1e6)) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `algorithm ${algorithm}: steps is "${text}", allowed is a whole number from 1 to 1000000 or geometric:MEAN with MEAN >= 1`,
    );
  }
  if (!geometric || value === 1) return () => value;
  // 1 + floor(log(u) / log(1 - 1/H)) is geometric on 1, 2, ... with mean H.
  const base = logarithm(1 - 1 / value);
  return (node, world) => 1 + Math.floor(logarithm(world.random(node, 'steps') + 2 ** -33) / base);
}
