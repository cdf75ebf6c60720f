// The modular lattice quantizer: see LatticeKernels, and reference/lattice.ts for why floats are enough. Here is what encode.ts and decode.ts
// share, and the distance. Their loops of a fixed number of bits pack 16 codes (of 16 bits: 8) at once; those of other widths 8, which are a
// whole number of bytes. The last coordinates go one by one.

// A sum with 3 2^22 rounds to a whole number: its bits less those of 3 2^22.
// @ts-ignore: decorator
@inline
const ROUNDING: f32 = 12582912;
// @ts-ignore: decorator
@inline
const ROUNDING_BITS = 0x4b400000;

// @ts-ignore: decorator
@inline
export function whole4(t: v128): v128 {
  return i32x4.sub(f32x4.add(t, f32x4.splat(ROUNDING)), i32x4.splat(ROUNDING_BITS));
}

// @ts-ignore: decorator
@inline
export function whole(t: f32): i32 {
  return reinterpret<i32>(t + ROUNDING) - ROUNDING_BITS;
}

// @ts-ignore: decorator
@inline
export function magnitude4(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x7fffffff));
}

// What z adds to the checksum.
// @ts-ignore: decorator
@inline
export function share4(z: v128, word: v128, bits: i32): v128 {
  const turned = v128.or(i32x4.shr_u(z, bits), i32x4.shl(z, 32 - bits));
  return i32x4.mul(turned, v128.or(word, i32x4.splat(1)));
}

// @ts-ignore: decorator
@inline
export function share(z: i32, word: i32, bits: i32): i32 {
  return ((z >>> bits) | (z << (32 - bits))) * (word | 1);
}

// @ts-ignore: decorator
@inline
export function total4(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3);
}

// @ts-ignore: decorator
@inline
export function largest4(x: v128): i32 {
  const y = i32x4.max_s(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max(i32x4.extract_lane(y, 0), i32x4.extract_lane(y, 1));
}

export function farthest(a: usize, b: usize, n: i32): f32 {
  let most = i32x4.splat(0);
  for (; n >= 4; n -= 4, a += 16, b += 16) most = i32x4.max_s(most, magnitude4(f32x4.sub(v128.load(a), v128.load(b))));
  let largest = largest4(most);
  for (; n > 0; n--, a += 4, b += 4) largest = max(largest, reinterpret<i32>(load<f32>(a) - load<f32>(b)) & 0x7fffffff);
  return reinterpret<f32>(largest);
}
