/** Text files that a user names: plain files only, the size looked at before anything is read. */

import { HearsayError } from './errors.js';
import { readPlain, TooLong } from './plainfile.js';

const largest = 512 * 2 ** 20 - 64;

/**
 * The text of the file at `path`. `what` names it in messages, `form` says what should be in it. Throws DATA_NOT_FOUND (no such
 * file, no plain file), DATA_TOO_LARGE beyond 512 MiB.
 */
export function readText(path: string, what: string, form: string): string {
  try {
    return readPlain(path, largest);
  } catch (cause) {
    const { message } = cause as Error;
    const where = `${what} ${path}`;
    if (cause instanceof TooLong) throw new HearsayError('DATA_TOO_LARGE', `${where}: ${message}; take a smaller one`, { cause });
    if (!('code' in (cause as object)))
      throw new HearsayError('DATA_NOT_FOUND', `${where}: not a plain file; name a text file of ${form}`, { cause });
    throw new HearsayError('DATA_NOT_FOUND', `${where}: cannot be read (${message}); check the path`, { cause });
  }
}

/**
 * Calls `take` with each line and its number, from 1 on: without comments (from a # on) and the spaces around, unless it is
 * empty then.
 */
export function eachLine(text: string, take: (line: string, number: number) => void): void {
  for (let start = 0, number = 1; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const stop = newline < 0 ? text.length : newline;
    const line = text.slice(start, stop).split('#', 1)[0].trim();
    if (line !== '') take(line, number);
    start = stop + 1;
  }
}
