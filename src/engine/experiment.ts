/**
 * An experiment as plain data: everything that decides what a run does, checked against the table of options. A resolved experiment
 * is valid input again.
 */

import { z } from 'zod';
import { type ErrorCode, HearsayError } from '../errors.js';
import { namedOptimizer } from '../models/optimizer/named.js';
import { suggestion } from '../nearest.js';
import { quote } from '../spec.js';
import { type Option, show } from './option.js';
import { options } from './options.js';

type Key = keyof typeof options;
type Schemas = { [K in Key]: (typeof options)[K]['schema'] };

export const experimentSchema = z.strictObject(schemasOf(options) as Schemas);

/** The schemas of a table, each with its line of help as description. */
export function schemasOf(table: Readonly<Record<string, Option>>): Record<string, z.ZodType> {
  const described = (option: Option) =>
    option.schema.meta({ description: `${option.about}: ${option.range}${option.unit ? ` (${option.unit})` : ''}` });
  return Object.fromEntries(Object.entries(table).map(([key, option]) => [key, described(option)]));
}

/** Every option with its resolved value. `threads: null` is every core; exactly one of epochs, steps, seconds and time is not null. */
export type Experiment = Readonly<z.output<typeof experimentSchema>>;

/**
 * What a user may write: everything is optional. Keys are the options of `hearsay train` and `hearsay simulate` in camel case (`evaluateEvery`);
 * docs/commands/train.md has each with its unit, range and default. A module may be a URL, `until` and the like may be text.
 */
export type ExperimentInput = {
  readonly [K in keyof z.input<typeof experimentSchema>]:
    | z.input<typeof experimentSchema>[K]
    | (K extends 'model' | 'algorithm' | 'topology' | 'link' ? URL : never);
};

/**
 * Checks and completes an experiment. The result is a fresh object of known keys. `where` names a key in messages (a flag, a place
 * in a file). Throws HearsayError CONFIG_UNKNOWN_KEY, CONFIG_TYPE, CONFIG_MISSING or CONFIG_RANGE: at the first fault.
 */
export function parseExperiment(input: unknown, where: (key: string) => string = key => key): Experiment {
  return reconcile(parseOptions<Experiment>(input, options, where), where);
}

/** Checks `input` against any table of options: the part of `parseExperiment` that knows no option by name. */
export function parseOptions<Resolved>(
  input: unknown,
  table: Readonly<Record<string, Option>>,
  where: (key: string) => string,
): Resolved {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new HearsayError(
      'CONFIG_TYPE',
      `experiment: found ${show(input)}, allowed is an object of options, {} for the defaults`,
    );
  }
  for (const key of Reflect.ownKeys(input)) {
    if (typeof key === 'string' && Object.hasOwn(table, key)) continue;
    const name = String(key);
    throw new HearsayError(
      'CONFIG_UNKNOWN_KEY',
      `${where(name)}: there is no option ${quote(name)}${suggestion(name, Object.keys(table)) || `; known are ${Object.keys(table).join(', ')}`}`,
    );
  }
  const resolved: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table)) {
    const given = Object.hasOwn(input, key) ? (input as Record<string, unknown>)[key] : undefined;
    resolved[key] = resolve(given, option, where(key));
  }
  return resolved as Resolved;
}

function resolve(given: unknown, option: Option, where: string): unknown {
  let value = given;
  if (option.module && value instanceof URL) value = value.href;
  if (option.written && (typeof value === 'string' || typeof value === 'number')) value = option.read(String(value), where);
  const checked = option.schema.safeParse(value);
  if (!checked.success) throw refusal(checked.error.issues[0], value, option, where);
  option.check?.(checked.data, where);
  return checked.data;
}

function refusal(issue: z.core.$ZodIssue, value: unknown, option: Option, where: string): HearsayError {
  // Of a value with a text form, the shape's own issue says more than 'neither'.
  while (issue.code === 'invalid_union') issue = issue.errors[0][0];
  let found = value;
  for (const step of issue.path) found = (found as Record<PropertyKey, unknown> | undefined)?.[step];
  const at = [where, ...issue.path].join('.');
  if (typeof found === 'function') {
    const remedy = "a function can't travel to a thread: put it in a module and give new URL('./mine.js', import.meta.url)";
    return new HearsayError('CONFIG_TYPE', `${at}: found a function, allowed is ${option.range}; ${remedy}`);
  }
  const message = `${at}: found ${show(found)}, allowed is ${option.range}; left out it is ${option.fallback}`;
  if (issue.code === 'unrecognized_keys')
    return new HearsayError('CONFIG_UNKNOWN_KEY', `${message} (unknown: ${issue.keys.join(', ')})`);
  return new HearsayError(codeOf(issue, found), message);
}

