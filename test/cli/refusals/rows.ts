/** What a row of bad input is. */

import type { ErrorCode } from '../../../src/errors.js';

/** The code; what comes behind the command, apart by blanks where it is one text; what the message must say, word for word. */
export type Row = readonly [code: ErrorCode, given: string | readonly string[], ...says: string[]];

export interface Section {
  readonly what: string;
  /** `train`, or with words that stand before those of each row: `train --nodes 4`. */
  readonly command: string;
  /** Flags that are as here, unless a row gives them. */
  readonly usual?: Readonly<Record<string, string>>;
  /** Refused by the options alone: nothing is loaded that could train. */
  readonly early?: boolean;
  /** Of computing, where 200 are too few, as all of a file has to be looked at. */
  readonly milliseconds?: number;
  /** What is given is the text of this file, which the command names. */
  readonly file?: string;
  readonly rows: readonly Row[];
}

/** The words of a command line of the row. */
export function wordsOf({ command, usual = {}, file }: Section, [, given]: Row): string[] {
  const own = file !== undefined ? [] : typeof given === 'string' ? given.split(' ') : given;
  const flags = new Set(own.map(word => word.split('=', 1)[0]));
  const rest = Object.entries(usual).flatMap(([flag, value]) => (flags.has(flag) ? [] : [flag, value]));
  return [...command.split(' '), ...own, ...rest].filter((word, k, all) => word !== '' || all[k - 1]?.startsWith('--'));
}
