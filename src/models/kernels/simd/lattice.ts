// The modular lattice quantizer: see LatticeKernels, and reference/lattice.ts for why floats are enough. Loops of a fixed number of bits
// pack 16 codes (of 16 bits: 8) at once; those of other widths 8, which are a whole number of bytes. The last coordinates go one by one.

import { centred, centred4, draw, draw4 } from './dither';

// A sum with 3 2^22 rounds to a whole number: its bits less those of 3 2^22.
// @ts-ignore: decorator
@inline
const ROUNDING: f32 = 12582912;
// @ts-ignore: decorator
@inline
const ROUNDING_BITS = 0x4b400000;

// @ts-ignore: decorator
@inline
function whole4(t: v128): v128 {
  return i32x4.sub(f32x4.add(t, f32x4.splat(ROUNDING)), i32x4.splat(ROUNDING_BITS));
}

// @ts-ignore: decorator
@inline
function whole(t: f32): i32 {
  return reinterpret<i32>(t + ROUNDING) - ROUNDING_BITS;
}

// @ts-ignore: decorator
@inline
function magnitude4(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x7fffffff));
}

// @ts-ignore: decorator
@inline
function point4(x: v128, scale: v128, word: v128): v128 {
  return whole4(f32x4.sub(f32x4.mul(x, scale), centred4(word)));
}

// What z adds to the checksum.
// @ts-ignore: decorator
@inline
function share4(z: v128, word: v128, bits: i32): v128 {
  const turned = v128.or(i32x4.shr_u(z, bits), i32x4.shl(z, 32 - bits));
  return i32x4.mul(turned, v128.or(word, i32x4.splat(1)));
}

// @ts-ignore: decorator
@inline
function share(z: i32, word: i32, bits: i32): i32 {
  return ((z >>> bits) | (z << (32 - bits))) * (word | 1);
}

// @ts-ignore: decorator
@inline
function total4(x: v128): i32 {
  return i32x4.extract_lane(x, 0) + i32x4.extract_lane(x, 1) + i32x4.extract_lane(x, 2) + i32x4.extract_lane(x, 3);
}

