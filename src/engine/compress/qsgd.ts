/**
 * QSGD (Alistarh, Grubic, Li, Tomioka, Vojnovic 2017): each coordinate is rounded at random to one of s levels of the norm,
 *
 *   C(x)_k = ||x|| sign(x_k) l_k / s,   l_k = floor(s |x_k| / ||x|| + u),  u uniform in [0, 1)
 *
 * Unbiased; E ||C(x) - x||^2 <= min(d / s^2, sqrt(d) / s) ||x||^2.
 */

import { draw } from '../../models/kernels/dither.js';
import type { Compressor } from './compressor.js';

/** `levels` is s, 1 or more. */
export function qsgd(levels: number): Compressor {
  return {
    name: `qsgd:${levels}`,
    unbiased: true,
    // the norm, and for each coordinate its sign and its level
    bits: d => 32 + d * (33 - Math.clz32(levels)),
    error: d => Math.min(d / levels ** 2, Math.sqrt(d) / levels),
    apply(to, from, { a, b }) {
      let squares = 0;
      for (let k = 0; k < from.length; k++) squares += from[k] * from[k];
      // the norm travels as a float: it may be rounded to less than an |x|
      const norm = Math.fround(Math.sqrt(squares));
      for (let k = 0; k < from.length; k++) {
        const x = from[k];
        const level =
          norm === 0 ? 0 : Math.min(levels, Math.floor((levels * Math.abs(x)) / norm + (draw(a, b, k) >>> 0) * 2 ** -32));
        const value = (norm * level) / levels;
        to[k] = x < 0 ? -value : value;
      }
    },
  };
}
