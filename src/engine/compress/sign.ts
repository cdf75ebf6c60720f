/**
 * The sign of each coordinate times the mean magnitude (Seide et al. 2014; Karimireddy et al. 2019). A contraction with delta
 * ||x||_1^2 / (d ||x||^2), which is 1/d at least.
 */

import type { Compressor } from './compressor.js';

export const sign: Compressor = {
  name: 'sign',
  unbiased: false,
  bits: d => 32 + d,
  error: d => 1 - 1 / d,
  apply(to, from) {
    let sum = 0;
    for (let k = 0; k < from.length; k++) sum += Math.abs(from[k]);
    const mean = Math.fround(sum / from.length);
    // one bit says minus or not: a zero counts as plus
    for (let k = 0; k < from.length; k++) to[k] = from[k] < 0 ? -mean : mean;
  },
};