// @ts-ignore: decorator
@inline
function largest4(x: v128): i32 {
  const y = i32x4.max_s(x, i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max(i32x4.extract_lane(y, 0), i32x4.extract_lane(y, 1));
}

// The lowest 4 x bits bits of the result: four codes.
// @ts-ignore: decorator
@inline
function join(z: v128, bits: i32, mask: u64): u64 {
  return (
    (<u64>i32x4.extract_lane(z, 0) & mask) |
    ((<u64>i32x4.extract_lane(z, 1) & mask) << bits) |
    ((<u64>i32x4.extract_lane(z, 2) & mask) << (2 * bits)) |
    ((<u64>i32x4.extract_lane(z, 3) & mask) << (3 * bits))
  );
}

// @ts-ignore: decorator
@inline
function split(codes: u64, bits: i32, mask: u64): v128 {
  return i32x4.replace_lane(
    i32x4.replace_lane(
      i32x4.replace_lane(i32x4.splat(<i32>(codes & mask)), 1, <i32>((codes >> bits) & mask)),
      2,
      <i32>((codes >> (2 * bits)) & mask),
    ),
    3,
    <i32>((codes >> (3 * bits)) & mask),
  );
}

export function encodeLattice(
  codes: usize, stamp: usize, from: usize, n: i32, bits: i32, side: f32, a: i32, b: i32,
): f32 {
  const scale: f32 = 1 / side;
  const scales = f32x4.splat(scale);
  const bs = i32x4.splat(b);
  const four = i32x4.splat(4);
  let ks = i32x4.add(i32x4.splat(a), i32x4(0, 1, 2, 3));
  let sums = i32x4.splat(0), totals = sums, most = sums;
  let k = 0;
  if (bits == 8) {
    const mask = i32x4.splat(0xff);
    for (; n - k >= 16; k += 16, from += 64, codes += 16) {
      let w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      let x = v128.load(from);
      most = i32x4.max_s(most, magnitude4(x));
      const z0 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z0, w, 8));
      totals = i32x4.add(totals, i32x4.abs(z0));
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      x = v128.load(from, 16);
      most = i32x4.max_s(most, magnitude4(x));
      const z1 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z1, w, 8));
      totals = i32x4.add(totals, i32x4.abs(z1));
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      x = v128.load(from, 32);
      most = i32x4.max_s(most, magnitude4(x));
      const z2 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z2, w, 8));
      totals = i32x4.add(totals, i32x4.abs(z2));
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      x = v128.load(from, 48);
      most = i32x4.max_s(most, magnitude4(x));
      const z3 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z3, w, 8));
      totals = i32x4.add(totals, i32x4.abs(z3));
      const low = i16x8.narrow_i32x4_u(v128.and(z0, mask), v128.and(z1, mask));
      const high = i16x8.narrow_i32x4_u(v128.and(z2, mask), v128.and(z3, mask));
      v128.store(codes, i8x16.narrow_i16x8_u(low, high));
    }
  } else if (bits == 4) {
    const mask = i32x4.splat(0xf);
    for (; n - k >= 16; k += 16, from += 64, codes += 8) {
      let w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      let x = v128.load(from);
      most = i32x4.max_s(most, magnitude4(x));
      const z0 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z0, w, 4));
      totals = i32x4.add(totals, i32x4.abs(z0));
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      x = v128.load(from, 16);
      most = i32x4.max_s(most, magnitude4(x));
      const z1 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z1, w, 4));
      totals = i32x4.add(totals, i32x4.abs(z1));
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      x = v128.load(from, 32);
      most = i32x4.max_s(most, magnitude4(x));
      const z2 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z2, w, 4));
      totals = i32x4.add(totals, i32x4.abs(z2));
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      x = v128.load(from, 48);
      most = i32x4.max_s(most, magnitude4(x));
      const z3 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z3, w, 4));
      totals = i32x4.add(totals, i32x4.abs(z3));
      const low = i16x8.narrow_i32x4_u(v128.and(z0, mask), v128.and(z1, mask));
      const high = i16x8.narrow_i32x4_u(v128.and(z2, mask), v128.and(z3, mask));
      // of each pair of bytes the second goes into the high half of the first
      const all = i8x16.narrow_i16x8_u(low, high);
      const pairs = v128.and(v128.or(all, i16x8.shr_u(all, 4)), i16x8.splat(0xff));
      v128.store64_lane(codes, i8x16.narrow_i16x8_u(pairs, pairs), 0);
    }
  } else {
    const mask: u64 = (1 << bits) - 1;
    for (; n - k >= 8 && (n - k) * bits >= 128; k += 8, from += 32, codes += bits) {
      let w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      let x = v128.load(from);
      most = i32x4.max_s(most, magnitude4(x));
      const z0 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z0, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z0));
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      x = v128.load(from, 16);
      most = i32x4.max_s(most, magnitude4(x));
      const z1 = point4(x, scales, w);
      sums = i32x4.add(sums, share4(z1, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z1));
      const low = join(z0, bits, mask), high = join(z1, bits, mask);
      if (bits == 16) {
        store<u64>(codes, low);
        store<u64>(codes, high, 8);
      } else {
        store<u64>(codes, low | (high << (4 * bits)));
        store<u64>(codes, high >> (64 - 4 * bits), 8);
      }
    }
  }
  let sum = total4(sums), total = total4(totals), largest = largest4(most);
  const mask = (1 << bits) - 1;
  let pending = 0, filled = 0;
  for (; k < n; k++, from += 4) {
    const word = draw(a, b, k);
    const x = load<f32>(from);
    largest = max(largest, reinterpret<i32>(x) & 0x7fffffff);
    const z = whole(x * scale - centred(word));
    sum += share(z, word, bits);
    total += abs(z);
    pending |= (z & mask) << filled;
    for (filled += bits; filled >= 8; filled -= 8, pending >>>= 8) store<u8>(codes++, <u8>pending);
  }
  if (filled > 0) store<u8>(codes, <u8>pending);
  store<i32>(stamp, sum);
  store<i32>(stamp, total, 4);
  return reinterpret<f32>(largest);
}

// Of the whole numbers that are the code modulo 2^bits, the one nearest to y/s - u.
// @ts-ignore: decorator
@inline
function find4(code: v128, y: v128, scale: v128, u: v128, bits: i32): v128 {
  const r = whole4(f32x4.ceil(f32x4.sub(f32x4.mul(y, scale), u)));
  return i32x4.add(r, i32x4.shr_s(i32x4.shl(i32x4.sub(code, r), 32 - bits), 32 - bits));
}

// @ts-ignore: decorator
@inline
function value4(z: v128, u: v128, side: v128): v128 {
  return f32x4.mul(f32x4.add(f32x4.convert_i32x4_s(z), u), side);
}

