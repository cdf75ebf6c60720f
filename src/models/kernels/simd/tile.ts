// The micro-kernels: a tile of `height` rows and `width` vectors of C stays in registers while k runs. 6 x 8 floats is the widest
// that the 15 vector registers of the engine's x64 code hold: 12 sums, two vectors of B and one value of A. With multiply and add
// apart, a value of A is loaded once for each vector of B: loads are free here, a register for the product is not. The loop is not
// unrolled: the engine's register allocator does worse on longer bodies (measured).
import { put } from './part';

// One tile of `height` x `width` (columns, 1..12; at most 8 when the height is 6), C = from + A B. A width that is no multiple of 4
// is computed whole in `spare` (48 floats) and copied: a partial store of any width inside a tile would cost it registers. Ten
// columns, the usual number of classes, have tiles of their own.
export function tile(
  height: i32, width: i32,
  a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32, spare: usize,
): void {
  const tail = width & 3;
  if (tail == 0 || width == 10) whole(height, width, a, da, b, db, from, df, c, dc, k);
  else {
    const full = width - tail;
    const step = <usize>(full + 4) << 2;
    whole(height, width, a, da, b, db, from, df, spare, step, k);
    for (; height > 0; height--, c += dc, spare += step) {
      if (full > 0) v128.store(c, v128.load(spare));
      if (full > 4) v128.store(c, v128.load(spare, 16), 16);
      const at = <usize>full << 2;
      put(c + at, v128.load(spare + at), tail);
    }
  }
}

function whole(
  height: i32, width: i32,
  a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32,
): void {
  if (width == 10) {
    if (height == 4) tile4x10(a, da, b, db, from, df, c, dc, k);
    else if (height == 2) tile2x10(a, da, b, db, from, df, c, dc, k);
    else tile1x10(a, da, b, db, from, df, c, dc, k);
  } else if (width > 8) {
    if (height == 4) tile4x12(a, da, b, db, from, df, c, dc, k);
    else if (height == 2) tile2x12(a, da, b, db, from, df, c, dc, k);
    else tile1x12(a, da, b, db, from, df, c, dc, k);
  } else if (width > 4) {
    if (height == 6) tile6x8(a, da, b, db, from, df, c, dc, k);
    else if (height == 4) tile4x8(a, da, b, db, from, df, c, dc, k);
    else if (height == 2) tile2x8(a, da, b, db, from, df, c, dc, k);
    else tile1x8(a, da, b, db, from, df, c, dc, k);
  } else {
    if (height == 6) tile6x4(a, da, b, db, from, df, c, dc, k);
    else if (height == 4) tile4x4(a, da, b, db, from, df, c, dc, k);
    else if (height == 2) tile2x4(a, da, b, db, from, df, c, dc, k);
    else tile1x4(a, da, b, db, from, df, c, dc, k);
  }
}

// C = from + A B. Element (i, k) of A is at a + 4 i + k da; row k of B at b + k db; rows of C at c + i dc, of `from` at from + i df.
// `from` may be C itself, one row for all (df = 0), or nothing (0: start at zero). half: of a third vector only two floats are stored.
// @ts-ignore: decorator
@inline
function body(
  height: i32, width: i32, half: i32,
  a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c02 = zero, c10 = zero, c11 = zero, c12 = zero, c20 = zero, c21 = zero, c22 = zero;
  let c30 = zero, c31 = zero, c32 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
  if (from) {
    let f = from;
    c00 = v128.load(f);
    if (width > 1) c01 = v128.load(f, 16);
    if (width > 2) c02 = v128.load(f, 32);
    if (height > 1) {
      f += df;
      c10 = v128.load(f);
      if (width > 1) c11 = v128.load(f, 16);
      if (width > 2) c12 = v128.load(f, 32);
    }
    if (height > 2) {
      f += df;
      c20 = v128.load(f);
      if (width > 1) c21 = v128.load(f, 16);
      if (width > 2) c22 = v128.load(f, 32);
      f += df;
      c30 = v128.load(f);
      if (width > 1) c31 = v128.load(f, 16);
      if (width > 2) c32 = v128.load(f, 32);
    }
    if (height > 4) {
      f += df;
      c40 = v128.load(f);
      if (width > 1) c41 = v128.load(f, 16);
      f += df;
      c50 = v128.load(f);
      if (width > 1) c51 = v128.load(f, 16);
    }
  }
  for (const end = b + <usize>k * db; b != end; a += da, b += db) {
    const b0 = v128.load(b);
    const b1 = width > 1 ? v128.load(b, 16) : zero;
    const b2 = width > 2 ? v128.load(b, 32) : zero;
    c00 = madd(v128.load32_splat(a), b0, c00);
    if (width > 1) c01 = madd(v128.load32_splat(a), b1, c01);
    if (width > 2) c02 = madd(v128.load32_splat(a), b2, c02);
    if (height > 1) {
      c10 = madd(v128.load32_splat(a, 4), b0, c10);
      if (width > 1) c11 = madd(v128.load32_splat(a, 4), b1, c11);
      if (width > 2) c12 = madd(v128.load32_splat(a, 4), b2, c12);
    }
    if (height > 2) {
      c20 = madd(v128.load32_splat(a, 8), b0, c20);
      if (width > 1) c21 = madd(v128.load32_splat(a, 8), b1, c21);
      if (width > 2) c22 = madd(v128.load32_splat(a, 8), b2, c22);
      c30 = madd(v128.load32_splat(a, 12), b0, c30);
      if (width > 1) c31 = madd(v128.load32_splat(a, 12), b1, c31);
      if (width > 2) c32 = madd(v128.load32_splat(a, 12), b2, c32);
    }
    if (height > 4) {
      c40 = madd(v128.load32_splat(a, 16), b0, c40);
      if (width > 1) c41 = madd(v128.load32_splat(a, 16), b1, c41);
      c50 = madd(v128.load32_splat(a, 20), b0, c50);
      if (width > 1) c51 = madd(v128.load32_splat(a, 20), b1, c51);
    }
  }
  v128.store(c, c00);
  if (width > 1) v128.store(c, c01, 16);
  if (width > 2) third(c, c02, half);
  if (height > 1) {
    c += dc;
    v128.store(c, c10);
    if (width > 1) v128.store(c, c11, 16);
    if (width > 2) third(c, c12, half);
  }
  if (height > 2) {
    c += dc;
    v128.store(c, c20);
    if (width > 1) v128.store(c, c21, 16);
    if (width > 2) third(c, c22, half);
    c += dc;
    v128.store(c, c30);
    if (width > 1) v128.store(c, c31, 16);
    if (width > 2) third(c, c32, half);
  }
  if (height > 4) {
    c += dc;
    v128.store(c, c40);
    if (width > 1) v128.store(c, c41, 16);
    c += dc;
    v128.store(c, c50);
    if (width > 1) v128.store(c, c51, 16);
  }
}

