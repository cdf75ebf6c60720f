// Packing: panels whose elements lie in the order in which a tile reads them, [k][column], padded to a multiple of 4 columns (what
// stands in the padding is never used). The panels are those that cut.ts cuts, most of them `most` wide.
import { padded, widthOf } from './cut';

// `width` columns of B, copied as they lie.
export function packColumns(to: usize, b: usize, stride: usize, width: i32, depth: i32, most: i32): void {
  for (let j = 0; j < width; ) {
    const wide = padded(widthOf(width - j, most));
    let at = b + <usize>j * 4;
    for (let k = 0; k < depth; k++, at += stride) {
      v128.store(to, v128.load(at));
      if (wide > 4) v128.store(to, v128.load(at, 16), 16);
      if (wide > 8) v128.store(to, v128.load(at, 32), 32);
      to += <usize>wide * 4;
    }
    j += wide;
  }
}

// `width` rows of W as columns.
export function packTransposed(to: usize, w: usize, stride: usize, width: i32, depth: i32, most: i32): void {
  for (let j = 0; j < width; ) {
    const count = widthOf(width - j, most);
    const step = <usize>padded(count) * 4;
    let r = 0;
    for (; r + 4 <= count; r += 4, w += 4 * stride) transposeFour(to + <usize>r * 4, step, w, stride, depth);
    for (; r < count; r++, w += stride) transposeOne(to + <usize>r * 4, step, w, depth);
    to += step * depth;
    j += count;
  }
}

// Ten columns for the tile of ten.mjs: the last two of them twice, [c8, c8, c9, c9].
export function packTen(to: usize, b: usize, depth: i32): void {
  for (; depth > 0; depth--, b += 40, to += 48) {
    v128.store(to, v128.load(b));
    v128.store(to, v128.load(b, 16), 16);
    const last = v128.load64_zero(b, 32);
    v128.store(to, v128.shuffle<i32>(last, last, 0, 0, 1, 1), 32);
  }
}

// `height` columns of A for one row of tiles, [k][row], copied as they lie.
export function copyColumns(to: usize, a: usize, stride: usize, height: i32, depth: i32): void {
  const step = <usize>height * 4;
  if (height == 6) {
    for (; depth > 0; depth--, a += stride, to += step) {
      v128.store(to, v128.load(a));
      store<u64>(to, load<u64>(a, 16), 16);
    }
  } else if (height == 5) {
    for (; depth > 0; depth--, a += stride, to += step) {
      v128.store(to, v128.load(a));
      store<f32>(to, load<f32>(a, 16), 16);
    }
  } else {
    for (; depth > 0; depth--, a += stride, to += step) {
      for (let i = 0; i < height; i++) store<f32>(to + <usize>i * 4, load<f32>(a + <usize>i * 4));
    }
  }
}

// Four by four: the rows x0 to x3 as columns.
// @ts-ignore: decorator
@inline
export function turnFour(to: usize, step: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const y0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5), y1 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
  const y2 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5), y3 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(y0, y2, 0, 2));
  v128.store(to + step, v128.shuffle<i64>(y0, y2, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<i64>(y1, y3, 0, 2));
  v128.store(to + 3 * step, v128.shuffle<i64>(y1, y3, 1, 3));
}

// to[k][r] = from[r][k] for four r
function transposeFour(to: usize, step: usize, from: usize, stride: usize, depth: i32): void {
  let p0 = from, p1 = p0 + stride, p2 = p1 + stride, p3 = p2 + stride;
  for (; depth >= 4; depth -= 4, to += 4 * step, p0 += 16, p1 += 16, p2 += 16, p3 += 16) {
    turnFour(to, step, v128.load(p0), v128.load(p1), v128.load(p2), v128.load(p3));
  }
  for (; depth > 0; depth--, to += step, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
    store<f32>(to, load<f32>(p0));
    store<f32>(to, load<f32>(p1), 4);
    store<f32>(to, load<f32>(p2), 8);
    store<f32>(to, load<f32>(p3), 12);
  }
}

function transposeOne(to: usize, step: usize, from: usize, depth: i32): void {
  for (; depth > 0; depth--, to += step, from += 4) store<f32>(to, load<f32>(from));
}
