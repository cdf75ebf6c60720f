import { bell4, phi4, tanh4 } from './exponential';
import { put, take } from './part';

// One instruction, as f32x4.max is eight; NaN stays.
export function relu(to: usize, from: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (; n >= 8; n -= 8, to += 32, from += 32) {
    v128.store(to, f32x4.pmax(v128.load(from), zero));
    v128.store(to, f32x4.pmax(v128.load(from, 16), zero), 16);
  }
  for (; n > 0; n--, to += 4, from += 4) {
    const x = load<f32>(from);
    store<f32>(to, x < 0 ? 0 : x);
  }
}

export function reluGradient(d: usize, y: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (; n >= 4; n -= 4, d += 16, y += 16) v128.store(d, v128.and(v128.load(d), f32x4.gt(v128.load(y), zero)));
  for (; n > 0; n--, d += 4, y += 4) if (!(load<f32>(y) > 0)) store<f32>(d, 0);
}

export function tanh(to: usize, from: usize, n: i32): void {
  for (; n >= 4; n -= 4, to += 16, from += 16) v128.store(to, tanh4(v128.load(from)));
  if (n > 0) put(to, tanh4(take(from, n)), n);
}

export function tanhGradient(d: usize, y: usize, n: i32): void {
  for (; n >= 4; n -= 4, d += 16, y += 16) v128.store(d, tanhSlope(v128.load(d), v128.load(y)));
  if (n > 0) put(d, tanhSlope(take(d, n), take(y, n)), n);
}

export function gelu(to: usize, from: usize, n: i32): void {
  for (; n >= 4; n -= 4, to += 16, from += 16) v128.store(to, gelu4(v128.load(from)));
  if (n > 0) put(to, gelu4(take(from, n)), n);
}

export function geluKept(to: usize, slope: usize, from: usize, n: i32): void {
  for (; n >= 4; n -= 4, to += 16, slope += 16, from += 16) {
    const x = v128.load(from);
    const bell = bell4(x);
    const phi = phi4(x, bell);
    v128.store(slope, geluSlope(x, phi, bell));
    v128.store(to, f32x4.mul(x, phi));
  }
  if (n > 0) {
    const x = take(from, n);
    const bell = bell4(x);
    const phi = phi4(x, bell);
    put(slope, geluSlope(x, phi, bell), n);
    put(to, f32x4.mul(x, phi), n);
  }
}

export function multiply(to: usize, by: usize, n: i32): void {
  for (; n >= 4; n -= 4, to += 16, by += 16) v128.store(to, f32x4.mul(v128.load(to), v128.load(by)));
  if (n > 0) put(to, f32x4.mul(take(to, n), take(by, n)), n);
}

// @ts-ignore: decorator
@inline
function tanhSlope(d: v128, y: v128): v128 {
  return f32x4.mul(d, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)));
}

// @ts-ignore: decorator
@inline
function gelu4(x: v128): v128 {
  return f32x4.mul(x, phi4(x, bell4(x)));
}

// Phi(z) + z phi(z)
// @ts-ignore: decorator
@inline
function geluSlope(z: v128, phi: v128, bell: v128): v128 {
  return f32x4.add(phi, f32x4.mul(z, f32x4.mul(bell, f32x4.splat(0.39894228040143268))));
}
