// Optimizer updates: one pass over weights, gradient and state. Never fused: the same bits in both modules.
import { put, take } from './part';

// w -= rate (g + decay w)
export function sgd(weights: usize, gradient: usize, n: i32, rate: f32, decay: f32): void {
  const r = f32x4.splat(rate);
  const c = f32x4.splat(decay);
  for (; n >= 4; n -= 4, weights += 16, gradient += 16) {
    v128.store(weights, sgd4(v128.load(weights), v128.load(gradient), r, c));
  }
  if (n > 0) put(weights, sgd4(take(weights, n), take(gradient, n), r, c), n);
}

// d = g + decay w; v = friction v + d; w -= rate (nesterov ? d + friction v : v)
export function momentum(
  weights: usize, gradient: usize, velocity: usize, n: i32, rate: f32, friction: f32, decay: f32, nesterov: i32,
): void {
  const r = f32x4.splat(rate);
  const f = f32x4.splat(friction);
  const c = f32x4.splat(decay);
  for (; n >= 4; n -= 4, weights += 16, gradient += 16, velocity += 16) {
    const w = v128.load(weights);
    const d = f32x4.add(v128.load(gradient), f32x4.mul(c, w));
    const v = f32x4.add(f32x4.mul(f, v128.load(velocity)), d);
    v128.store(velocity, v);
    v128.store(weights, f32x4.sub(w, f32x4.mul(r, nesterov ? f32x4.add(d, f32x4.mul(f, v)) : v)));
  }
  if (n > 0) {
    const w = take(weights, n);
    const d = f32x4.add(take(gradient, n), f32x4.mul(c, w));
    const v = f32x4.add(f32x4.mul(f, take(velocity, n)), d);
    put(velocity, v, n);
    put(weights, f32x4.sub(w, f32x4.mul(r, nesterov ? f32x4.add(d, f32x4.mul(f, v)) : v)), n);
  }
}

// d = g + decay w; m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d d; w -= rate (m / (scale sqrt(v) + eps) + fade w)
export function adam(
  weights: usize, gradient: usize, mean: usize, square: usize, n: i32, rate: f32,
  beta1: f64, beta2: f64, scale: f32, eps: f32, decay: f32, fade: f32,
): void {
  const r = f32x4.splat(rate);
  const b1 = f32x4.splat(<f32>beta1);
  const a1 = f32x4.splat(<f32>(1.0 - beta1));
  const b2 = f32x4.splat(<f32>beta2);
  const a2 = f32x4.splat(<f32>(1.0 - beta2));
  const s = f32x4.splat(scale);
  const e = f32x4.splat(eps);
  const c = f32x4.splat(decay);
  const f = f32x4.splat(fade);
  for (; n >= 4; n -= 4, weights += 16, gradient += 16, mean += 16, square += 16) {
    const w = v128.load(weights);
    const d = f32x4.add(v128.load(gradient), f32x4.mul(c, w));
    v128.store(weights, f32x4.sub(w, f32x4.mul(r, towards(w, d, mean, square, 4, b1, a1, b2, a2, s, e, f))));
  }
  if (n > 0) {
    const w = take(weights, n);
    const d = f32x4.add(take(gradient, n), f32x4.mul(c, w));
    put(weights, f32x4.sub(w, f32x4.mul(r, towards(w, d, mean, square, n, b1, a1, b2, a2, s, e, f))), n);
  }
}

// The same with decay = 0, up to where the rate comes in: it takes the place of the gradient.
export function lamb(
  weights: usize, gradient: usize, mean: usize, square: usize, n: i32,
  beta1: f64, beta2: f64, scale: f32, eps: f32, fade: f32,
): void {
  const b1 = f32x4.splat(<f32>beta1);
  const a1 = f32x4.splat(<f32>(1.0 - beta1));
  const b2 = f32x4.splat(<f32>beta2);
  const a2 = f32x4.splat(<f32>(1.0 - beta2));
  const s = f32x4.splat(scale);
  const e = f32x4.splat(eps);
  const f = f32x4.splat(fade);
  for (; n >= 4; n -= 4, weights += 16, gradient += 16, mean += 16, square += 16) {
    const d = v128.load(gradient);
    v128.store(gradient, towards(v128.load(weights), d, mean, square, 4, b1, a1, b2, a2, s, e, f));
  }
  if (n > 0) {
    const d = take(gradient, n);
    put(gradient, towards(take(weights, n), d, mean, square, n, b1, a1, b2, a2, s, e, f), n);
  }
}

