/**
 * The k coordinates of the largest magnitude, of equal ones the first; the others become 0 (Alistarh et al. 2018, Stich et al. 2018).
 * The error is exactly the share of the rest: at most 1 - k/d.
 */

import { topk as select } from '../../models/kernels/reference/topk.js';
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
    apply(to, from, _, tools) {
      const k = shareOf(from.length, share);
      if (tools) tools.kernels.topk(to.byteOffset, from.byteOffset, k, tools.room, from.length);
      else select(to, from, k);
    },
  };
}
