/**
 * The settings of a named thing (`swarm:steps=4,order=commit`) as a table. One record gives the check of a value, its type and its
 * line of help, so that no range and no default is written twice.
 */

import { type Range, rangeWords, readNumber } from './decimal.js';
import { HearsayError } from './errors.js';
import { suggestion } from './nearest.js';
import { expectSettings, quote, type Spec } from './spec.js';

export interface Setting<Value = unknown> {
  readonly about: string;
  /** What may stand there, in words. */
  readonly range: string;
  /** What holds when it is left out: the value, and in words. */
  readonly otherwise: Value;
  readonly fallback: string;
  /** The value that `text` writes. Throws HearsayError naming `where`. */
  read(text: string, where: string): Value;
}

export type Settings = Readonly<Record<string, Setting>>;

export type Values<Table extends Settings> = {
  readonly [Key in keyof Table]: Table[Key] extends Setting<infer Value> ? Value : never;
};

/** A named thing in a table of such: what help says of it. */
export interface Named {
  /** As one writes it, without its settings: `regular:K`. */
  readonly form: string;
  readonly about: string;
  readonly settings: Settings;
}

/** The values of the settings of `spec`. Throws CONFIG_UNKNOWN_KEY, and CONFIG_RANGE also for more than `plain` plain values. */
export function readSettings<Table extends Settings>(spec: Spec, table: Table, where: string, plain = 0): Values<Table> {
  expectSettings(spec, Object.keys(table), where, plain);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    const text = spec.options[key];
    values[key] = text === undefined ? setting.otherwise : setting.read(text, `${where}: ${spec.name}: ${key}`);
  }
  return values as Values<Table>;
}

/** A number in a range. */
export function numeric(about: string, range: Range, otherwise: number, fallback = String(otherwise)): Setting<number> {
  return { about, range: rangeWords(range), otherwise, fallback, read: (text, where) => readNumber(text, range, where) };
}

/** One of some words; the first is the default. */
export function oneOf<const Word extends string>(about: string, words: readonly [Word, ...Word[]]): Setting<Word> {
  return {
    about,
    range: words.join(' | '),
    otherwise: words[0],
    fallback: words[0],
    read(text, where) {
      if (words.includes(text as Word)) return text as Word;
      throw new HearsayError(
        'CONFIG_RANGE',
        `${where}: found ${quote(text)}, allowed is ${words.join(' | ')}${suggestion(text, words)}`,
      );
    },
  };
}

/** On or off. */
export function flag(about: string, otherwise = false): Setting<boolean> {
  const words = oneOf(about, ['true', 'false']);
  return { ...words, otherwise, fallback: String(otherwise), read: (text, where) => words.read(text, where) === 'true' };
}

/** The same setting without a value of its own: undefined when it is left out. `fallback` says what then holds. */
export function optional<Value>(setting: Setting<Value>, fallback: string): Setting<Value | undefined> {
  return { ...setting, otherwise: undefined, fallback };
}
