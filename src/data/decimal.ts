/** Numbers as data files write them: an optional sign, digits with an optional point, an optional exponent; nothing else. */

import { decimalPattern } from '../decimal.js';

/**
 * The number in bytes[from .. to - 1], correctly rounded, or undefined when it is none ("", "0x10", "nan", "1_000"). Short numbers
 * are an exact integer divided by an exact power of ten, hence correctly rounded (Clinger 1990); others go through the engine.
 */
export function decimal(bytes: Uint8Array, from: number, to: number): number | undefined {
  let at = from;
  const negative = bytes[at] === 45;
  if (at < to && (negative || bytes[at] === 43)) at++;
  let mantissa = 0;
  let digits = 0;
  let places = 0;
  let point = false;
  for (; at < to; at++) {
    const byte = bytes[at];
    if (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + (byte - 48);
      digits++;
      if (point) places++;
    } else if (byte === 46 && !point) {
      point = true;
    } else {
      break;
    }
  }
  if (digits === 0) return undefined;
  if (at === to && digits <= 15) return (negative ? -mantissa : mantissa) / powers[places];
  if (to - from > 400) return undefined;
  const text = String.fromCharCode(...bytes.subarray(from, to));
  return decimalPattern.test(text) ? Number(text) : undefined;
}

/** What stands where there is no number. */
export const missingPattern = /^(|\?|-|na|n\/a|nan|null|none|[+-]?inf(inity)?)$/i;

export function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}

const powers = Float64Array.from({ length: 16 }, (_, k) => Number(`1e${k}`));
