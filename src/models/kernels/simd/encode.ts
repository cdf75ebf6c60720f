// From values to the codes of their points of the lattice: see lattice.ts.

import { centred, centred4, draw, draw4 } from './dither';
import { largest4, magnitude4, share, share4, total4, whole, whole4 } from './lattice';

// @ts-ignore: decorator
@inline
function point4(x: v128, scale: v128, word: v128): v128 {
  return whole4(f32x4.sub(f32x4.mul(x, scale), centred4(word)));
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
