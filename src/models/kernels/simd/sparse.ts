// Linear models of sparse rows, which are read where they lie. See SparseKernels in contract/sparse.ts.
import { exp1, log } from './exponential';

const FULL: f64 = 1e150;
const LEAST: f64 = 0.0009765625; // 2^-10

export function gatherSparse(
  to: usize, offsets: usize, columns: usize, narrow: i32, values: usize, numbers: usize, rows: i32, features: i32,
): void {
  const stride = <usize>features << 2;
  memory.fill(to, 0, stride * <usize>rows);
  for (; rows > 0; rows--, numbers += 4, to += stride) {
    const row = offsets + (load<usize>(numbers) << 2);
    const last = load<usize>(row, 4);
    for (let k = load<usize>(row); k < last; k++) {
      const column = narrow ? place(columns + (k << 1), true) : place(columns + (k << 2), false);
      store<f32>(to + column, values ? load<f32>(values + (k << 2)) : <f32>1);
    }
  }
}

export function sparseScores(
  scores: usize, weights: usize, features: i32, bias: i32,
  offsets: usize, columns: usize, narrow: i32, values: usize, numbers: usize, rows: i32,
): void {
  const shift: f32 = bias ? load<f32>(weights + (<usize>features << 2)) : 0;
  for (; rows > 0; rows--, numbers += 4, scores += 4) {
    const row = offsets + (load<usize>(numbers) << 2);
    store<f32>(scores, dot(weights, columns, narrow, values, load<usize>(row), load<usize>(row, 4)) + shift);
  }
}

export function sparseAdd(
  into: usize, slopes: usize, features: i32, bias: i32,
  offsets: usize, columns: usize, narrow: i32, values: usize, numbers: usize, rows: i32,
): void {
  const shift = into + (<usize>features << 2);
  for (; rows > 0; rows--, numbers += 4, slopes += 4) {
    const row = offsets + (load<usize>(numbers) << 2);
    const slope = load<f32>(slopes);
    subtract(into, columns, narrow, values, load<usize>(row), load<usize>(row, 4), -slope);
    if (bias) store<f32>(shift, load<f32>(shift) + slope);
  }
}

export function sparseSweep(
  weights: usize, features: i32, bias: i32,
  offsets: usize, columns: usize, narrow: i32, values: usize, numbers: usize, targets: usize,
  rates: usize, steps: i32, batch: i32, kind: i32, l2: f32, spread: usize, scores: usize,
): f64 {
  const shift = weights + (<usize>features << 2);
  const share: f32 = <f32>1 / <f32>batch;
  let loss: f64 = 0;
  let product: f64 = 1;
  let scale: f64 = 1; // the weights are scale times what lies there, but for the bias
  let long: f32 = 1;
  let short: f32 = 1;
  for (; steps > 0; steps--, rates += 4) {
    const start: f32 = bias ? load<f32>(shift) : 0;
    for (let r = 0; r < batch; r++) {
      const row = offsets + (load<usize>(numbers + (<usize>r << 2)) << 2);
      const z = dot(weights, columns, narrow, values, load<usize>(row), load<usize>(row, 4)) * long + start;
      store<f32>(scores + (<usize>r << 2), z);
    }
    const rate = load<f32>(rates);
    if (l2 > 0 && spread == 0) {
      scale *= 1 - <f64>rate * <f64>l2;
      if (!(scale > LEAST)) {
        shrink(weights, features, scale);
        scale = 1;
      }
      long = <f32>scale;
      short = <f32>(1 / scale);
    }
    const step = rate * share;
    for (let r = 0; r < batch; r++, numbers += 4) {
      const number = load<usize>(numbers);
      const z = load<f32>(scores + (<usize>r << 2));
      const target = targets + (number << 2);
      let d: f32;
      if (kind == 0) {
        d = z - load<f32>(target);
        loss += 0.5 * <f64>d * <f64>d;
      } else if (kind == 1) {
        const t = <f32>load<i32>(target);
        const e = exp1(-abs(z));
        const sum = <f32>1 + e;
        d = (z >= 0 ? <f32>1 : e) / sum - t;
        loss += <f64>((z > 0 ? z : z * 0) - z * t);
        product *= <f64>sum;
        if (product > FULL) {
          loss += log(product);
          product = 1;
        }
      } else {
        const y: f32 = load<i32>(target) == 1 ? 1 : -1;
        const short = <f32>1 - y * z;
        loss += short > 0 ? <f64>short : <f64>(z * 0);
        d = short > 0 ? -y : 0;
      }
      if (d == 0 && spread == 0) continue;
      const move = step * d;
      const row = offsets + (number << 2);
      const from = load<usize>(row), to = load<usize>(row, 4);
      if (spread) pull(weights, columns, narrow, values, from, to, move, step * l2, spread);
      else subtract(weights, columns, narrow, values, from, to, move * short);
      if (bias) store<f32>(shift, load<f32>(shift) - move);
    }
  }
  if (scale != 1) shrink(weights, features, scale);
  return (loss + log(product)) / <f64>batch;
}

