// Packing: panels whose elements lie in the order in which a tile reads them.
import { heightOf, widthOf } from './dense';

// `height` rows of A become panels of as many rows as tiles will be high, each stored [k][row].
export function packRows(to: usize, a: usize, stride: usize, height: i32, depth: i32): void {
  for (let i = 0; i < height; ) {
    const high = heightOf(height - i);
    interleave(to, <usize>high << 2, a + <usize>i * stride, stride, high, depth);
    to += <usize>(high * depth) << 2;
    i += high;
  }
}

// `width` rows of W become the columns of panels of as many columns as tiles will be wide, each stored [k][column], padded to a
// multiple of 4 columns (what stands in the padding is never used).
export function packTransposed(to: usize, w: usize, stride: usize, width: i32, depth: i32): void {
  for (let j = 0; j < width; ) {
    const wide = widthOf(width - j);
    const step = <usize>((wide + 3) & ~3) << 2;
    interleave(to, step, w + <usize>j * stride, stride, wide, depth);
    to += step * depth;
    j += wide;
  }
}

// One panel of `height` columns of A, [k][column], copied as they lie.
export function packTile(to: usize, a: usize, stride: usize, height: i32, depth: i32): void {
  if (height == 6) {
    for (; depth > 0; depth--, a += stride, to += 24) {
      v128.store(to, v128.load(a));
      store<u64>(to, load<u64>(a, 16), 16);
    }
  } else if (height == 4) for (; depth > 0; depth--, a += stride, to += 16) v128.store(to, v128.load(a));
  else {
    for (; depth > 0; depth--, a += stride) for (let i = 0; i < height; i++, to += 4) store<f32>(to, load<f32>(a + (<usize>i << 2)));
  }
}

// `width` columns of B become the same panels, copied as they lie.
export function packColumns(to: usize, b: usize, stride: usize, width: i32, depth: i32): void {
  for (let j = 0; j < width; ) {
    const wide = widthOf(width - j);
    let at = b + (<usize>j << 2);
    for (let k = 0; k < depth; k++, at += stride) {
      v128.store(to, v128.load(at));
      if (wide > 4) v128.store(to, v128.load(at, 16), 16);
      if (wide > 8) v128.store(to, v128.load(at, 32), 32);
      to += <usize>((wide + 3) & ~3) << 2;
    }
    j += wide;
  }
}

// to[k][r] = from[r][k] for r < count: blocks of 4 x 4, then what is left.
function interleave(to: usize, step: usize, from: usize, stride: usize, count: i32, depth: i32): void {
  let r = 0;
  for (; r + 4 <= count; r += 4, to += 16, from += stride << 2) {
    let at = to;
    let p0 = from, p1 = p0 + stride, p2 = p1 + stride, p3 = p2 + stride;
    let k = depth;
    for (; k >= 4; k -= 4) {
      const x0 = v128.load(p0), x1 = v128.load(p1), x2 = v128.load(p2), x3 = v128.load(p3);
      const y0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5), y1 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
      const y2 = v128.shuffle<i32>(x2, x3, 0, 4, 1, 5), y3 = v128.shuffle<i32>(x2, x3, 2, 6, 3, 7);
      v128.store(at, v128.shuffle<i64>(y0, y2, 0, 2));
      at += step;
      v128.store(at, v128.shuffle<i64>(y0, y2, 1, 3));
      at += step;
      v128.store(at, v128.shuffle<i64>(y1, y3, 0, 2));
      at += step;
      v128.store(at, v128.shuffle<i64>(y1, y3, 1, 3));
      at += step;
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
    }
    for (; k > 0; k--, at += step, p0 += 4, p1 += 4, p2 += 4, p3 += 4) {
      store<f32>(at, load<f32>(p0));
      store<f32>(at, load<f32>(p1), 4);
      store<f32>(at, load<f32>(p2), 8);
      store<f32>(at, load<f32>(p3), 12);
    }
  }
  for (; r + 2 <= count; r += 2, to += 8, from += stride << 1) {
    let at = to;
    let p0 = from, p1 = p0 + stride;
    let k = depth;
    for (; k >= 4; k -= 4, p0 += 16, p1 += 16) {
      const x0 = v128.load(p0), x1 = v128.load(p1);
      const y0 = v128.shuffle<i32>(x0, x1, 0, 4, 1, 5), y1 = v128.shuffle<i32>(x0, x1, 2, 6, 3, 7);
      v128.store64_lane(at, y0, 0);
      at += step;
      v128.store64_lane(at, y0, 1);
      at += step;
      v128.store64_lane(at, y1, 0);
      at += step;
      v128.store64_lane(at, y1, 1);
      at += step;
    }
    for (; k > 0; k--, at += step, p0 += 4, p1 += 4) {
      store<f32>(at, load<f32>(p0));
      store<f32>(at, load<f32>(p1), 4);
    }
  }
  if (r < count) {
    for (let k = 0, at = to, p = from; k < depth; k++, at += step, p += 4) store<f32>(at, load<f32>(p));
  }
}
