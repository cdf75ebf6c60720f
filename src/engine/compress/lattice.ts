/**
 * The lattice quantizer (see LatticeKernels): which side a radius asks for, and the quantizer as a compressor, of vectors that are
 * small by themselves: differences. Their reference is then 0 and their radius the largest magnitude, which the sender knows.
 */

import { centred, draw } from '../../models/kernels/dither.js';
import type { Compressor } from './compressor.js';

/** Values of this many sides and more do not fit the lattice: floats would not hold their points. */
export const latticeReach = 2 ** 21;

/** The least power of two that is at least x > 0 and whose inverse is a float too. */
export function powerOfTwo(x: number): number {
  float[0] = x;
  const exponent = ((bitsOf[1] >>> 20) & 0x7ff) - 1023;
  const exact = bitsOf[0] === 0 && (bitsOf[1] & 0xfffff) === 0;
  return 2 ** Math.min(126, Math.max(-126, exact ? exponent : exponent + 1));
}

const float = new Float64Array(1);
const bitsOf = new Uint32Array(float.buffer); // little-endian, as every platform of Node is

/** The side with which vectors decode rightly that differ by `radius` at most: a power of two, so at most twice what is needed. */
export function sideFor(radius: number, bits: number): number {
  return powerOfTwo((2 * radius) / (2 ** bits - 1));
}

/** Bits of a message: the codes, and before them the side and the two words of the stamp. */
export function latticeBits(d: number, bits: number): number {
  return 96 + Math.ceil((d * bits) / 8) * 8;
}

/** `bits` is 2 to 16. */
export function lattice(bits: number): Compressor {
  return {
    name: `lattice:${bits}`,
    unbiased: true,
    bits: d => latticeBits(d, bits),
    // s^2/12 a coordinate, s at most 4 max|x| / (q-1)
    error: d => (4 * d) / (3 * (2 ** bits - 1) ** 2),
    apply(to, from, { a, b }) {
      let largest = 0;
      for (let k = 0; k < from.length; k++) if (Math.abs(from[k]) > largest) largest = Math.abs(from[k]);
      if (largest === 0) {
        to.fill(0);
        return;
      }
      const side = sideFor(largest, bits);
      const scale = 1 / side;
      for (let k = 0; k < from.length; k++) {
        const u = centred(draw(a, b, k));
        // to the nearest even at a tie, as the kernels
        const z = Math.fround(Math.fround(from[k] * scale) - u) + rounding - rounding;
        to[k] = Math.fround(z + u) * side;
      }
    },
  };
}

/** A sum with it rounds to a whole number. */
const rounding = 1.5 * 2 ** 52;
