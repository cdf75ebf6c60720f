/** What a command is told: flags over a file over the defaults, checked as one. */

import { type Command, Option as Flag } from 'commander';
import type { z } from 'zod';
import { type Experiment, parseExperiment, parseOptions } from '../engine/experiment.js';
import type { Option } from '../engine/option.js';
import { options as experimentOptions } from '../engine/options.js';
import { HearsayError } from '../errors.js';
import type { Longer } from '../threads/resume.js';
import { appendix } from './appendix.js';
import { readConfig } from './config.js';
import { flagsOf, type Given, listen, readFlags } from './flags.js';
import { flagName, type Mode, outputOptions, table, tableOf, virtualOptions } from './options.js';

type Output = { readonly [K in keyof typeof outputOptions]: z.output<(typeof outputOptions)[K]['schema']> };

export interface Settings extends Output {
  /** Where a run goes on (`resume`), nothing is said here: it has its own, but for the limits in `longer`. */
  readonly experiment: Experiment;
  readonly longer: Longer;
}

/**
 * Gives `command` a flag for each option of `own`. The function that comes back reads what was given: call it in the action. What it is
 * told is over all of that, and is named by the command in messages.
 */
export function settingsOf<Own = unknown>(command: Command, mode: Mode, own = tableOf(mode)): (told?: Told) => Settings & Own {
  const given = listen(command, [
    ...flagsOf(own),
    new Flag('--config <file>', 'the same options as JSON; flags override it (a FILE; default none)'),
    // With --deterministic, `train` takes those of virtual time too, as it does from a file; the help of `simulate` has them.
    ...(mode === 'live' ? flagsOf(virtualOptions).map(flag => flag.hideHelp()) : []),
  ]);
  command.addHelpText('after', () => appendix(Object.keys(tableOf(mode)), command.configureOutput().getOutHelpWidth!() - 1));
  return (told = {}) => settings<Own>(given, mode, own, told, command.name());
}

/** Options by their names, with the words that stand for them on a command line. */
type Told = Readonly<Record<string, string>>;

/** The same for a command whose options are those of `own` alone. */
export function optionsOf<Resolved>(command: Command, own: Readonly<Record<string, Option>>): () => Resolved {
  const given = listen(command, flagsOf(own));
  return () => parseOptions<Resolved>(readFlags(given, own), own, key => `--${flagName(key)}`);
}

/** For a command that runs nothing: the options of an experiment in virtual time, and those of `own`. */
export function experimentOf<Own>(
  command: Command,
  own: Readonly<Record<string, Option>>,
): () => Own & { readonly experiment: Experiment } {
  const experiments = Object.fromEntries(
    Object.entries(tableOf('virtual')).filter(([key]) => !Object.hasOwn(outputOptions, key)),
  );
  const all = { ...experiments, ...own };
  const given = listen(command, [
    ...flagsOf(all),
    new Flag('--config <file>', 'the same options as JSON; flags override it (a FILE; default none)'),
  ]);
  command.addHelpText('after', () => appendix(Object.keys(experiments), command.configureOutput().getOutHelpWidth!() - 1));
  return () => {
    const { merged, where } = merge(given, all);
    const other = parseOptions<Own>(merged, { ...table, ...own }, where);
    const isOwn = (key: string) => Object.hasOwn(own, key) || Object.hasOwn(outputOptions, key);
    const rest = Object.fromEntries(Object.entries(merged).filter(([key]) => !isOwn(key)));
    return { ...other, experiment: parseExperiment({ ...rest, deterministic: true }, where) };
  };
}

/** How long a run goes on: one of them takes the place of another. */
const lengths: readonly string[] = ['epochs', 'steps', 'seconds', 'time'];

