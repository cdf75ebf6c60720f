// A dense layer of one output: the weights are a vector, so the lanes run along the inputs.

import { sum4 } from './part';
import { madd } from './fused';

// y = x w + bias
export function dots(y: usize, x: usize, weights: usize, bias: usize, rows: i32, inputs: i32): void {
  const stride = <usize>inputs << 2;
  const start = load<f32>(bias);
  for (; rows > 0; rows--, x += stride, y += 4) {
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let a = x, w = weights;
    let n = inputs;
    for (; n >= 16; n -= 16, a += 64, w += 64) {
      s0 = madd(v128.load(a), v128.load(w), s0);
      s1 = madd(v128.load(a, 16), v128.load(w, 16), s1);
      s2 = madd(v128.load(a, 32), v128.load(w, 32), s2);
      s3 = madd(v128.load(a, 48), v128.load(w, 48), s3);
    }
    for (; n >= 4; n -= 4, a += 16, w += 16) s0 = madd(v128.load(a), v128.load(w), s0);
    let sum = start + sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    for (; n > 0; n--, a += 4, w += 4) sum += load<f32>(a) * load<f32>(w);
    store<f32>(y, sum);
  }
}

// w (+)= x' dy: 16 weights stay in registers while the rows run
export function addRows(weights: usize, x: usize, dy: usize, rows: i32, inputs: i32, keep: i32): void {
  const stride = <usize>inputs << 2;
  const zero = f32x4.splat(0);
  let n = inputs;
  for (; n >= 16; n -= 16, weights += 64, x += 64) {
    let s0 = keep ? v128.load(weights) : zero, s1 = keep ? v128.load(weights, 16) : zero;
    let s2 = keep ? v128.load(weights, 32) : zero, s3 = keep ? v128.load(weights, 48) : zero;
    for (let r = 0, a = x, d = dy; r < rows; r++, a += stride, d += 4) {
      const t = v128.load32_splat(d);
      s0 = madd(t, v128.load(a), s0);
      s1 = madd(t, v128.load(a, 16), s1);
      s2 = madd(t, v128.load(a, 32), s2);
      s3 = madd(t, v128.load(a, 48), s3);
    }
    v128.store(weights, s0);
    v128.store(weights, s1, 16);
    v128.store(weights, s2, 32);
    v128.store(weights, s3, 48);
  }
  for (; n >= 4; n -= 4, weights += 16, x += 16) {
    let s = keep ? v128.load(weights) : zero;
    for (let r = 0, a = x, d = dy; r < rows; r++, a += stride, d += 4) s = madd(v128.load32_splat(d), v128.load(a), s);
    v128.store(weights, s);
  }
  for (; n > 0; n--, weights += 4, x += 4) {
    let s: f32 = keep ? load<f32>(weights) : 0;
    for (let r = 0, a = x, d = dy; r < rows; r++, a += stride, d += 4) s += load<f32>(a) * load<f32>(d);
    store<f32>(weights, s);
  }
}
