/**
 * Ratings: a user, an item, a number and perhaps a time a line, apart by `::` (MovieLens 1M), tabs (MovieLens 100K), semicolons, commas or
 * blanks. Users and items may be called anything; they are numbered in the order of their first appearance.
 */

import { createHash } from 'node:crypto';
import { HearsayError } from '../errors.js';
import type { Dataset } from './dataset.js';
import { decimal, isSpace, missingPattern } from './decimal.js';
import { type Ids, openIds } from './ids.js';

/** Users or items: the inputs are floats, which count exactly so far. */
const mostIds = 2 ** 24;
const newline = 10;
const quote = 34;

/**
 * Inputs are [user, item], targets the ratings, categories the numbers of both. A first line without a number for the rating is a header.
 * Throws DATA_CORRUPT (line and offset) for a line without 3 or 4 fields, an empty user or item or a rating that is no number,
 * DATA_NONFINITE for a rating that is missing or no finite float, DATA_TOO_LARGE for more than 2^24 users or items.
 */
export function ratingsDataset(bytes: Uint8Array, name: string): Dataset {
  return ratingsReading(bytes, name).dataset;
}

/**
 * The same, and how another file is read with the numbers of this one: `apply` throws what reading throws, and DATA_LABEL (line and
 * offset) for a user or an item that this one has not.
 */
export function ratingsReading(
  bytes: Uint8Array,
  name: string,
): { dataset: Dataset; apply(bytes: Uint8Array, name: string): Dataset } {
  const [users, items] = [openIds(bytes), openIds(bytes)];
  const rows = read(bytes, name, (what, from, to) => (what === 'user' ? users : items).number(from, to));
  const kind = { categories: [users.count, items.count], things: fingerprint([users, items]) };
  const ids = { user: users, item: items };
  return {
    dataset: { ...rows, ...kind },
    apply: (other, otherName) => ({
      ...read(other, otherName, (what, from, to, where) => {
        const number = ids[what].find(other, from, to);
        if (number !== undefined) return number;
        const found = `found ${what} ${JSON.stringify(shown(other, from, to))}, which is none of ${name}`;
        throw new HearsayError('DATA_LABEL', `${where(from)}: ${found}; drop the line`);
      }),
      ...kind,
    }),
  };
}

/** What the names are, in the order of their numbers: other names, or another order, have another. */
function fingerprint(all: readonly Ids[]): string {
  const hash = createHash('sha256');
  for (const ids of all) {
    hash.update(`${ids.count};`);
    for (const piece of ids.pieces()) hash.update(`${piece.length}:`).update(piece);
  }
  return hash.digest('hex');
}

type Numbering = (what: 'user' | 'item', from: number, to: number, where: (offset: number) => string) => number;

