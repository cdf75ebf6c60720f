import type { UpdateKernels } from '../contract/update.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** See `adam` in contract/update.ts. */
const flushed = (m: number) => (Math.abs(m) < 2 ** -126 ? 0 : m);
const floored = (v: number) => (v < 2 ** -100 ? 2 ** -100 : v);

/** Optimizer updates; each operation rounded to f32. */
export function updateKernels(memory: Memory): UpdateKernels {
  const floats = new Float32Array(memory.buffer);
  return {
    sgd(weights, gradient, n, rate, decay) {
      weights >>>= 2;
      gradient >>>= 2;
      for (let i = 0; i < n; i++) {
        const w = floats[weights + i];
        floats[weights + i] = w - f32(f32(rate) * f32(floats[gradient + i] + f32(f32(decay) * w)));
      }
    },

    momentum(weights, gradient, velocity, n, rate, friction, decay, nesterov) {
      weights >>>= 2;
      gradient >>>= 2;
      velocity >>>= 2;
      const f = f32(friction);
      for (let i = 0; i < n; i++) {
        const w = floats[weights + i];
        const d = f32(floats[gradient + i] + f32(f32(decay) * w));
        const v = f32(f32(f * floats[velocity + i]) + d);
        floats[velocity + i] = v;
        floats[weights + i] = w - f32(f32(rate) * (nesterov ? f32(d + f32(f * v)) : v));
      }
    },

    adam(weights, gradient, mean, square, n, rate, beta1, beta2, scale, eps, decay, fade) {
      const towards = directions(floats, gradient, mean, square, beta1, beta2, scale, eps, decay, fade);
      weights >>>= 2;
      for (let i = 0; i < n; i++) floats[weights + i] -= f32(f32(rate) * towards(i, floats[weights + i]));
    },

    lamb(weights, gradient, mean, square, n, beta1, beta2, scale, eps, fade) {
      const towards = directions(floats, gradient, mean, square, beta1, beta2, scale, eps, 0, fade);
      weights >>>= 2;
      gradient >>>= 2;
      for (let i = 0; i < n; i++) floats[gradient + i] = towards(i, floats[weights + i]);
    },

    adaptive(weights, gradient, square, n, rate, keep, gain, eps, decay) {
      weights >>>= 2;
      gradient >>>= 2;
      square >>>= 2;
      for (let i = 0; i < n; i++) {
        const w = floats[weights + i];
        const d = f32(floats[gradient + i] + f32(f32(decay) * w));
        const v = floored(f32(f32(f32(keep) * floats[square + i]) + f32(f32(gain) * f32(d * d))));
        floats[square + i] = v;
        floats[weights + i] = w - f32(f32(rate) * f32(d / f32(f32(Math.sqrt(v)) + f32(eps))));
      }
    },

    squares(from, n) {
      from >>>= 2;
      const s = new Float64Array(8);
      for (let i = 0; i < n; i++) s[i & 7] += floats[from + i] * floats[from + i];
      return s[0] + s[4] + (s[2] + s[6]) + (s[1] + s[5] + (s[3] + s[7]));
    },

    scale(to, n, factor) {
      to >>>= 2;
      for (let i = 0; i < n; i++) floats[to + i] *= f32(factor);
    },
  };
}

/** Moves both moments of number i, whose weight is w. Returns m / (scale sqrt(v) + eps) + fade w. */
function directions(
  floats: Float32Array,
  gradient: number,
  mean: number,
  square: number,
  beta1: number,
  beta2: number,
  scale: number,
  eps: number,
  decay: number,
  fade: number,
): (i: number, w: number) => number {
  gradient >>>= 2;
  mean >>>= 2;
  square >>>= 2;
  return (i, w) => {
    const d = f32(floats[gradient + i] + f32(f32(decay) * w));
    const m = flushed(f32(f32(f32(beta1) * floats[mean + i]) + f32(f32(1 - beta1) * d)));
    const v = floored(f32(f32(f32(beta2) * floats[square + i]) + f32(f32(1 - beta2) * f32(d * d))));
    floats[mean + i] = m;
    floats[square + i] = v;
    const root = f32(f32(f32(scale) * f32(Math.sqrt(v))) + f32(eps));
    return f32(f32(m / root) + f32(f32(fade) * w));
  };
}
