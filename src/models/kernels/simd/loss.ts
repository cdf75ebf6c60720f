// Losses with their gradients, in one pass a row. Logarithms are taken of products: one a batch instead of one a row.
import { exp4, log } from './exponential';
import { lanes, put, sum4, take } from './part';

const FULL: f64 = 1e150;

export function softmaxLoss(gradient: usize, scores: usize, targets: usize, rows: i32, classes: i32, scale: f32): f64 {
  const stride = <usize>classes << 2;
  let loss: f64 = 0;
  let product: f64 = 1;
  for (; rows > 0; rows--, gradient += stride, scores += stride, targets += 4) {
    const target = load<usize>(targets) << 2;
    const high = highest(scores, classes);
    loss += <f64>high - <f64>load<f32>(scores + target);
    const sum = exponentials(gradient, scores, high, classes);
    product *= <f64>sum;
    if (product > FULL) {
      loss += log(product);
      product = 1;
    }
    multiply(gradient, scale / sum, classes);
    store<f32>(gradient + target, load<f32>(gradient + target) - scale);
  }
  return loss + log(product);
}

export function softmax(probabilities: usize, scores: usize, rows: i32, classes: i32): void {
  const stride = <usize>classes << 2;
  for (; rows > 0; rows--, probabilities += stride, scores += stride) {
    multiply(probabilities, <f32>1 / exponentials(probabilities, scores, highest(scores, classes), classes), classes);
  }
}

export function correct(scores: usize, targets: usize, rows: i32, classes: i32): i32 {
  let count = 0;
  for (; rows > 0; rows--, scores += <usize>classes << 2, targets += 4) {
    let best = 0;
    let high = load<f32>(scores);
    for (let j = 1; j < classes; j++) {
      const value = load<f32>(scores + (<usize>j << 2));
      if (value > high) {
        high = value;
        best = j;
      }
    }
    if (best == load<i32>(targets)) count++;
  }
  return count;
}

// -log of the probability of the label under p(1) = 1 / (1 + exp(-z)); the gradient is scale (p - label)
export function logisticLoss(gradient: usize, scores: usize, targets: usize, rows: i32, scale: f32): f64 {
  const one = f32x4.splat(1);
  const wide = f32x4.splat(scale);
  let loss: f64 = 0;
  let product: f64 = 1;
  for (; rows > 0; rows -= 4, gradient += 16, scores += 16, targets += 16) {
    const whole = rows >= 4;
    const z = whole ? v128.load(scores) : take(scores, rows);
    const t = f32x4.convert_i32x4_s(whole ? v128.load(targets) : take(targets, rows));
    const e = exp4(f32x4.neg(f32x4.abs(z)));
    const d = f32x4.add(one, e);
    const positive = f32x4.ge(z, f32x4.splat(0));
    const p = f32x4.div(v128.bitselect(one, e, positive), d);
    const g = f32x4.mul(wide, f32x4.sub(p, t));
    if (whole) v128.store(gradient, g);
    else put(gradient, g, rows);
    // max(z, 0) - z t, plus log d from the product; a lane beyond the end has z = 0, so its d must not count
    const rest = f32x4.sub(f32x4.max(z, f32x4.splat(0)), f32x4.mul(z, t));
    const factor = whole ? d : v128.bitselect(d, one, lanes(rows));
    loss += <f64>sum4(rest);
    product *= <f64>f32x4.extract_lane(factor, 0) * <f64>f32x4.extract_lane(factor, 1);
    product *= <f64>f32x4.extract_lane(factor, 2) * <f64>f32x4.extract_lane(factor, 3);
    if (product > FULL) {
      loss += log(product);
      product = 1;
    }
  }
  return loss + log(product);
}

// max(0, 1 - y z) with y = 2 label - 1; the gradient is -scale y where that is not 0
export function hingeLoss(gradient: usize, scores: usize, targets: usize, rows: i32, scale: f32): f64 {
  let loss: f64 = 0;
  for (; rows > 0; rows--, gradient += 4, scores += 4, targets += 4) {
    const z = load<f32>(scores);
    const y: f32 = load<i32>(targets) == 1 ? 1 : -1;
    const short = <f32>1 - y * z;
    loss += short > 0 ? <f64>short : <f64>(z * 0);
    store<f32>(gradient, short > 0 ? -scale * y : 0);
  }
  return loss;
}

// p = 1 / (1 + exp(-z)), kept apart from 0 / 0 on both sides
export function logistic(probabilities: usize, scores: usize, rows: i32): void {
  const one = f32x4.splat(1);
  for (; rows > 0; rows -= 4, probabilities += 16, scores += 16) {
    const z = rows >= 4 ? v128.load(scores) : take(scores, rows);
    const e = exp4(f32x4.neg(f32x4.abs(z)));
    const p = f32x4.div(v128.bitselect(one, e, f32x4.ge(z, f32x4.splat(0))), f32x4.add(one, e));
    if (rows >= 4) v128.store(probabilities, p);
    else put(probabilities, p, rows);
  }
}

// sum of (y - t)^2 / 2; the gradient is scale (y - t)
export function squaredLoss(gradient: usize, outputs: usize, targets: usize, n: i32, scale: f32): f64 {
  let loss: f64 = 0;
  for (; n > 0; n--, gradient += 4, outputs += 4, targets += 4) {
    const d = load<f32>(outputs) - load<f32>(targets);
    loss += 0.5 * <f64>d * <f64>d;
    store<f32>(gradient, scale * d);
  }
  return loss;
}

function highest(from: usize, n: i32): f32 {
  let high = load<f32>(from);
  if (n >= 4) {
    let wide = v128.load(from);
    for (n -= 4, from += 16; n >= 4; n -= 4, from += 16) wide = f32x4.max(wide, v128.load(from));
    high = max(
      max(f32x4.extract_lane(wide, 0), f32x4.extract_lane(wide, 1)),
      max(f32x4.extract_lane(wide, 2), f32x4.extract_lane(wide, 3)),
    );
  }
  for (; n > 0; n--, from += 4) high = max(high, load<f32>(from));
  return high;
}

// to = exp(from - high); returns the sum
function exponentials(to: usize, from: usize, high: f32, n: i32): f32 {
  const wide = f32x4.splat(high);
  let sum = f32x4.splat(0);
  for (; n >= 4; n -= 4, to += 16, from += 16) {
    const e = exp4(f32x4.sub(v128.load(from), wide));
    v128.store(to, e);
    sum = f32x4.add(sum, e);
  }
  if (n > 0) {
    const e = v128.and(exp4(f32x4.sub(take(from, n), wide)), lanes(n));
    put(to, e, n);
    sum = f32x4.add(sum, e);
  }
  return sum4(sum);
}

function multiply(at: usize, factor: f32, n: i32): void {
  const wide = f32x4.splat(factor);
  for (; n >= 4; n -= 4, at += 16) v128.store(at, f32x4.mul(wide, v128.load(at)));
  for (; n > 0; n--, at += 4) store<f32>(at, factor * load<f32>(at));
}
