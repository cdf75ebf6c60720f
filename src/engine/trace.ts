/** Measured numbers from text: one positive number a line. */

import { decimal } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { eachLine, readText } from '../text.js';

/** Most numbers of a trace. */
const most = 2 ** 22;

/**
 * The numbers in `text`, one a line, each from 1e-9 to 1e9; what follows a `#` is a comment, blank lines are skipped. `name`
 * names the text in messages. Throws DATA_CORRUPT (line) for what is no such number, DATA_NONFINITE (line) for NaN and
 * Infinity, DATA_TOO_SMALL when there is none, DATA_TOO_LARGE beyond 2^22 of them.
 */
export function parseTrace(text: string, name: string): Float64Array {
  const values: number[] = [];
  const allowed = 'a number from 1e-9 to 1e9 on each line';
  eachLine(text, (line, number) => {
    const value = decimal(line);
    if (!(value >= 1e-9 && value <= 1e9)) {
      const code = /^[+-]?(nan|inf(inity)?)$/i.test(line) ? 'DATA_NONFINITE' : 'DATA_CORRUPT';
      throw new HearsayError(
        code,
        `${name}, line ${number}: found ${quote(line)}, allowed is ${allowed}; correct the line or remove it`,
      );
    }
    if (values.length === most)
      throw new HearsayError('DATA_TOO_LARGE', `${name}: more than ${most} numbers, allowed are ${most}; take a part of it`);
    values.push(value);
  });
  if (values.length === 0)
    throw new HearsayError('DATA_TOO_SMALL', `${name}: found no number, allowed is ${allowed}; name another file`);
  return Float64Array.from(values);
}

/** The text of the trace file at `path`; `form` says what should be in it. Throws DATA_NOT_FOUND, DATA_TOO_LARGE. */
export function readTrace(path: string, form: string): string {
  return readText(path, 'trace', form);
}
