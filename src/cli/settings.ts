/** What a command is told: flags over a file over the defaults, checked as one. */

import { readFileSync, statSync } from 'node:fs';
import { type Command, Option as Flag } from 'commander';
import { z } from 'zod';
import { type Experiment, parseExperiment, parseOptions, schemasOf } from '../engine/experiment.js';
import { number, type Option, optionalPath, toggle } from '../engine/option.js';
import { options as experimentOptions } from '../engine/options.js';
import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { appendix } from './appendix.js';

/** Options that decide what becomes of a run's numbers, not what it does. */
export const outputOptions = {
  repeats: number({
    about: 'runs, with seeds seed, seed+1, ...; prints mean, deviation and worst',
    unit: 'runs',
    range: { whole: true, min: 1, max: 1000 },
    default: 1,
  }),
  out: optionalPath({
    about: 'folder for metrics.jsonl, manifest.json and model.safetensors; files of these names are replaced',
    range: 'a FOLDER',
    fallback: 'none: nothing is written',
  }),
  record: optionalPath({
    about: 'file for the history of the run, for hearsay replay',
    range: 'a FILE',
    fallback: 'none: nothing is recorded',
  }),
  json: toggle({ about: 'one JSON object a line on stdout, for programs' }),
  quiet: toggle({ about: 'no progress and no summary' }),
} satisfies Record<string, Option>;

type Output = { readonly [K in keyof typeof outputOptions]: z.output<(typeof outputOptions)[K]['schema']> };

export interface Settings extends Output {
  readonly experiment: Experiment;
}

const table: Readonly<Record<string, Option>> = { ...experimentOptions, ...outputOptions };

/** What a --config file may hold, as JSON Schema. */
export function configSchema(): object {
  const shape = { $schema: z.string().optional(), ...schemasOf(table) };
  return { title: 'Hearsay experiment', ...z.toJSONSchema(z.strictObject(shape), { io: 'input' }) };
}

/** Options of a command: of `train`, those of virtual time stay out; of `simulate`, those of the clock on the wall. */
function tableOf(mode: Mode): Readonly<Record<string, Option>> {
  const wrong = mode === 'live' ? 'virtual' : 'live';
  return Object.fromEntries(
    Object.entries(table).filter(([key, { only }]) => only !== wrong && !(mode === 'virtual' && key === 'deterministic')),
  );
}

export type Mode = 'live' | 'virtual';

/** Gives `command` a flag for each option. The function that comes back reads what was given: call it in the action. */
export function settingsOf(command: Command, mode: Mode): () => Settings {
  const own = tableOf(mode);
  const given = listen(command, [
    ...flagsOf(own),
    new Flag('--config <file>', 'the same options as JSON; flags override it (a FILE; default none)'),
  ]);
  command.addHelpText('after', () => appendix(Object.keys(own), command.configureOutput().getOutHelpWidth!() - 1));
  return () => settings(given, mode);
}

/** The same for a command whose options are those of `own` alone. */
export function optionsOf<Resolved>(command: Command, own: Readonly<Record<string, Option>>): () => Resolved {
  const given = listen(command, flagsOf(own));
  return () => parseOptions<Resolved>(readFlags(given, own), own, key => `--${flagName(key)}`);
}

function flagsOf(options: Readonly<Record<string, Option>>): Flag[] {
  return Object.entries(options).map(([key, option]) => {
    const flag = `--${flagName(key)}`;
    return new Flag(option.placeholder ? `${flag} ${option.placeholder}` : flag, help(option));
  });
}

/** Gives the command the flags; what comes back fills with the texts of those that are given. */
function listen(command: Command, flags: readonly Flag[]): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, string[]>();
  for (const flag of flags) {
    command.addOption(flag);
    // Commander keeps the last of two; a flag given twice is a mistake that has to be said.
    command.on(`option:${flag.name()}`, (text?: string) => {
      given.set(flag.name(), [...(given.get(flag.name()) ?? []), text ?? '']);
    });
  }
  return given;
}

/** evaluateEvery is --evaluate-every; a list has its flag in the singular. */
export function flagName(key: string): string {
  return (table[key]?.repeatedFlag ?? key).replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

function help({ about, unit, range, fallback }: Option): string {
  return `${about} (${unit ? `${unit}: ` : ''}${range}; default ${fallback})`;
}

function settings(given: ReadonlyMap<string, readonly string[]>, mode: Mode): Settings {
  const flags = readFlags(given, table);
  const file = given.get('config')?.[0];
  const config = file === undefined ? {} : readConfig(file);
  // A limit on the command line takes the place of the file's.
  const limits = ['epochs', 'steps', 'seconds', 'time'];
  const limited = limits.some(key => Object.hasOwn(flags, key));
  const kept = Object.entries(config).filter(([key]) => !Object.hasOwn(flags, key) && !(limited && limits.includes(key)));
  // Object.fromEntries defines, never assigns: a key __proto__ stays a key, and is refused as one.
  const merged = Object.fromEntries([...kept, ...Object.entries(flags)]);
  const where = (key: string) => (Object.hasOwn(flags, key) || file === undefined ? `--${flagName(key)}` : `${file}: ${key}`);
  if (mode === 'virtual') merged.deterministic = true;
  const { repeats, out, record, json, quiet } = parseOptions<Output>(merged, table, where);
  const rest = Object.fromEntries(Object.entries(merged).filter(([key]) => !Object.hasOwn(outputOptions, key)));
  const experiment = parseExperiment(rest, where);
  if (experiment.seed > Number.MAX_SAFE_INTEGER - (repeats - 1)) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('seed')}: found ${experiment.seed} for ${repeats} repeats, allowed is a last seed below 2^53`,
    );
  }
  if (record !== null && repeats > 1) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where('record')}: found ${repeats} repeats, allowed is one run a history; leave --repeats out`,
    );
  }
  return { repeats, out, record, json, quiet, experiment };
}

function readFlags(
  given: ReadonlyMap<string, readonly string[]>,
  options: Readonly<Record<string, Option>>,
): Record<string, unknown> {
  const twice = [...given].find(([name, texts]) => texts.length > 1 && !isRepeated(name));
  if (twice) throw new HearsayError('CONFIG_TYPE', `--${twice[0]}: given ${twice[1].length} times, allowed is once; keep one`);
  const flags: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    const name = flagName(key);
    const texts = given.get(name);
    if (!texts) continue;
    const values = texts.map(text => option.read(text, `--${name}`));
    flags[key] = option.repeatedFlag ? values.flat() : values[0];
  }
  return flags;
}

function isRepeated(name: string): boolean {
  return Object.values(table).some(option => option.repeatedFlag === name);
}

const mostConfigBytes = 2 ** 20;

function readConfig(file: string): Record<string, unknown> {
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
