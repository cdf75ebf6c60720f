// Random signs and an orthonormal Hadamard transform. A step of distance h replaces (p, q), h apart, by (p + q, p - q); the steps are
// those of the reference, in its order, but pieces that fit the first-level cache go through all of theirs before the next piece, and
// beyond that two steps are made in one pass. No sum depends on either.

import { draw4 } from './dither';

// Floats of a piece: 16 KiB.
// @ts-ignore: decorator
@inline
const PIECE = 4096;

export function rotate(to: usize, from: usize, n: i32, padded: i32, a: i32, b: i32): void {
  flip(to, from, n, a, b);
  memory.fill(to + (<usize>n << 2), 0, <usize>(padded - n) << 2);
  transform(to, padded);
}

export function unrotate(to: usize, from: usize, n: i32, padded: i32, a: i32, b: i32): void {
  transform(from, padded);
  flip(to, from, n, a, b);
}

// to = from, the signs turned where the draw is negative
function flip(to: usize, from: usize, n: i32, a: i32, b: i32): void {
  const bs = i32x4.splat(b), sign = i32x4.splat(0x80000000), four = i32x4.splat(4);
  let ks = i32x4.add(i32x4.splat(a), i32x4(0, 1, 2, 3));
  for (; n >= 4; n -= 4, to += 16, from += 16) {
    v128.store(to, v128.xor(v128.load(from), v128.and(draw4(bs, ks), sign)));
    ks = i32x4.add(ks, four);
  }
  if (n == 0) return;
  let signs = v128.and(draw4(bs, ks), sign);
  for (; n > 0; n--, to += 4, from += 4) {
    store<i32>(to, load<i32>(from) ^ i32x4.extract_lane(signs, 0));
    signs = i8x16.shuffle(signs, signs, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
}

function transform(x: usize, n: i32): void {
  const piece = min(n, PIECE);
  for (let at = 0; at < n; at += piece) {
    const start = x + (<usize>at << 2);
    pairs(start, piece);
    steps(start, piece, 4);
  }
  if (n > piece) steps(x, n, piece);
  const scale = <f32>(1 / sqrt<f64>(<f64>n));
  const scales = f32x4.splat(scale);
  for (; n > 0; n -= 4, x += 16) v128.store(x, f32x4.mul(v128.load(x), scales));
}

// The steps of distance 1 and 2, within vectors.
function pairs(x: usize, n: i32): void {
  for (; n > 0; n -= 4, x += 16) {
    let v = v128.load(x);
    let p = i8x16.shuffle(v, v, 0, 1, 2, 3, 0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11);
    let q = i8x16.shuffle(v, v, 4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15);
    v = f32x4.add(p, v128.xor(q, i32x4(0, 0x80000000, 0, 0x80000000)));
    p = i8x16.shuffle(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
    q = i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
    v128.store(x, f32x4.add(p, v128.xor(q, i32x4(0, 0, 0x80000000, 0x80000000))));
  }
}

// The steps from distance h on, two at a time while there are two.
function steps(x: usize, n: i32, h: i32): void {
  for (; h << 1 < n; h <<= 2) {
    const gap = <usize>h << 2;
    for (let at = 0; at < n; at += h << 2) {
      let p = x + (<usize>at << 2);
      for (let k = 0; k < h; k += 4, p += 16) {
        const p0 = p, p1 = p + gap, p2 = p1 + gap, p3 = p2 + gap;
        const x0 = v128.load(p0), x1 = v128.load(p1), x2 = v128.load(p2), x3 = v128.load(p3);
        const s0 = f32x4.add(x0, x1), d0 = f32x4.sub(x0, x1), s1 = f32x4.add(x2, x3), d1 = f32x4.sub(x2, x3);
        v128.store(p0, f32x4.add(s0, s1));
        v128.store(p1, f32x4.add(d0, d1));
        v128.store(p2, f32x4.sub(s0, s1));
        v128.store(p3, f32x4.sub(d0, d1));
      }
    }
  }
  if (h >= n) return;
  const gap = <usize>h << 2;
  for (let k = 0; k < h; k += 4, x += 16) {
    const p = v128.load(x), q = v128.load(x + gap);
    v128.store(x, f32x4.add(p, q));
    v128.store(x + gap, f32x4.sub(p, q));
  }
}
