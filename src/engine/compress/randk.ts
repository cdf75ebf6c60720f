/**
 * k coordinates drawn without repetition, all sets alike; the others become 0. E ||C(x) - x||^2 = (1 - k/d) ||x||^2. As the draws are
 * known from the key, no places travel.
 */

import { draw } from '../../models/kernels/dither.js';
import type { Compressor } from './compressor.js';
import { shareOf } from './topk.js';

/** `share` is the part of the coordinates that is kept, above 0 and up to 1. */
export function randk(share: number): Compressor {
  return {
    name: `randk:${share}`,
    unbiased: share === 1,
    // the key, and a float each
    bits: d => 64 + 32 * shareOf(d, share),
    error: d => 1 - shareOf(d, share) / d,
    apply(to, from, { a, b }) {
      const d = from.length;
      let wanted = shareOf(d, share);
      // selection sampling (Knuth, volume 2, 3.4.2, algorithm S): each is taken with the chance of the wanted among those left
      for (let i = 0; i < d; i++) {
        const taken = (draw(a, b, i) >>> 0) * 2 ** -32 * (d - i) < wanted;
        if (taken) wanted--;
        to[i] = taken ? from[i] : 0;
      }
    },
  };
}
