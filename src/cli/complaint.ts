/** How an error reaches people: one line on stderr with its code, never a stack trace, and an exit status. */

import type { CommanderError } from 'commander';
import { exitStatus, HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';

export interface Complaint {
  /** Empty when there is nothing to say. */
  readonly text: string;
  readonly status: number;
}

/** `debug` adds the stack (HEARSAY_DEBUG=1). */
export function complaint(error: unknown, debug: boolean): Complaint {
  const stack = debug && error instanceof Error ? `\n${error.stack}` : '';
  if (error instanceof HearsayError) {
    return { text: `hearsay: ${error.code}: ${oneLine(error.message)}${stack}`, status: exitStatus(error.code) };
  }
  const message = error instanceof Error ? error.message : String(error);
  const remedy = debug ? '' : ' (a fault of hearsay itself; HEARSAY_DEBUG=1 shows where)';
  return { text: `hearsay: INTERNAL: ${oneLine(message)}${remedy}${stack}`, status: 1 };
}

/**
 * What commander refuses, in our own terms; undefined when it only printed help or its version. `elsewhere` names the command that has
 * a flag which this one has not, `stray` is the word that no option takes.
 */
export function fromCommander(
  error: CommanderError,
  flags: readonly string[],
  commands: readonly string[],
  elsewhere: (flag: string) => string | undefined = () => undefined,
  stray?: string,
): HearsayError | undefined {
  const [, found = ''] = /'([^']*)'/.exec(error.message) ?? [];
  switch (error.code) {
    case 'commander.help':
    case 'commander.helpDisplayed':
    case 'commander.version':
      return undefined;
    case 'commander.unknownOption': {
      const other = elsewhere(found);
      const remedy = other ? `; it belongs to hearsay ${other}` : suggestion(found, flags) || '; see --help';
      return new HearsayError('CONFIG_UNKNOWN_KEY', `there is no option '${found}'${remedy}`);
    }
    case 'commander.missingArgument':
      return new HearsayError('CONFIG_MISSING', `found no ${found}; see --help`);
    case 'commander.unknownCommand':
      return new HearsayError(
        'CONFIG_UNKNOWN_KEY',
        `there is no command '${found}'${suggestion(found, commands) || `; known are ${commands.join(', ')}`}`,
      );
    case 'commander.optionMissingArgument':
      return new HearsayError('CONFIG_MISSING', `${found.split(' ')[0]}: no value was given; write ${found}, see --help`);
    case 'commander.excessArguments':
      return new HearsayError(
        'CONFIG_UNKNOWN_KEY',
        `${stray ? `'${stray}'` : 'a word'} belongs to no option; options begin with --, see --help`,
      );
    default:
      return new HearsayError('CONFIG_TYPE', error.message.replace(/^error: /, ''));
  }
}

/** One line, without control characters: a message may carry the words of a user's module or of a file. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
}
