/**
 * Counted randomness that is cheap enough for every coordinate of a row: a word is a function of a key of two words and the number of
 * the coordinate, so whoever knows the key knows the draw. Two rounds of a 32-bit finalizer (constants of Chris Wellons' search,
 * `lowbias32`), the second word of the key added between them. The lattice kernels compute the same words four at a time.
 */

/** Two 32-bit words that were drawn themselves (see random.ts): keys that were counted up would give related draws. */
export interface Key {
  readonly a: number;
  readonly b: number;
}

/** Draw number `k` under the key: 32 bits, signed. */
export function draw(a: number, b: number, k: number): number {
  let x = (k + a) | 0;
  x = (Math.imul(x ^ (x >>> 16), 0x21f0aaad) + b) | 0;
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** Uniform in (-1/2, 1/2), from a draw: odd multiples of 2^-24, so that x and -x are equally likely, and floats hold them exactly. */
export function centred(word: number): number {
  return ((word >> 8) | 1) * 2 ** -24;
}
