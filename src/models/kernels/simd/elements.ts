// What algorithms' own kernels are made of: see ElementKernels. In f64, two at a time, rounded to f32 when they are stored; the last of a
// row one by one.

// @ts-ignore: decorator
@inline
function wide(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(from));
}

// @ts-ignore: decorator
@inline
function put(to: usize, x: v128): void {
  v128.store64_lane(to, f32x4.demote_f64x2_zero(x), 0);
}

// @ts-ignore: decorator
@inline
function one(from: usize): f64 {
  return <f64>load<f32>(from);
}

export function gap(to: usize, a: usize, b: usize, c: usize, n: i32): void {
  for (; n >= 4; n -= 4, to += 16, a += 16, b += 16, c += 16) {
    const low = f64x2.sub(f64x2.add(wide(a), wide(b)), wide(c));
    const high = f64x2.sub(f64x2.add(wide(a + 8), wide(b + 8)), wide(c + 8));
    put(to, low);
    put(to + 8, high);
  }
  for (; n > 0; n--, to += 4, a += 4, b += 4, c += 4) store<f32>(to, <f32>(one(a) + one(b) - one(c)));
}

export function add(to: usize, a: usize, b: usize, w: f64, n: i32): void {
  const ws = f64x2.splat(w);
  for (; n >= 4; n -= 4, to += 16, a += 16, b += 16) {
    const low = f64x2.add(wide(a), f64x2.mul(ws, wide(b)));
    const high = f64x2.add(wide(a + 8), f64x2.mul(ws, wide(b + 8)));
    put(to, low);
    put(to + 8, high);
  }
  for (; n > 0; n--, to += 4, a += 4, b += 4) store<f32>(to, <f32>(one(a) + w * one(b)));
}

export function follow(to: usize, a: usize, b: usize, c: usize, u: f64, w: f64, n: i32): void {
  const us = f64x2.splat(u), ws = f64x2.splat(w);
  for (; n >= 4; n -= 4, to += 16, a += 16, b += 16, c += 16) {
    const low = f64x2.add(f64x2.mul(us, wide(a)), f64x2.mul(ws, f64x2.sub(wide(b), wide(c))));
    const high = f64x2.add(f64x2.mul(us, wide(a + 8)), f64x2.mul(ws, f64x2.sub(wide(b + 8), wide(c + 8))));
    put(to, low);
    put(to + 8, high);
  }
  for (; n > 0; n--, to += 4, a += 4, b += 4, c += 4) store<f32>(to, <f32>(u * one(a) + w * (one(b) - one(c))));
}

// The quotient of two floats is the same in f32: that of f64 has more than twice the digits.
export function divide(to: usize, a: usize, b: usize, n: i32): void {
  const zero = f32x4.splat(0), unit = f32x4.splat(1);
  for (; n >= 4; n -= 4, to += 16, a += 16, b += 16) {
    const y = v128.load(b);
    const known = v128.or(f32x4.lt(y, zero), f32x4.gt(y, zero));
    v128.store(to, f32x4.div(v128.load(a), v128.bitselect(y, unit, known)));
  }
  for (; n > 0; n--, to += 4, a += 4, b += 4) {
    const y = load<f32>(b);
    store<f32>(to, load<f32>(a) / (y < 0 || y > 0 ? y : <f32>1));
  }
}

export function adapt(
  to: usize, toSecond: usize, from: usize, second: usize, gap: usize, beta: f64, correction: f64, gamma: f64, n: i32,
): void {
  const betas = f64x2.splat(beta), rests = f64x2.splat(1 - beta), corrections = f64x2.splat(correction);
  const gammas = f64x2.splat(gamma), least = f64x2.splat(1e-8), unit = f64x2.splat(1);
  for (; n >= 2; n -= 2, to += 8, toSecond += 8, from += 8, second += 8, gap += 8) {
    const g = wide(gap);
    const v = f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(betas, wide(second)), f64x2.mul(f64x2.mul(rests, g), g)));
    const root = f64x2.sqrt(f64x2.div(f64x2.promote_low_f32x4(v), corrections));
    const step = f64x2.pmin(f64x2.div(gammas, f64x2.add(root, least)), unit); // NaN stays
    const x = f64x2.add(wide(from), f64x2.mul(step, g));
    v128.store64_lane(toSecond, v, 0);
    put(to, x);
  }
  if (n > 0) {
    const g = one(gap);
    const v = <f32>(beta * one(second) + (1 - beta) * g * g);
    const step = min<f64>(gamma / (sqrt<f64>(<f64>v / correction) + 1e-8), 1);
    const x = one(from) + step * g;
    store<f32>(toSecond, v);
    store<f32>(to, <f32>x);
  }
}

export function rescale(
  toScale: usize, toSum: usize, sum: usize, measured: usize, kept: f64, weight: f64, alpha: f64, squared: i32, added: i32, n: i32,
): void {
  const keeps = f64x2.splat(kept), rests = f64x2.splat(1 - kept), weights = f64x2.splat(weight), alphas = f64x2.splat(alpha);
  for (; n >= 2; n -= 2, toScale += 8, toSum += 8, sum += 8, measured += 8) {
    let h = wide(measured);
    if (squared) h = f64x2.mul(h, h);
    const total = f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(keeps, wide(sum)), f64x2.mul(rests, h)));
    const mean = f64x2.div(f64x2.promote_low_f32x4(total), weights);
    const d = squared ? f64x2.sqrt(mean) : f64x2.abs(mean);
    v128.store64_lane(toSum, total, 0);
    put(toScale, added ? f64x2.add(d, alphas) : f64x2.max(alphas, d));
  }
  if (n > 0) {
    let h = one(measured);
    if (squared) h *= h;
    const total = <f32>(kept * one(sum) + (1 - kept) * h);
    const mean = <f64>total / weight;
    const d = squared ? sqrt<f64>(mean) : abs<f64>(mean);
    store<f32>(toSum, total);
    store<f32>(toScale, <f32>(added ? d + alpha : max<f64>(alpha, d)));
  }
}
