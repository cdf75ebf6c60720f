import type { Address } from '../memory.js';

/**
 * The modular lattice quantizer (Davies, Gurunathan, Moshrefi, Ashkboos, Alistarh, ICLR 2021): a value becomes a point of a lattice of
 * side s, shifted by a shared dither, and of that point only the number modulo q = 2^bits travels; whoever has a vector that is near
 * enough knows which of them it was. With u = the draw of (a, b, coordinate) in (-1/2, 1/2), see dither.ts:
 *
 *   z = round(x/s - u), the code is z mod q;   Q(x) = s (z + u), dithered, or s z: then u has rounded at random
 *
 * bits is 2 to 16, s a power of two, |x|/s at most 2^21. `codes` has ceil(n bits / 8) bytes, lowest bits first; `stamp` is two words that
 * tell whether z was found: a checksum of all z, before the modulus, and the sum of all |z|.
 */
export interface LatticeKernels {
  /** Writes the codes and the stamp. Returns the largest |x|, NaN when there is one: above 2^21 s, what was written is void. */
  encodeLattice(
    codes: Address,
    stamp: Address,
    from: Address,
    n: number,
    bits: number,
    side: number,
    a: number,
    b: number,
  ): number;
  /**
   * to = Q(x), from the codes of x and a vector `near` it: right where they differ by (q-1) s/2 at most (not dithered: (q-2) s/2).
   * Returns the largest |to - near|, or -1 when the stamp says that it is wrong. `to` may be `near`.
   */
  decodeLattice(
    to: Address,
    codes: Address,
    stamp: Address,
    near: Address,
    n: number,
    bits: number,
    side: number,
    a: number,
    b: number,
    dithered: 0 | 1,
  ): number;
  /** The largest |a - b|, NaN when there is one. */
  farthest(a: Address, b: Address, n: number): number;
}
