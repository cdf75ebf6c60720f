// Causal attention and embeddings. A head's columns of queries, keys and values lie `3 width` floats apart from token to token. Its products
// are those of dense layers, some tokens at a time: what later tokens would add is 0, and is left out where whole blocks are.

import { exp4 } from './exponential';
import { packColumns, packTransposed } from './pack';
import { lanes, put, sum4, take, zeroRun } from './part';
import { ACROSS, DOWN, across, down } from './product';

const SOME: i32 = 16;

export function attend(
  y: usize, shares: usize, x: usize, rows: i32, tokens: i32, heads: i32, width: i32, work: usize,
): void {
  const d = width / heads;
  const step = <usize>(3 * width) << 2;
  const out = <usize>width << 2;
  const line = <usize>tokens << 2;
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>d);
  for (; rows > 0; rows--, x += <usize>tokens * step, y += <usize>tokens * out) {
    for (let h = 0; h < heads; h++, shares += <usize>tokens * line) {
      const query = x + (<usize>(h * d) << 2);
      timesTurned(shares, line, query, step, query + out, step, work, tokens, d);
      for (let t = 0, row = shares; t < tokens; t++, row += line) {
        softmax(row, t + 1, scale);
        zeroRun(row + (<usize>(t + 1) << 2), tokens - t - 1);
      }
      times(y + (<usize>(h * d) << 2), out, shares, line, query + 2 * out, step, tokens, d);
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
  const room = work + <usize>tokens * line;
  for (; rows > 0; rows--, x += <usize>tokens * step, dx += <usize>tokens * step, dy += <usize>tokens * out) {
    for (let h = 0; h < heads; h++, shares += <usize>tokens * line) {
      const first = <usize>(h * d) << 2;
      const query = x + first, to = dx + first, top = dy + first;
      timesTurned(work, line, top, out, query + 2 * out, step, room, tokens, d);
      for (let t = 0; t < tokens; t++) {
        const row = work + <usize>t * line;
        softmaxSlopes(row, shares + <usize>t * line, t + 1, scale);
        zeroRun(row + (<usize>(t + 1) << 2), min(SOME - 1 - t % SOME, tokens - t - 1));
      }
      times(to, step, work, line, query + out, step, tokens, d);
      turnedTimes(to + out, step, work, line, query, step, room, tokens, d);
      turnedTimes(to + 2 * out, step, shares, line, top, out, room, tokens, d);
    }
  }
}

// c (t x s) = a b' for s <= t, and for some s beyond it; a and b are tokens x d.
function timesTurned(c: usize, dc: usize, a: usize, da: usize, b: usize, db: usize, room: usize, tokens: i32, d: i32): void {
  for (let s = 0; s < tokens; s += SOME) {
    const n = min(SOME, tokens - s);
    const at = <usize>s;
    packTransposed(room, b + at * db, db, n, d, DOWN);
    down(a + at * da, da, room, 0, 0, 0, c + at * dc + (at << 2), dc, tokens - s, d, n);
  }
}

// c (t x d) = a b; a is t x s, 0 for s > t.
function times(c: usize, dc: usize, a: usize, da: usize, b: usize, db: usize, tokens: i32, d: i32): void {
  for (let t = 0; t < tokens; t += SOME) {
    const m = min(SOME, tokens - t);
    down(a + <usize>t * da, da, b, db, 0, 0, c + <usize>t * dc, dc, m, t + m, d);
  }
}

// c (s x d) = a' b; a is t x s, 0 for s > t.
function turnedTimes(c: usize, dc: usize, a: usize, da: usize, b: usize, db: usize, room: usize, tokens: i32, d: i32): void {
  for (let s = 0; s < tokens; s += SOME) {
    const at = <usize>s;
    packColumns(room, b + at * db, db, d, tokens - s, ACROSS);
    across(a + at * da + (at << 2), da, room, c + at * dc, dc, 0, min(SOME, tokens - s), tokens - s, d, 0);
  }
}

// row = softmax of scale row, n values
function softmax(row: usize, n: i32, scale: f32): void {
  const whole = n & ~3;
  const end = row + (<usize>whole << 2);
  const rest = n - whole;
  const lowest = f32x4.splat(-Infinity);
  const last = rest ? v128.bitselect(take(end, rest), lowest, lanes(rest)) : lowest;
  let highs = last;
  for (let at = row; at < end; at += 16) highs = f32x4.pmax(v128.load(at), highs);
  const high = max(
    max(f32x4.extract_lane(highs, 0), f32x4.extract_lane(highs, 1)),
    max(f32x4.extract_lane(highs, 2), f32x4.extract_lane(highs, 3)),
  );
  const from = f32x4.splat(high), wide = f32x4.splat(scale);
  let sums = f32x4.splat(0);
  for (let at = row; at < end; at += 16) {
    const e = exp4(f32x4.mul(wide, f32x4.sub(v128.load(at), from)));
    v128.store(at, e);
    sums = f32x4.add(sums, e);
  }
  const e = rest ? v128.and(exp4(f32x4.mul(wide, f32x4.sub(last, from))), lanes(rest)) : f32x4.splat(0);
  const share = f32x4.splat(<f32>1 / sum4(f32x4.add(sums, e)));
  for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(share, v128.load(at)));
  if (rest) put(end, f32x4.mul(share, e), rest);
}

// row = scale share (row - sum of share row), n values
function softmaxSlopes(row: usize, share: usize, n: i32, scale: f32): void {
  const whole = n & ~3;
  const end = row + (<usize>whole << 2);
  const beside = share - row;
  const rest = n - whole;
  const last = rest ? take(end, rest) : f32x4.splat(0);
  const lastShare = rest ? take(end + beside, rest) : f32x4.splat(0);
  let sums = f32x4.mul(last, lastShare);
  for (let at = row; at < end; at += 16) sums = f32x4.add(sums, f32x4.mul(v128.load(at), v128.load(at + beside)));
  const mean = f32x4.splat(sum4(sums)), wide = f32x4.splat(scale);
  for (let at = row; at < end; at += 16)
    v128.store(at, f32x4.mul(f32x4.mul(wide, v128.load(at + beside)), f32x4.sub(v128.load(at), mean)));
  if (rest) put(end, f32x4.mul(f32x4.mul(wide, lastShare), f32x4.sub(last, mean)), rest);
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
