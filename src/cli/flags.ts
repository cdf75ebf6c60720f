/** From a table of options to flags of a command, and back from what was given to values. */

import { type Command, Option as Flag } from 'commander';
import type { Option } from '../engine/option.js';
import { HearsayError } from '../errors.js';
import { flagName, table } from './options.js';

/** What was given, by the name of the flag: a text for each time. */
export type Given = ReadonlyMap<string, readonly string[]>;

export function flagsOf(options: Readonly<Record<string, Option>>): Flag[] {
  return Object.entries(options).map(([key, option]) => {
    const flag = `--${flagName(key)}`;
    const made = new Flag(option.placeholder ? `${flag} ${option.placeholder}` : flag, help(option));
    return option.bare === undefined ? made : made.preset(option.bare);
  });
}

/** Gives the command the flags; what comes back fills with the texts of those that are given. */
export function listen(command: Command, flags: readonly Flag[]): Given {
  const given = new Map<string, string[]>();
  for (const flag of flags) {
    command.addOption(flag);
    // Commander keeps the last of two; a flag given twice is a mistake that has to be said.
    command.on(`option:${flag.name()}`, (text?: string | null) => {
      // Commander takes what comes next, whatever it is. Who means a flag's name for a value writes --flag=--name.
      if (text !== undefined && text !== null && flags.some(({ long }) => long === text) && stand(command, flag.long!, text))
        throw new HearsayError(
          'CONFIG_MISSING',
          `${flag.long}: found ${text} where its value is due; write ${flag.flags}, see --help`,
        );
      const word = text ?? (flag.presetArg as string | undefined) ?? '';
      given.set(flag.name(), [...(given.get(flag.name()) ?? []), word]);
    });
  }
  return given;
}

/** True when the two words stand one behind the other on the command line. */
function stand(command: Command, first: string, second: string): boolean {
  let root = command;
  while (root.parent) root = root.parent;
  const { rawArgs } = root as unknown as { readonly rawArgs: readonly string[] };
  return rawArgs.some((word, k) => word === first && rawArgs[k + 1] === second);
}

/**
 * The values of the flags of `options` that were given. Throws CONFIG_TYPE for one that was given twice, and what reading a value throws.
 */
export function readFlags(given: Given, options: Readonly<Record<string, Option>>): Record<string, unknown> {
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

/** A switch takes no value on a command line, whatever it may be in a file. */
function help({ about, unit, range, fallback, placeholder }: Option): string {
  return `${about} (${unit ? `${unit}: ` : ''}${placeholder ? range : 'a switch'}; default ${fallback})`;
}
