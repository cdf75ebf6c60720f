// y = x W + bias for 9 to 12 outputs: four rows of x by all columns at once, read where they lie. Packing would cost more than the
// few columns give back.
import { put } from './part';
import { madd, third } from './tile';

export function narrow(
  y: usize, x: usize, weights: usize, bias: usize, rows: i32, inputs: i32, outputs: i32, spare: usize,
): void {
  const dx = <usize>inputs << 2;
  const dy = <usize>outputs << 2;
  for (; rows > 0; ) {
    const height = rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
    const direct = outputs == 10 || outputs == 12;
    const c = direct ? y : spare;
    const dc = direct ? dy : 48;
    if (outputs == 10) {
      if (height == 4) rows4x10(x, dx, weights, dy, bias, c, dc, inputs);
      else if (height == 2) rows2x10(x, dx, weights, dy, bias, c, dc, inputs);
      else rows1x10(x, dx, weights, dy, bias, c, dc, inputs);
    } else {
      if (height == 4) rows4x12(x, dx, weights, dy, bias, c, dc, inputs);
      else if (height == 2) rows2x12(x, dx, weights, dy, bias, c, dc, inputs);
      else rows1x12(x, dx, weights, dy, bias, c, dc, inputs);
    }
    if (!direct) {
      for (let i = 0, to = y, from = spare; i < height; i++, to += dy, from += 48) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        put(to + 32, v128.load(from, 32), outputs - 8);
      }
    }
    rows -= height;
    x += <usize>height * dx;
    y += <usize>height * dy;
  }
}

// @ts-ignore: decorator
@inline
function body(
  height: i32, half: i32, x: usize, dx: usize, b: usize, db: usize, bias: usize, c: usize, dc: usize, k: i32,
): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16), c02 = v128.load(bias, 32);
  let c10 = c00, c11 = c01, c12 = c02, c20 = c00, c21 = c01, c22 = c02, c30 = c00, c31 = c01, c32 = c02;
  let x1 = x + dx, x2 = x1 + dx, x3 = x2 + dx;
  for (const end = b + <usize>k * db; b != end; b += db) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32);
    const a0 = v128.load32_splat(x);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    c02 = madd(a0, b2, c02);
    x += 4;
    if (height > 1) {
      const a1 = v128.load32_splat(x1);
      c10 = madd(a1, b0, c10);
      c11 = madd(a1, b1, c11);
      c12 = madd(a1, b2, c12);
      x1 += 4;
    }
    if (height > 2) {
      const a2 = v128.load32_splat(x2);
      c20 = madd(a2, b0, c20);
      c21 = madd(a2, b1, c21);
      c22 = madd(a2, b2, c22);
      x2 += 4;
      const a3 = v128.load32_splat(x3);
      c30 = madd(a3, b0, c30);
      c31 = madd(a3, b1, c31);
      c32 = madd(a3, b2, c32);
      x3 += 4;
    }
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  third(c, c02, half);
  if (height > 1) {
    c += dc;
    v128.store(c, c10);
    v128.store(c, c11, 16);
    third(c, c12, half);
  }
  if (height > 2) {
    c += dc;
    v128.store(c, c20);
    v128.store(c, c21, 16);
    third(c, c22, half);
    c += dc;
    v128.store(c, c30);
    v128.store(c, c31, 16);
    third(c, c32, half);
  }
}

function rows4x10(x: usize, dx: usize, b: usize, db: usize, bias: usize, c: usize, dc: usize, k: i32): void {
  body(4, 1, x, dx, b, db, bias, c, dc, k);
}
function rows2x10(x: usize, dx: usize, b: usize, db: usize, bias: usize, c: usize, dc: usize, k: i32): void {
  body(2, 1, x, dx, b, db, bias, c, dc, k);
}
function rows1x10(x: usize, dx: usize, b: usize, db: usize, bias: usize, c: usize, dc: usize, k: i32): void {
  body(1, 1, x, dx, b, db, bias, c, dc, k);
}
function rows4x12(x: usize, dx: usize, b: usize, db: usize, bias: usize, c: usize, dc: usize, k: i32): void {
  body(4, 0, x, dx, b, db, bias, c, dc, k);
}
function rows2x12(x: usize, dx: usize, b: usize, db: usize, bias: usize, c: usize, dc: usize, k: i32): void {
  body(2, 0, x, dx, b, db, bias, c, dc, k);
}
function rows1x12(x: usize, dx: usize, b: usize, db: usize, bias: usize, c: usize, dc: usize, k: i32): void {
  body(1, 0, x, dx, b, db, bias, c, dc, k);
}
