// From codes, and values near those that they are of, to points of the lattice: see lattice.ts.

import { centred, centred4, draw, draw4 } from './dither';
import { largest4, magnitude4, share, share4, total4, whole, whole4 } from './lattice';

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