/** Flags over the file. */
function merge(given: Given, options: Readonly<Record<string, Option>>, told: Told = {}, command = '') {
  const flags = { ...readFlags(given, options), ...told };
  const file = given.get('config')?.[0];
  const config = file === undefined ? {} : readConfig(file);
  // A limit on the command line takes the place of the file's.
  const limited = lengths.some(key => Object.hasOwn(flags, key));
  const kept = Object.entries(config).filter(([key]) => !Object.hasOwn(flags, key) && !(limited && lengths.includes(key)));
  // Object.fromEntries defines, never assigns: a key __proto__ stays a key, and is refused as one.
  const merged: Record<string, unknown> = Object.fromEntries([...kept, ...Object.entries(flags)]);
  const where = (key: string) => {
    if (Object.hasOwn(told, key)) return command;
    return Object.hasOwn(flags, key) || file === undefined ? `--${flagName(key)}` : `${file}: ${key}`;
  };
  return { merged, where };
}

function settings<Own>(
  given: Given,
  mode: Mode,
  own: Readonly<Record<string, Option>>,
  told: Told,
  command: string,
): Settings & Own {
  const all = { ...table, ...own };
  const { merged, where } = merge(given, all, told, command);
  if (mode === 'virtual') merged.deterministic = true;
  const parsed = Object.entries(parseOptions<object>(merged, all, where));
  const isOutput = ([key]: [string, unknown]) => !Object.hasOwn(experimentOptions, key);
  const output = Object.fromEntries(parsed.filter(isOutput)) as unknown as Output & Own;
  const { repeats, record, keepNodes, tensorboard, out, resume, checkpointEvery } = output;
  if (resume !== null) return { ...output, ...goingOn(merged, output, mode, isOutput, where) };
  const experiment = parseExperiment(Object.fromEntries(Object.entries(merged).filter(entry => !isOutput(entry))), where);
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
  if (keepNodes && out === null)
    throw new HearsayError('CONFIG_MISSING', `${where('keepNodes')}: found no folder to keep them in; give --out FOLDER`);
  if (tensorboard && out === null)
    throw new HearsayError('CONFIG_MISSING', `${where('tensorboard')}: found no folder to write to; give --out FOLDER`);
  if (checkpointEvery !== null && out === null)
    throw new HearsayError('CONFIG_MISSING', `${where('checkpointEvery')}: found no folder to keep them in; give --out FOLDER`);
  if (output.host && output.serve === null)
    throw new HearsayError('CONFIG_MISSING', `${where('host')}: found nothing to be watched; give --serve too, or leave it out`);
  return { ...output, experiment, longer: {} };
}

const limits = [...lengths, 'until'];

/** What may stand beside --resume: limits. Throws CONFIG_RANGE for what the run has settled. */
function goingOn(
  merged: Readonly<Record<string, unknown>>,
  { repeats, record }: Output,
  mode: Mode,
  isOutput: (entry: [string, unknown]) => boolean,
  where: (key: string) => string,
): Pick<Settings, 'experiment' | 'longer'> {
  const own = Object.entries(merged).filter(entry => !isOutput(entry) && !(mode === 'virtual' && entry[0] === 'deterministic'));
  const settled = own.find(([key]) => !limits.includes(key))?.[0] ?? (repeats > 1 ? 'repeats' : record !== null ? 'record' : '');
  if (settled !== '') {
    const allowed = `${limits.map(key => `--${flagName(key)}`).join(', ')} and what becomes of its numbers (--out, --json, --serve, ...)`;
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where(settled)}: found beside --resume, allowed are ${allowed}: a run that goes on has its own settings; leave it out`,
    );
  }
  const longer = parseOptions<Longer>(Object.fromEntries(own), pick(experimentOptions, limits), where);
  const given = Object.entries(longer).filter(([key]) => Object.hasOwn(merged, key));
  return { experiment: parseExperiment({ deterministic: mode === 'virtual' }), longer: Object.fromEntries(given) };
}

function pick(options: Readonly<Record<string, Option>>, keys: readonly string[]): Record<string, Option> {
  return Object.fromEntries(keys.map(key => [key, options[key]]));
}