// Where the weight of a column lies, from the first.
// @ts-ignore: decorator
@inline
function place(column: usize, narrow: bool): usize {
  return (narrow ? <usize>load<u16>(column) : load<usize>(column)) << 2;
}

// @ts-ignore: decorator
@inline
function term(weights: usize, column: usize, value: usize, narrow: bool, ones: bool): f32 {
  const w = load<f32>(weights + place(column, narrow));
  return ones ? w : w * load<f32>(value);
}

// Entry k counts in sum k modulo 4.
// @ts-ignore: decorator
@inline
function dotOf(weights: usize, columns: usize, values: usize, n: usize, narrow: bool, ones: bool): f32 {
  let s0: f32 = 0, s1: f32 = 0, s2: f32 = 0, s3: f32 = 0;
  let c = columns, v = values;
  const wide: usize = narrow ? 2 : 4;
  for (; n >= 4; n -= 4, c += 4 * wide, v += 16) {
    s0 += term(weights, c, v, narrow, ones);
    s1 += term(weights, c + wide, v + 4, narrow, ones);
    s2 += term(weights, c + 2 * wide, v + 8, narrow, ones);
    s3 += term(weights, c + 3 * wide, v + 12, narrow, ones);
  }
  if (n > 0) s0 += term(weights, c, v, narrow, ones);
  if (n > 1) s1 += term(weights, c + wide, v + 4, narrow, ones);
  if (n > 2) s2 += term(weights, c + 2 * wide, v + 8, narrow, ones);
  return s0 + s2 + (s1 + s3);
}

// @ts-ignore: decorator
@inline
function dot(weights: usize, columns: usize, narrow: i32, values: usize, from: usize, to: usize): f32 {
  const n = to - from;
  const v = values + (from << 2);
  if (narrow) {
    const c = columns + (from << 1);
    return values ? dotOf(weights, c, v, n, true, false) : dotOf(weights, c, v, n, true, true);
  }
  const c = columns + (from << 2);
  return values ? dotOf(weights, c, v, n, false, false) : dotOf(weights, c, v, n, false, true);
}

// @ts-ignore: decorator
@inline
function subtractOf(weights: usize, columns: usize, values: usize, n: usize, factor: f32, narrow: bool, ones: bool): void {
  const wide: usize = narrow ? 2 : 4;
  for (let c = columns, v = values, end = columns + n * wide; c < end; c += wide, v += 4) {
    const w = weights + place(c, narrow);
    store<f32>(w, load<f32>(w) - (ones ? factor : factor * load<f32>(v)));
  }
}

// w -= factor x
// @ts-ignore: decorator
@inline
function subtract(weights: usize, columns: usize, narrow: i32, values: usize, from: usize, to: usize, factor: f32): void {
  const n = to - from;
  const v = values + (from << 2);
  if (narrow) {
    const c = columns + (from << 1);
    if (values) subtractOf(weights, c, v, n, factor, true, false);
    else subtractOf(weights, c, v, n, factor, true, true);
  } else {
    const c = columns + (from << 2);
    if (values) subtractOf(weights, c, v, n, factor, false, false);
    else subtractOf(weights, c, v, n, factor, false, true);
  }
}

// w -= factor x + min(1, rate spread) w, of the coordinates that x has
function pull(
  weights: usize, columns: usize, narrow: i32, values: usize, from: usize, to: usize, factor: f32, rate: f32, spread: usize,
): void {
  for (let k = from; k < to; k++) {
    const column = narrow ? place(columns + (k << 1), true) : place(columns + (k << 2), false);
    const w = load<f32>(weights + column);
    const part = min(<f32>1, rate * load<f32>(spread + column));
    const x: f32 = values ? load<f32>(values + (k << 2)) : 1;
    store<f32>(weights + column, w - (factor * x + part * w));
  }
}

// w *= scale, rounded once
function shrink(weights: usize, n: i32, scale: f64): void {
  for (; n > 0; n--, weights += 4) store<f32>(weights, <f32>(<f64>load<f32>(weights) * scale));
}