// d = g + decay w; v = keep v + gain d d; w -= rate (d / (sqrt(v) + eps))
export function adaptive(
  weights: usize, gradient: usize, square: usize, n: i32, rate: f32, keep: f32, gain: f32, eps: f32, decay: f32,
): void {
  const r = f32x4.splat(rate);
  const b = f32x4.splat(keep);
  const a = f32x4.splat(gain);
  const e = f32x4.splat(eps);
  const c = f32x4.splat(decay);
  for (; n >= 4; n -= 4, weights += 16, gradient += 16, square += 16) {
    const w = v128.load(weights);
    const d = f32x4.add(v128.load(gradient), f32x4.mul(c, w));
    const v = floored(f32x4.add(f32x4.mul(b, v128.load(square)), f32x4.mul(a, f32x4.mul(d, d))));
    v128.store(square, v);
    v128.store(weights, f32x4.sub(w, f32x4.mul(r, f32x4.div(d, f32x4.add(f32x4.sqrt(v), e)))));
  }
  if (n > 0) {
    const w = take(weights, n);
    const d = f32x4.add(take(gradient, n), f32x4.mul(c, w));
    const v = floored(f32x4.add(f32x4.mul(b, take(square, n)), f32x4.mul(a, f32x4.mul(d, d))));
    put(square, v, n);
    put(weights, f32x4.sub(w, f32x4.mul(r, f32x4.div(d, f32x4.add(f32x4.sqrt(v), e)))), n);
  }
}

// Sum of squares: s0 to s7, of every eighth number each, then ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)).
export function squares(from: usize, n: i32): f64 {
  let s01 = f64x2.splat(0), s23 = s01, s45 = s01, s67 = s01;
  for (; n >= 8; n -= 8, from += 32) {
    const x = v128.load(from);
    const y = v128.load(from, 16);
    s01 = f64x2.add(s01, low2(x));
    s23 = f64x2.add(s23, low2(high(x)));
    s45 = f64x2.add(s45, low2(y));
    s67 = f64x2.add(s67, low2(high(y)));
  }
  if (n > 0) {
    const x = n >= 4 ? v128.load(from) : take(from, n);
    s01 = f64x2.add(s01, low2(x));
    s23 = f64x2.add(s23, low2(high(x)));
    if (n > 4) {
      const y = take(from + 16, n - 4);
      s45 = f64x2.add(s45, low2(y));
      s67 = f64x2.add(s67, low2(high(y)));
    }
  }
  const s = f64x2.add(f64x2.add(s01, s45), f64x2.add(s23, s67));
  return f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
}

// x *= factor
export function scale(to: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (; n >= 4; n -= 4, to += 16) v128.store(to, f32x4.mul(f, v128.load(to)));
  if (n > 0) put(to, f32x4.mul(f, take(to, n)), n);
}

// Moves the moments of `count` (1..4) numbers. Returns m / (scale sqrt(v) + eps) + fade w.
// @ts-ignore: decorator
@inline
function towards(
  w: v128, d: v128, mean: usize, square: usize, count: i32,
  b1: v128, a1: v128, b2: v128, a2: v128, scale: v128, eps: v128, fade: v128,
): v128 {
  const m = flushed(f32x4.add(f32x4.mul(b1, count == 4 ? v128.load(mean) : take(mean, count)), f32x4.mul(a1, d)));
  const v = floored(
    f32x4.add(f32x4.mul(b2, count == 4 ? v128.load(square) : take(square, count)), f32x4.mul(a2, f32x4.mul(d, d))),
  );
  if (count == 4) {
    v128.store(mean, m);
    v128.store(square, v);
  } else {
    put(mean, m, count);
    put(square, v, count);
  }
  const root = f32x4.add(f32x4.mul(scale, f32x4.sqrt(v)), eps);
  return f32x4.add(f32x4.div(m, root), f32x4.mul(fade, w));
}

// 0 in the place of what is below 2^-126; NaN stays.
// @ts-ignore: decorator
@inline
function flushed(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(reinterpret<f32>(0x00800000))));
}

// At least 2^-100; NaN stays.
// @ts-ignore: decorator
@inline
function floored(x: v128): v128 {
  return f32x4.pmax(x, f32x4.splat(reinterpret<f32>(0x0d800000)));
}

// The squares of the first two lanes, in f64.
// @ts-ignore: decorator
@inline
function low2(x: v128): v128 {
  const y = f64x2.promote_low_f32x4(x);
  return f64x2.mul(y, y);
}

// The last two lanes, first.
// @ts-ignore: decorator
@inline
function high(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

// @ts-ignore: decorator
@inline
function sgd4(w: v128, g: v128, rate: v128, decay: v128): v128 {
  return f32x4.sub(w, f32x4.mul(rate, f32x4.add(g, f32x4.mul(decay, w))));
}