/** A wrong type is CONFIG_TYPE; NaN, infinity, 2.5 nodes and a word that is not in the list are CONFIG_RANGE. */
function codeOf(issue: z.core.$ZodIssue, found: unknown): ErrorCode {
  if (issue.code === 'invalid_value') return typeof found === 'string' ? 'CONFIG_RANGE' : 'CONFIG_TYPE';
  if (issue.code !== 'invalid_type') return 'CONFIG_RANGE';
  return typeof found === 'number' && ['number', 'int'].includes(issue.expected) ? 'CONFIG_RANGE' : 'CONFIG_TYPE';
}

/** Options of virtual time mean nothing on the clock of the wall, and the other way round. */
function refuseOthers(experiment: Experiment, where: (key: string) => string): void {
  const wrong = experiment.deterministic ? 'live' : 'virtual';
  for (const [key, option] of Object.entries(options) as [Key, Option][]) {
    if (option.only !== wrong) continue;
    const found = experiment[key];
    if (JSON.stringify(found) === JSON.stringify(option.schema.parse(undefined))) continue;
    const remedy =
      wrong === 'virtual'
        ? 'it belongs to virtual time; use hearsay simulate, or --deterministic'
        : `it belongs to the clock of the wall; ${key === 'seconds' ? 'write time instead, in virtual seconds' : 'leave it out'}, or train without deterministic`;
    throw new HearsayError('CONFIG_RANGE', `${where(key)}: found ${show(found)}: ${remedy}`);
  }
}

/** Throws CONFIG_RANGE for a node that is none of the run, and CONFIG_TYPE for one that is named twice. */
function requireNodes(named: readonly { readonly node: number }[], nodes: number, where: string): void {
  const seen = new Set<number>();
  for (const { node } of named) {
    if (node >= nodes)
      throw new HearsayError(
        'CONFIG_RANGE',
        `${where}: found node ${node}, allowed is 0 to ${nodes - 1}, as there are ${nodes} nodes`,
      );
    if (seen.has(node)) throw new HearsayError('CONFIG_TYPE', `${where}: node ${node} is given twice; give it once`);
    seen.add(node);
  }
}

/** What no single option can say. */
function reconcile(experiment: Experiment, where: (key: string) => string): Experiment {
  const { epochs, steps, seconds, time, until, stragglers, attacks, nodes } = experiment;
  const limits = Object.entries({ epochs, steps, seconds, time }).filter(([, value]) => value !== null);
  refuseOthers(experiment, where);
  if (limits.length > 1) {
    const names = limits.map(([key]) => where(key)).join(' and ');
    throw new HearsayError(
      'CONFIG_RANGE',
      `${names}: found both, allowed is one limit of epochs, steps, seconds and time; keep one`,
    );
  }
  if (until?.metric === 'accuracy' && !(until.value > 0 && until.value <= 1)) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('until')}: found accuracy=${until.value}, allowed is above 0 and up to 1; 98 % is 0.98`,
    );
  }
  if (experiment.evaluateEvery.unit === 'steps' && !Number.isSafeInteger(experiment.evaluateEvery.value)) {
    const found = experiment.evaluateEvery.value;
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('evaluateEvery')}: found ${found} steps, allowed is a whole number; seconds are written ${found}s`,
    );
  }
  if (experiment.init !== null && experiment.start === 'own') {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('init')}: found ${quote(experiment.init)} with start own, allowed is start same, as all nodes start from the file; leave one of them out`,
    );
  }
  requireNodes(stragglers, nodes, where('stragglers'));
  requireNodes(attacks, nodes, where('attacks'));
  if (attacks.length >= nodes) {
    const found = `${attacks.length} of ${nodes} nodes`;
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('attacks')}: found ${found}, allowed are ${nodes - 1}: one at least must be good`,
    );
  }
  // Some schedules must know how long the run is, and a run by the clock does not.
  namedOptimizer(experiment.optimizer, seconds === null && time === null ? 1 : Number.POSITIVE_INFINITY, where('optimizer'));
  return limits.length > 0 ? experiment : { ...experiment, epochs: until ? 100 : 5 };
}
