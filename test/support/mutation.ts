/** Damage to valid files, for parsers that must give a value or a HearsayError and nothing else. */

import assert from 'node:assert/strict';
import { HearsayError } from '../../src/errors.js';
import { source, word } from '../../src/random.js';

/** Cases of one fuzz test: 20,000, times HEARSAY_LONG where that is set. */
export const cases = Math.round(20_000 * Number(process.env.HEARSAY_LONG || 1));

const tokens = [
  'nan',
  '-inf',
  '1e999',
  '1e-999',
  '-',
  '+',
  '"',
  "''",
  ',',
  ';',
  '\t',
  '\n',
  '\r\n',
  ':',
  '0:',
  '#',
  ' ',
  '.',
  '1e',
  '\0',
];
tokens.push(
  '4294967295',
  '-1',
  '99999999999999999999',
  '0.1.2',
  '0x10',
  '{',
  '}',
  '[',
  ']',
  '"a":',
  'null',
  '\u{fffd}',
  '\ufeff',
  'é',
);
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xffffffff, 0x01000000, 60_000];

/** A damaged copy: one to four edits, each drawn from (seed, k). */
export function mutated(bytes: Uint8Array, seed: number, k: number): Uint8Array {
  const random = source(seed, 'mutation');
  let draw = 0;
  const below = (bound: number) => word(random, k, draw++) % bound;
  let copy = Uint8Array.from(bytes);
  const replace = (from: number, to: number, piece: Uint8Array) => {
    const next = new Uint8Array(copy.length - (to - from) + piece.length);
    next.set(copy.subarray(0, from));
    next.set(piece, from);
    next.set(copy.subarray(to), from + piece.length);
    copy = next;
  };
  for (let edits = 1 + below(4); edits > 0; edits--) {
    const at = below(copy.length + 1);
    const end = Math.min(copy.length, at + 1 + below(16));
    switch (below(8)) {
      case 0:
      case 1:
        if (at < copy.length) copy[at] ^= 1 << below(8);
        break;
      case 2:
        if (at < copy.length) copy[at] = below(256);
        break;
      case 3:
        copy = copy.slice(0, at);
        break;
      case 4:
        replace(at, end, new Uint8Array());
        break;
      case 5:
        replace(at, at, copy.slice(at, end));
        break;
      case 6:
        replace(at, below(2) ? at : end, new TextEncoder().encode(tokens[below(tokens.length)]));
        break;
      default:
        if (at + 4 <= copy.length) new DataView(copy.buffer).setUint32(at, extremes[below(extremes.length)], below(2) === 1);
    }
  }
  return copy;
}

/** Runs `parse` on damaged copies of the valid `files`; `check` sees each value that still comes out. Returns how many were refused, with one of the `codes`. */
export function fuzz<T>(
  files: readonly Uint8Array[],
  seed: number,
  parse: (bytes: Uint8Array) => T,
  check: (value: T) => void,
  codes = /^(DATA|MEMORY|MODEL)_/,
): number {
  let refused = 0;
  for (let k = 0; k < cases; k++) {
    const bytes = mutated(files[k % files.length], seed, k);
    let value: T;
    try {
      value = parse(bytes);
    } catch (error) {
      assert.ok(error instanceof HearsayError, `case ${k} of seed ${seed}: ${(error as Error).stack}`);
      assert.ok(codes.test(error.code), `case ${k} of seed ${seed}: ${error.code}`);
      assert.ok(!error.message.includes('\n'), `case ${k} of seed ${seed}: a message of several lines: ${error.message}`);
      refused++;
      continue;
    }
    check(value);
  }
  return refused;
}
