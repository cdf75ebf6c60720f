/**
 * What an option of an experiment is. One record gives the check of a value (zod), its type, its line of help and its message, so
 * that no range is written twice.
 */

import { z } from 'zod';
import { type Range, rangeWords, readNumber } from '../decimal.js';
import { isModule, parseSpec, quote, type Spec } from '../spec.js';

export interface Option<Schema extends z.ZodType = z.ZodType> {
  readonly about: string;
  /** What may stand there, in words. */
  readonly range: string;
  readonly unit?: string;
  /** The value when nothing is given, in words. */
  readonly fallback: string;
  /** Checks what code or a JSON file gives; the output is the resolved value, which is valid input again. */
  readonly schema: Schema;
  /** Placeholder of the value on a command line; a switch has none. */
  readonly placeholder?: string;
  /** The value of a word on a command line. Throws HearsayError naming `where`. */
  read(text: string, where: string): unknown;
  /** A setting that code may give as a text too: `read` makes the value. */
  readonly written?: boolean;
  /** The words on a command line that `read` makes the value of, one for each time that the flag is given; without it: the value as a text. */
  write?(value: unknown): readonly string[];
  /** A list whose flag may be repeated; the name of that flag. */
  readonly repeatedFlag?: string;
  /** A check that the schema cannot express. Throws HearsayError naming `where`. */
  check?(value: unknown, where: string): void;
  /** A module may be given as a URL. */
  readonly module?: boolean;
  /** Only for runs on the clock of the wall, or only for those in virtual time. */
  readonly only?: 'live' | 'virtual';
}

interface Text {
  readonly about: string;
  readonly unit?: string;
  readonly only?: 'live' | 'virtual';
}

/** A number that has a value when none is given. */
export function number(text: Text & { range: Range; default: number }): Option<z.ZodDefault<z.ZodNumber>> {
  return { ...numeric(text), fallback: String(text.default), schema: numberSchema(text.range).default(text.default) };
}

/** A number that may be absent: null. `fallback` says what then holds. */
export function optionalNumber(
  text: Text & { range: Range; fallback: string },
): Option<z.ZodDefault<z.ZodNullable<z.ZodNumber>>> {
  return { ...numeric(text), fallback: text.fallback, schema: numberSchema(text.range).nullable().default(null) };
}

/** One of some words; the first is the default. */
export function choice<const Word extends string>(
  text: Text & { words: readonly [Word, ...Word[]] },
): Option<z.ZodDefault<z.ZodEnum<{ [K in Word]: K }>>> {
  return {
    about: text.about,
    only: text.only,
    range: text.words.join(' | '),
    fallback: text.words[0],
    placeholder: '<word>',
    // The cast says what zod cannot infer: the default is one of its own words.
    schema: z.enum(text.words).default(text.words[0] as never) as never,
    read: word => word,
  };
}

/** On or off; off by default. */
export function toggle(text: Text): Option<z.ZodDefault<z.ZodBoolean>> {
  return { ...text, range: 'true | false', fallback: 'off', schema: z.boolean().default(false), read: () => true };
}

/** Throws HearsayError, naming `where`, when nobody has a thing of that name or with those settings. */
type Known = (text: string, where: string, spec: Spec) => unknown;

/** A named thing with settings (see spec.ts). `known` refuses names and settings that nobody has; a module is looked at later. */
export function spec(
  text: Text & { range: string; default: string; module?: boolean; known?: Known },
): Option<z.ZodDefault<z.ZodString>> {
  return {
    ...text,
    fallback: text.default,
    placeholder: '<spec>',
    schema: z.string().default(text.default),
    read: word => word,
    check: (value, where) => {
      const parsed = parseSpec(value as string, where);
      if (!isModule(parsed.name)) text.known?.(value as string, where, parsed);
    },
  };
}

/** A named thing with settings that may be absent: null. `fallback` says what then holds. */
export function optionalSpec(
  text: Text & { range: string; fallback: string; module?: boolean; known?: Known },
): Option<z.ZodDefault<z.ZodNullable<z.ZodString>>> {
  const option = spec({ ...text, default: '-' });
  return {
    ...option,
    fallback: text.fallback,
    schema: option.schema.unwrap().nullable().default(null),
    check: (value, where) => value !== null && option.check!(value, where),
  };
}

/**
 * A value with parts, that people write as text (and, with `plain`, as a number). `shape` is the resolved value; a text is read
 * before the schema sees it, so the output is never a text.
 */
export function written<Shape extends z.ZodType, Plain extends string | number = string>(
  text: Text & {
    range: string;
    fallback: string;
    placeholder: string;
    default: z.output<Shape>;
    /** The words that `read` makes the value of. */
    write(value: NonNullable<z.output<Shape>>): readonly string[];
  },
  shape: Shape,
  read: (word: string, where: string) => z.output<Shape>,
  plain: z.ZodType<Plain> = z.string() as never,
): Option<z.ZodDefault<z.ZodType<z.output<Shape>, z.input<Shape> | Plain>>> {
  const schema = z.union([shape, plain]).default(text.default as never);
  return { ...text, written: true, read, write: value => text.write(value as never), schema: schema as never };
}

/** A file, a folder or a name. `known` refuses a name whose settings are wrong; files are looked at later. */
export function path(
  text: Text & { range: string; default: string; known?: (text: string, where: string) => unknown },
): Option<z.ZodDefault<z.ZodString>> {
  return {
    ...text,
    fallback: text.default,
    placeholder: '<path>',
    schema: z
      .string()
      .regex(/^[^\0]+$/)
      .default(text.default),
    read: word => word,
    check: (value, where) => text.known?.(value as string, where),
  };
}

/** A file, a folder or a name that may be absent: null. */
export function optionalPath(text: Text & { range: string; fallback: string }): Option<z.ZodDefault<z.ZodNullable<z.ZodString>>> {
  const { schema, ...rest } = path({ ...text, default: '-' });
  return { ...rest, fallback: text.fallback, schema: schema.unwrap().nullable().default(null) };
}

/** A number's own check. */
export function numberSchema(range: Range): z.ZodNumber {
  let schema = z.number();
  if (range.whole) schema = schema.int();
  if (range.min !== undefined) schema = schema.min(range.min);
  if (range.above !== undefined) schema = schema.gt(range.above);
  if (range.max !== undefined) schema = schema.max(range.max);
  if (range.below !== undefined) schema = schema.lt(range.below);
  return schema;
}

function numeric(text: Text & { range: Range }) {
  return {
    about: text.about,
    unit: text.unit,
    only: text.only,
    range: rangeWords(text.range),
    placeholder: '<n>',
    read: (word: string, where: string) => readNumber(word, text.range, where),
  };
}

/** What was found, in one line. */
export function show(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