// Each size is a function of its own: in one large function the engine would keep sums in memory.
function tile6x8(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(6, 2, 0, a, da, b, db, from, df, c, dc, k);
}
function tile4x8(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(4, 2, 0, a, da, b, db, from, df, c, dc, k);
}
function tile2x8(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(2, 2, 0, a, da, b, db, from, df, c, dc, k);
}
function tile1x8(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(1, 2, 0, a, da, b, db, from, df, c, dc, k);
}
function tile6x4(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(6, 1, 0, a, da, b, db, from, df, c, dc, k);
}
function tile4x4(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(4, 1, 0, a, da, b, db, from, df, c, dc, k);
}
function tile2x4(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(2, 1, 0, a, da, b, db, from, df, c, dc, k);
}
function tile1x4(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(1, 1, 0, a, da, b, db, from, df, c, dc, k);
}
function tile4x12(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(4, 3, 0, a, da, b, db, from, df, c, dc, k);
}
function tile2x12(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(2, 3, 0, a, da, b, db, from, df, c, dc, k);
}
function tile1x12(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(1, 3, 0, a, da, b, db, from, df, c, dc, k);
}
function tile4x10(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(4, 3, 1, a, da, b, db, from, df, c, dc, k);
}
function tile2x10(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(2, 3, 1, a, da, b, db, from, df, c, dc, k);
}
function tile1x10(a: usize, da: usize, b: usize, db: usize, from: usize, df: usize, c: usize, dc: usize, k: i32): void {
  body(1, 3, 1, a, da, b, db, from, df, c, dc, k);
}

// The third vector of a row of C.
// @ts-ignore: decorator
@inline
export function third(c: usize, x: v128, half: i32): void {
  if (half) v128.store64_lane(c, x, 0, 32);
  else v128.store(c, x, 32);
}

// Four rows of C after another, ten columns each: `count` tiles of C (+)= A' B with 4 columns of A each.
export function strip4x10(a: usize, da: usize, b: usize, db: usize, c: usize, dc: usize, k: i32, keep: i32, count: i32): void {
  for (; count > 0; count--, a += 16, c += dc << 2) body(4, 3, 1, a, da, b, db, keep ? c : 0, dc, c, dc, k);
}

// Eight columns of C = A B, `count` tiles of six rows below each other, for packed panels and a short k: a call for each tile would
// take as long as its sums.
export function strip6x8(a: usize, b: usize, c: usize, dc: usize, k: i32, count: i32): void {
  const next = <usize>(6 * k) << 2;
  for (; count > 0; count--, a += next, c += 6 * dc) body(6, 2, 0, a, 24, b, 32, 0, 0, c, dc, k);
}

// x y + z: fused in the relaxed module, rounded twice in the portable one.
// @ts-ignore: decorator
@inline
export function madd(x: v128, y: v128, z: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(x, y, z) : f32x4.add(z, f32x4.mul(x, y));
}
