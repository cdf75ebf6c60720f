// Linear models of sparse rows, which are read where they lie. See SparseKernels in kernels.ts.
import { exp1, log } from './exponential';

const FULL: f64 = 1e150;
const LEAST: f64 = 0.0009765625; // 2^-10

export function gatherSparse(
  to: usize, offsets: usize, columns: usize, values: usize, numbers: usize, rows: i32, features: i32,
): void {
  const stride = <usize>features << 2;
  memory.fill(to, 0, stride * <usize>rows);
  for (; rows > 0; rows--, numbers += 4, to += stride) {
    const row = offsets + (load<usize>(numbers) << 2);
    const last = load<usize>(row, 4) << 2;
    for (let k = load<usize>(row) << 2; k < last; k += 4) {
      store<f32>(to + (load<usize>(columns + k) << 2), load<f32>(values + k));
    }
  }
}

export function sparseScores(
  scores: usize, weights: usize, features: i32, bias: i32,
  offsets: usize, columns: usize, values: usize, numbers: usize, rows: i32,
): void {
  const shift: f32 = bias ? load<f32>(weights + (<usize>features << 2)) : 0;
  for (; rows > 0; rows--, numbers += 4, scores += 4) {
    const row = offsets + (load<usize>(numbers) << 2);
    store<f32>(scores, dot(weights, columns, values, load<usize>(row) << 2, load<usize>(row, 4) << 2) + shift);
  }
}

export function sparseAdd(
  into: usize, slopes: usize, features: i32, bias: i32,
  offsets: usize, columns: usize, values: usize, numbers: usize, rows: i32,
): void {
  const shift = into + (<usize>features << 2);
  for (; rows > 0; rows--, numbers += 4, slopes += 4) {
    const row = offsets + (load<usize>(numbers) << 2);
    const slope = load<f32>(slopes);
    subtract(into, columns, values, load<usize>(row) << 2, load<usize>(row, 4) << 2, -slope);
    if (bias) store<f32>(shift, load<f32>(shift) + slope);
  }
}

export function sparseSweep(
  weights: usize, features: i32, bias: i32,
  offsets: usize, columns: usize, values: usize, targets: usize, numbers: usize,
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
      const z = dot(weights, columns, values, load<usize>(row) << 2, load<usize>(row, 4) << 2) * long + start;
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
      const from = load<usize>(row) << 2, to = load<usize>(row, 4) << 2;
      if (spread) pull(weights, columns, values, from, to, move, step * l2, spread);
      else subtract(weights, columns, values, from, to, move * short);
      if (bias) store<f32>(shift, load<f32>(shift) - move);
    }
  }
  if (scale != 1) shrink(weights, features, scale);
  return (loss + log(product)) / <f64>batch;
}

// Entry k counts in sum k modulo 4.
// @ts-ignore: decorator
@inline
function dot(weights: usize, columns: usize, values: usize, from: usize, to: usize): f32 {
  let s0: f32 = 0, s1: f32 = 0, s2: f32 = 0, s3: f32 = 0;
  let k = from;
  for (; k + 16 <= to; k += 16) {
    s0 += load<f32>(weights + (load<usize>(columns + k) << 2)) * load<f32>(values + k);
    s1 += load<f32>(weights + (load<usize>(columns + k, 4) << 2)) * load<f32>(values + k, 4);
    s2 += load<f32>(weights + (load<usize>(columns + k, 8) << 2)) * load<f32>(values + k, 8);
    s3 += load<f32>(weights + (load<usize>(columns + k, 12) << 2)) * load<f32>(values + k, 12);
  }
  if (k < to) s0 += load<f32>(weights + (load<usize>(columns + k) << 2)) * load<f32>(values + k);
  if (k + 4 < to) s1 += load<f32>(weights + (load<usize>(columns + k, 4) << 2)) * load<f32>(values + k, 4);
  if (k + 8 < to) s2 += load<f32>(weights + (load<usize>(columns + k, 8) << 2)) * load<f32>(values + k, 8);
  return s0 + s2 + (s1 + s3);
}

// w -= factor x
// @ts-ignore: decorator
@inline
function subtract(weights: usize, columns: usize, values: usize, from: usize, to: usize, factor: f32): void {
  for (let k = from; k < to; k += 4) {
    const w = weights + (load<usize>(columns + k) << 2);
    store<f32>(w, load<f32>(w) - factor * load<f32>(values + k));
  }
}

// w -= factor x + min(1, rate spread) w, of the coordinates that x has
function pull(weights: usize, columns: usize, values: usize, from: usize, to: usize, factor: f32, rate: f32, spread: usize): void {
  for (let k = from; k < to; k += 4) {
    const column = load<usize>(columns + k) << 2;
    const w = load<f32>(weights + column);
    const part = min(<f32>1, rate * load<f32>(spread + column));
    store<f32>(weights + column, w - (factor * load<f32>(values + k) + part * w));
  }
}

// w *= scale, rounded once
function shrink(weights: usize, n: i32, scale: f64): void {
  for (; n > 0; n--, weights += 4) store<f32>(weights, <f32>(<f64>load<f32>(weights) * scale));
}