export function decodeLattice(
  to: usize, codes: usize, stamp: usize, near: usize, n: i32, bits: i32, side: f32, a: i32, b: i32, dithered: i32,
): f32 {
  const scale: f32 = 1 / side;
  const scales = f32x4.splat(scale), sides = f32x4.splat(side);
  const keep = i32x4.splat(-dithered);
  const bs = i32x4.splat(b);
  const four = i32x4.splat(4);
  let ks = i32x4.add(i32x4.splat(a), i32x4(0, 1, 2, 3));
  let sums = i32x4.splat(0), totals = sums, most = sums;
  let k = 0;
  if (bits == 8 || bits == 4) {
    const low = i8x16.splat(0xf);
    for (; n - k >= 16; k += 16, to += 64, near += 64, codes += bits << 1) {
      let c: v128;
      if (bits == 8) c = v128.load(codes);
      else {
        c = v128.load64_zero(codes);
        c = v128.and(i8x16.shuffle(c, i16x8.shr_u(c, 4), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), low);
      }
      const first = i16x8.extend_low_i8x16_u(c), second = i16x8.extend_high_i8x16_u(c);
      let w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      let u = v128.and(centred4(w), keep);
      let y = v128.load(near);
      let z = find4(i32x4.extend_low_i16x8_u(first), y, scales, u, bits);
      sums = i32x4.add(sums, share4(z, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z));
      let q = value4(z, u, sides);
      most = i32x4.max_s(most, magnitude4(f32x4.sub(q, y)));
      v128.store(to, q);
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      u = v128.and(centred4(w), keep);
      y = v128.load(near, 16);
      z = find4(i32x4.extend_high_i16x8_u(first), y, scales, u, bits);
      sums = i32x4.add(sums, share4(z, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z));
      q = value4(z, u, sides);
      most = i32x4.max_s(most, magnitude4(f32x4.sub(q, y)));
      v128.store(to, q, 16);
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      u = v128.and(centred4(w), keep);
      y = v128.load(near, 32);
      z = find4(i32x4.extend_low_i16x8_u(second), y, scales, u, bits);
      sums = i32x4.add(sums, share4(z, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z));
      q = value4(z, u, sides);
      most = i32x4.max_s(most, magnitude4(f32x4.sub(q, y)));
      v128.store(to, q, 32);
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      u = v128.and(centred4(w), keep);
      y = v128.load(near, 48);
      z = find4(i32x4.extend_high_i16x8_u(second), y, scales, u, bits);
      sums = i32x4.add(sums, share4(z, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z));
      q = value4(z, u, sides);
      most = i32x4.max_s(most, magnitude4(f32x4.sub(q, y)));
      v128.store(to, q, 48);
    }
  } else {
    const mask: u64 = (1 << bits) - 1;
    for (; n - k >= 8 && (n - k) * bits >= 128; k += 8, to += 32, near += 32, codes += bits) {
      const head = load<u64>(codes), rest = load<u64>(codes, 8);
      // the second four codes begin 4 x bits bits further on
      const tail = bits == 16 ? rest : (head >> (4 * bits)) | (rest << (64 - 4 * bits));
      let w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      let u = v128.and(centred4(w), keep);
      let y = v128.load(near);
      let z = find4(split(head, bits, mask), y, scales, u, bits);
      sums = i32x4.add(sums, share4(z, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z));
      let q = value4(z, u, sides);
      most = i32x4.max_s(most, magnitude4(f32x4.sub(q, y)));
      v128.store(to, q);
      w = draw4(bs, ks);
      ks = i32x4.add(ks, four);
      u = v128.and(centred4(w), keep);
      y = v128.load(near, 16);
      z = find4(split(tail, bits, mask), y, scales, u, bits);
      sums = i32x4.add(sums, share4(z, w, bits));
      totals = i32x4.add(totals, i32x4.abs(z));
      q = value4(z, u, sides);
      most = i32x4.max_s(most, magnitude4(f32x4.sub(q, y)));
      v128.store(to, q, 16);
    }
  }
  let sum = total4(sums), total = total4(totals), farthest = largest4(most);
  const mask = (1 << bits) - 1, shift = 32 - bits;
  let pending = 0, filled = 0;
  for (; k < n; k++, to += 4, near += 4) {
    for (; filled < bits; filled += 8) pending |= <i32>load<u8>(codes++) << filled;
    const code = pending & mask;
    pending >>>= bits;
    filled -= bits;
    const word = draw(a, b, k);
    const u: f32 = dithered ? centred(word) : 0;
    const y = load<f32>(near);
    const r = whole(ceil<f32>(y * scale - u));
    const z = r + (((code - r) << shift) >> shift);
    sum += share(z, word, bits);
    total += abs(z);
    const q: f32 = (<f32>z + u) * side;
    farthest = max(farthest, reinterpret<i32>(q - y) & 0x7fffffff);
    store<f32>(to, q);
  }
  return sum == load<i32>(stamp) && total == load<i32>(stamp, 4) ? reinterpret<f32>(farthest) : -1;
}

export function farthest(a: usize, b: usize, n: i32): f32 {
  let most = i32x4.splat(0);
  for (; n >= 4; n -= 4, a += 16, b += 16) most = i32x4.max_s(most, magnitude4(f32x4.sub(v128.load(a), v128.load(b))));
  let largest = largest4(most);
  for (; n > 0; n--, a += 4, b += 4) largest = max(largest, reinterpret<i32>(load<f32>(a) - load<f32>(b)) & 0x7fffffff);
  return reinterpret<f32>(largest);
}
