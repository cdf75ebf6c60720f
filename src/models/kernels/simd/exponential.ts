// exp, tanh, erf and log from additions, multiplications and divisions alone, never fused: the same bits on every machine and in
// both modules. NaN stays NaN.

// exp, relative error below 2e-7 (Cephes expf): x = n log 2 + r, a polynomial in r, and n goes into the exponent. Clamped to
// normal results.
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.3)), f32x4.splat(-87.3)); // NaN stays
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  const power = i32x4.shl(f32x4.add(n, f32x4.splat(12583039)), 23); // 1.5 2^23 + 127: n + 127 in the lowest bits
  return f32x4.mul(p, power);
}

// tanh (Cephes tanhf): an odd polynomial below 0.625, 1 - 2 / (exp 2x + 1) above.
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const one = f32x4.splat(1);
  const e = exp4(f32x4.add(size, size));
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
  const sign = i32x4.splat(i32.MIN_VALUE);
  return v128.bitselect(near, v128.bitselect(x, far, sign), f32x4.lt(size, f32x4.splat(0.625)));
}

// The normal distribution function (1 + erf(x / sqrt 2)) / 2, absolute error below 3e-7 (Abramowitz and Stegun 7.1.26).
// `bell` is exp(-x^2 / 2).
// @ts-ignore: decorator
@inline
export function phi4(x: v128, bell: v128): v128 {
  const one = f32x4.splat(1);
  const a = f32x4.mul(f32x4.abs(x), f32x4.splat(0.70710678118654752));
  const t = f32x4.div(one, f32x4.add(one, f32x4.mul(a, f32x4.splat(0.3275911))));
  let p = f32x4.splat(1.061405429);
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-1.453152027));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.421413741));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.284496736));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.254829592));
  const half = f32x4.splat(0.5);
  const upper = f32x4.mul(half, f32x4.mul(f32x4.mul(p, t), bell)); // the probability beyond |x|
  return v128.bitselect(upper, f32x4.sub(one, upper), f32x4.lt(x, f32x4.splat(0)));
}

// exp(-x^2 / 2)
// @ts-ignore: decorator
@inline
export function bell4(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.splat(-0.5), f32x4.mul(x, x)));
}

// log of a number >= 1 (or NaN), error below 1e-11: x = 2^k m, log m = 2 artanh((m - 1) / (m + 1)) by its series.
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<u64>(x);
  let k = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    k++;
  }
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let series: f64 = 0;
  series = (series + 1.0 / 13.0) * z;
  series = (series + 1.0 / 11.0) * z;
  series = (series + 1.0 / 9.0) * z;
  series = (series + 1.0 / 7.0) * z;
  series = (series + 1.0 / 5.0) * z;
  series = (series + 1.0 / 3.0) * z;
  return <f64>k * 0.6931471805599453 + 2 * s + 2 * s * series;
}
