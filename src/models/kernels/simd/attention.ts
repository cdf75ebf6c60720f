// Causal attention and embeddings. A head's columns of queries, keys and values lie `3 width` floats apart from token to token.

import { exp4 } from './exponential';
import { madd } from './fused';
import { put, sum4, take, zeroRun } from './part';

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, n: i32): f32 {
  let sum = f32x4.splat(0);
  for (; n >= 4; n -= 4, a += 16, b += 16) sum = madd(v128.load(a), v128.load(b), sum);
  let rest: f32 = 0;
  for (; n > 0; n--, a += 4, b += 4) rest += load<f32>(a) * load<f32>(b);
  return sum4(sum) + rest;
}

// to += factor from
// @ts-ignore: decorator
@inline
function addTo(to: usize, factor: f32, from: usize, n: i32): void {
  const wide = f32x4.splat(factor);
  for (; n >= 4; n -= 4, to += 16, from += 16) v128.store(to, madd(wide, v128.load(from), v128.load(to)));
  for (; n > 0; n--, to += 4, from += 4) store<f32>(to, load<f32>(to) + factor * load<f32>(from));
}

// to = exp(to - high), n values; returns their sum.
function exponentials(to: usize, high: f32, n: i32): f32 {
  const highs = f32x4.splat(high);
  let sums = f32x4.splat(0);
  for (; n >= 4; n -= 4, to += 16) {
    const e = exp4(f32x4.sub(v128.load(to), highs));
    v128.store(to, e);
    sums = f32x4.add(sums, e);
  }
  let rest: f32 = 0;
  if (n > 0) {
    put(to, exp4(f32x4.sub(take(to, n), highs)), n);
    for (; n > 0; n--, to += 4) rest += load<f32>(to);
  }
  return sum4(sums) + rest;
}

export function attend(y: usize, shares: usize, x: usize, rows: i32, tokens: i32, heads: i32, width: i32): void {
  const d = width / heads;
  const step = <usize>(3 * width) << 2;
  const out = <usize>width << 2;
  const line = <usize>tokens << 2;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>d);
  for (; rows > 0; rows--, x += <usize>tokens * step, y += <usize>tokens * out) {
    for (let h = 0; h < heads; h++) {
      const first = <usize>(h * d) << 2;
      for (let t = 0, q = x + first, to = y + first; t < tokens; t++, q += step, to += out, shares += line) {
        let high: f32 = -Infinity;
        for (let s = 0, key = x + first + out; s <= t; s++, key += step) {
          const score = dot(q, key, d) * scale;
          high = max(high, score);
          store<f32>(shares + (<usize>s << 2), score);
        }
        const inverse: f32 = <f32>1 / exponentials(shares, high, t + 1);
        zeroRun(to, d);
        for (let s = 0, value = x + first + 2 * out; s <= t; s++, value += step) {
          const share = load<f32>(shares + (<usize>s << 2)) * inverse;
          store<f32>(shares + (<usize>s << 2), share);
          addTo(to, share, value, d);
        }
        zeroRun(shares + (<usize>(t + 1) << 2), tokens - t - 1);
      }
    }
  }
}

export function attendBack(
  dx: usize, dy: usize, x: usize, shares: usize, rows: i32, tokens: i32, heads: i32, width: i32, work: usize,
): void {
  const d = width / heads;
  const step = <usize>(3 * width) << 2;
  const out = <usize>width << 2;
  const line = <usize>tokens << 2;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>d);
  for (; rows > 0; rows--, x += <usize>tokens * step, dx += <usize>tokens * step, dy += <usize>tokens * out) {
    zeroRun(dx, tokens * 3 * width);
    for (let h = 0; h < heads; h++) {
      const first = <usize>(h * d) << 2;
      for (let t = 0, q = first, top = dy + first; t < tokens; t++, q += step, top += out, shares += line) {
        let mean: f32 = 0;
        for (let s = 0, value = x + first + 2 * out; s <= t; s++, value += step) {
          const slope = dot(top, value, d);
          mean += load<f32>(shares + (<usize>s << 2)) * slope;
          store<f32>(work + (<usize>s << 2), slope);
        }
        for (let s = 0, key = first + out; s <= t; s++, key += step) {
          const share = load<f32>(shares + (<usize>s << 2));
          const slope = share * (load<f32>(work + (<usize>s << 2)) - mean) * scale;
          addTo(dx + q, slope, x + key, d);
          addTo(dx + key, slope, x + q, d);
          addTo(dx + key + out, share, top, d);
        }
      }
    }
  }
}

export function embed(
  y: usize, x: usize, table: usize, places: usize, rows: i32, tokens: i32, stride: i32, width: i32,
): void {
  const line = <usize>width << 2;
  for (; rows > 0; rows--, x += <usize>stride << 2) {
    for (let t = 0, place = places; t < tokens; t++, place += line, y += line) {
      let word = table + <usize><i32>load<f32>(x + (<usize>t << 2)) * line;
      let n = width;
      let to = y, at = place;
      for (; n >= 4; n -= 4, to += 16, word += 16, at += 16) v128.store(to, f32x4.add(v128.load(word), v128.load(at)));
      if (n > 0) put(to, f32x4.add(take(word, n), take(at, n)), n);
    }
  }
}

export function embedAccumulate(
  table: usize, places: usize, dy: usize, x: usize, rows: i32, tokens: i32, stride: i32, width: i32,
): void {
  const line = <usize>width << 2;
  for (; rows > 0; rows--, x += <usize>stride << 2) {
    for (let t = 0, place = places; t < tokens; t++, place += line, dy += line) {
      let word = table + <usize><i32>load<f32>(x + (<usize>t << 2)) * line;
      let n = width;
      let from = dy, at = place;
      for (; n >= 4; n -= 4, from += 16, word += 16, at += 16) {
        v128.store(word, f32x4.add(v128.load(word), v128.load(from)));
        v128.store(at, f32x4.add(v128.load(at), v128.load(from)));
      }
      if (n > 0) {
        put(word, f32x4.add(take(word, n), take(from, n)), n);
        put(at, f32x4.add(take(at, n), take(from, n)), n);
      }
    }
  }
}
