// Dropout: four draws at a time.

import { draw, draw4 } from './dither';

export function dropout(to: usize, from: usize, n: i32, rate: f32, a: i32, b: i32): void {
  const bound = <i32><u32>(<f64>rate * 4294967296.0);
  const factor: f32 = <f32>1 / (<f32>1 - rate);
  const bounds = i32x4.splat(bound);
  const factors = f32x4.splat(factor);
  const keys = i32x4.splat(b);
  let k = i32x4.add(i32x4.splat(a), i32x4(0, 1, 2, 3));
  let i = 0;
  for (; i + 4 <= n; i += 4, to += 16, from += 16) {
    const dropped = i32x4.lt_u(draw4(keys, k), bounds);
    v128.store(to, v128.andnot(f32x4.mul(v128.load(from), factors), dropped));
    k = i32x4.add(k, i32x4.splat(4));
  }
  for (; i < n; i++, to += 4, from += 4) {
    const dropped = <u32>draw(a, b, i) < <u32>bound;
    store<f32>(to, dropped ? 0 : load<f32>(from) * factor);
  }
}