function read(bytes: Uint8Array, name: string, number: Numbering): Dataset {
  const separator = separatorOf(bytes);
  const capacity = lines(bytes);
  const inputs = new Float32Array(2 * capacity);
  const targets = new Float32Array(capacity);
  // From and to of the fields of a line.
  const bounds = new Uint32Array(8);
  let rows = 0;
  for (let at = byteOrderMark(bytes), line = 1; at < bytes.length; line++) {
    const found = bytes.indexOf(newline, at);
    const end = found < 0 ? bytes.length : found;
    const where = (offset: number) => `${name}: line ${line}, offset ${offset}`;
    const count = split(bytes, at, end, separator, bounds);
    if (count > 0) {
      if (count < 3 || count > 4) {
        const fields = `${count > 4 ? 'more than 4' : count} fields apart by ${JSON.stringify(separator)}`;
        throw new HearsayError(
          'DATA_CORRUPT',
          `${where(at)}: found ${fields}, allowed are user, item, rating and perhaps a time; correct the line`,
        );
      }
      const [userFrom, userTo, itemFrom, itemTo, from, to] = bounds;
      const rating = decimal(bytes, from, to);
      const isHeader = rating === undefined && rows === 0 && isWord(bytes, from, to);
      if (!isHeader) {
        if (userFrom === userTo || itemFrom === itemTo)
          throw new HearsayError(
            'DATA_CORRUPT',
            `${where(at)}: found no ${userFrom === userTo ? 'user' : 'item'}; fill the gap or drop the line`,
          );
        if (rating === undefined || !Number.isFinite(Math.fround(rating))) throw wrongRating(bytes, from, to, where(from));
        const user = number('user', userFrom, userTo, where);
        const item = number('item', itemFrom, itemTo, where);
        if (user >= mostIds || item >= mostIds) {
          const found = `more than ${mostIds} ${user >= mostIds ? 'users' : 'items'}`;
          throw new HearsayError(
            'DATA_TOO_LARGE',
            `${where(at)}: found ${found}, allowed are ${mostIds}; take a part of the file`,
          );
        }
        inputs[2 * rows] = user;
        inputs[2 * rows + 1] = item;
        targets[rows++] = rating;
      }
    }
    at = end + 1;
  }
  if (rows === 0)
    throw new HearsayError('DATA_CORRUPT', `${name}: found no rating in ${bytes.length} bytes; give a file with one a line`);
  return {
    name,
    rows,
    features: 2,
    inputs: inputs.subarray(0, 2 * rows),
    scale: 1,
    shift: 0,
    shape: [2],
    targets: targets.subarray(0, rows),
    classes: 0,
  };
}

/** What stands between the fields of the first line with something in it. */
function separatorOf(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 2 ** 16)).trimStart();
  const line = head.slice(0, head.search(/[\r\n]|$/));
  return ['::', '\t', ';', ','].find(mark => line.includes(mark)) ?? ' ';
}

/** Bounds of at most 4 fields of a line, without spaces and quotes around them; returns how many there are, 0 for a blank line. */
function split(bytes: Uint8Array, start: number, end: number, separator: string, bounds: Uint32Array): number {
  const mark = separator.charCodeAt(0);
  const width = separator.length;
  let count = 0;
  let isBlank = true;
  for (let from = start, at = start; at <= end; at++) {
    const isEnd = at === end;
    if (!isEnd && bytes[at] !== mark) {
      isBlank &&= isSpace(bytes[at]);
      continue;
    }
    if (!isEnd && width === 2 && (at + 1 === end || bytes[at + 1] !== mark)) {
      isBlank = false;
      continue;
    }
    if (!isEnd && mark !== 32) isBlank = false;
    // Blanks may stand in a row, and at the ends.
    if (mark === 32 && at === from) {
      from = at + 1;
      continue;
    }
    if (count < 4) {
      let [a, b] = [from, at];
      while (a < b && isSpace(bytes[a])) a++;
      while (a < b && isSpace(bytes[b - 1])) b--;
      if (b - a >= 2 && bytes[a] === quote && bytes[b - 1] === quote) [a, b] = [a + 1, b - 1];
      bounds[2 * count] = a;
      bounds[2 * count + 1] = b;
    }
    count++;
    if (width === 2) at++;
    from = at + 1;
  }
  return isBlank ? 0 : count;
}

/** Something that begins with a letter and is not a number that is missing. */
function isWord(bytes: Uint8Array, from: number, to: number): boolean {
  const text = shown(bytes, from, to);
  return /^[a-z_]/i.test(text) && !missingPattern.test(text);
}

function wrongRating(bytes: Uint8Array, from: number, to: number, where: string): HearsayError {
  const text = shown(bytes, from, to);
  const isMissing = missingPattern.test(text) || decimal(bytes, from, to) !== undefined;
  return new HearsayError(
    isMissing ? 'DATA_NONFINITE' : 'DATA_CORRUPT',
    `${where}: found rating ${JSON.stringify(text)}, allowed are finite numbers; correct or drop the line`,
  );
}

function shown(bytes: Uint8Array, from: number, to: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(from, Math.min(to, from + 24)));
}

function lines(bytes: Uint8Array): number {
  let count = 1;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

function byteOrderMark(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}
