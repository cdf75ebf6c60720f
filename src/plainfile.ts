/** Plain files: a FIFO is not waited for at either end, and a size is looked at before anything is read. */

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** What to open a file with, to read, write anew or write further, so that a FIFO would not wait for who is at its other end. */
export const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK;
export const anew = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK;
export const further = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

/** More bytes than are allowed. */
export class TooLong extends Error {}

/** All of a file of at most `most` bytes, as text. Throws what the system says, an Error for what is no plain file, and TooLong. */
export function readPlain(path: string, most: number): string {
  const { file } = openPlain(path, most);
  try {
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Opens it; throws the same. */
export function openPlain(path: string, most = Number.POSITIVE_INFINITY): { readonly file: number; readonly size: number } {
  const file = openSync(path, withoutWaiting);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new Error(found.isDirectory() ? 'it is a folder' : 'it is no plain file');
    if (found.size > most) throw new TooLong(`it has ${found.size} bytes, allowed are ${most}`);
    return { file, size: found.size };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
