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

// @ts-ignore: decorator
@inline
function sgd4(w: v128, g: v128, rate: v128, decay: v128): v128 {
  return f32x4.sub(w, f32x4.mul(rate, f32x4.add(g, f32x4.mul(decay, w))));
}
