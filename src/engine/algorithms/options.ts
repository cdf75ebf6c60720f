/** Options of the built-in algorithms, read strictly: an unknown one is named, a bad value says what is allowed. */

import { readNumber } from '../../decimal.js';
import { logarithm } from '../../logarithm.js';
import { expectSettings, numberSetting, type Spec, switchSetting, wordSetting } from '../../spec.js';
import type { World } from '../algorithm.js';

type Options = Readonly<Record<string, string>>;

/** Throws CONFIG_UNKNOWN_KEY when `options` has a key that is not in `known`. */
export function onlyKnown(algorithm: string, options: Options, known: readonly string[]): void {
  expectSettings(spec(algorithm, options), known, 'algorithm');
}

/** A number in [low, high]. Throws CONFIG_RANGE. */
export function numberOption(
  algorithm: string,
  options: Options,
  key: string,
  fallback: number,
  low: number,
  high: number,
): number {
  return numberSetting(spec(algorithm, options), key, { min: low, max: high }, fallback, 'algorithm');
}

/** `true` or `false`; false by default. Throws CONFIG_RANGE. */
export function flagOption(algorithm: string, options: Options, key: string): boolean {
  return switchSetting(spec(algorithm, options), key, 'algorithm');
}

/** One of some words; the first is the default. Throws CONFIG_RANGE. */
export function wordOption<Word extends string>(
  algorithm: string,
  options: Options,
  key: string,
  allowed: readonly Word[],
): Word {
  return wordSetting(spec(algorithm, options), key, allowed, 'algorithm');
}

/** Local steps of a piece of work: a whole number, or `geometric:MEAN`, drawn anew for each piece. Throws CONFIG_RANGE. */
export function stepsOption(algorithm: string, options: Options, fallback: number): (node: number, world: World) => number {
  const text = options.steps ?? String(fallback);
  const geometric = text.startsWith('geometric:');
  const where = `algorithm: ${algorithm}: steps (a number, or geometric:MEAN)`;
  const value = readNumber(text.replace(/^geometric:/, ''), { whole: !geometric, min: 1, max: 1e6 }, where);
  if (!geometric || value === 1) return () => value;
  // 1 + floor(log(u) / log(1 - 1/H)) is geometric on 1, 2, ... with mean H.
  const base = logarithm(1 - 1 / value);
  return (node, world) => 1 + Math.floor(logarithm(world.random(node, 'steps') + 2 ** -33) / base);
}

function spec(name: string, options: Options): Spec {
  return { name, args: [], options };
}
