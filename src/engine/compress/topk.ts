/**
 * The k coordinates of the largest magnitude, of equal ones the first; the others become 0 (Alistarh et al. 2018, Stich et al. 2018).
 * The error is exactly the share of the rest: at most 1 - k/d.
 */

import type { Compressor } from './compressor.js';

/** How many of d coordinates a share of them is: at least one. */
export function shareOf(d: number, share: number): number {
  return Math.max(1, Math.round(share * d));
}

/** `share` is the part of the coordinates that is kept, above 0 and up to 1. */
export function topk(share: number): Compressor {
  return {
    name: `topk:${share}`,
    unbiased: share === 1,
    // each is a float and a place
    bits: d => shareOf(d, share) * (32 + (32 - Math.clz32(Math.max(d - 1, 1)))),
    error: d => 1 - shareOf(d, share) / d,
    apply(to, from) {
      const k = shareOf(from.length, share);
      const bits = new Int32Array(from.buffer, from.byteOffset, from.length);
      const least = threshold(bits, k);
      let ties = left;
      for (let i = 0; i < from.length; i++) {
        const size = bits[i] & magnitude;
        to[i] = size > least || (size === least && ties-- > 0) ? from[i] : 0;
      }
    },
  };
}

/** How many of the magnitudes that equal the threshold belong to the k: set by `threshold`. */
let left = 0;

/** The k-th largest magnitude of floats, all as their bits, by three passes of counting: its first 11 bits, the next 10, the last 10. */
function threshold(x: Int32Array, k: number): number {
  let found = 0;
  left = k;
  for (const [shift, width] of digits) {
    const size = 1 << width;
    counts.fill(0, 0, size);
    const above = shift + width;
    for (let i = 0; i < x.length; i++) {
      const bits = x[i] & magnitude;
      if (bits >>> above === found) counts[(bits >>> shift) & (size - 1)]++;
    }
    let digit = size - 1;
    for (; counts[digit] < left; digit--) left -= counts[digit];
    found = (found << width) | digit;
  }
  return found;
}

const digits = [
  [20, 11],
  [10, 10],
  [0, 10],
] as const;
const counts = new Int32Array(2048);
/** Of the bits of a float: without its sign they are an integer that grows with |x|. */
const magnitude = 0x7fffffff;
