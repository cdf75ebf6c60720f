/** Text files that a user names: plain files only, the size looked at before anything is read. */

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { HearsayError } from './errors.js';

const largest = 512 * 2 ** 20 - 64;

/**
 * The text of the file at `path`. `what` names it in messages, `form` says what should be in it. Throws DATA_NOT_FOUND (no such
 * file, no plain file), DATA_TOO_LARGE beyond 512 MiB.
 */
export function readText(path: string, what: string, form: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a plain open of a FIFO would wait for a writer
  } catch (cause) {
    throw new HearsayError('DATA_NOT_FOUND', `${what} ${path}: cannot be read (${(cause as Error).message}); check the path`, {
      cause,
    });
  }
  try {
    const found = fstatSync(file);
    if (!found.isFile())
      throw new HearsayError('DATA_NOT_FOUND', `${what} ${path}: not a plain file; name a text file of ${form}`);
    if (found.size > largest)
      throw new HearsayError(
        'DATA_TOO_LARGE',
        `${what} ${path}: found ${found.size} bytes, allowed are ${largest}; take a smaller one`,
      );
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
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
