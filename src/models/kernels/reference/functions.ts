import type { ActivationKernels, LossKernels, Memory, UpdateKernels } from '../kernels.js';

const f32 = Math.fround;

/** See `adam` in kernels.ts. */
const flushed = (m: number) => (Math.abs(m) < 2 ** -126 ? 0 : m);
const floored = (v: number) => (v < 2 ** -100 ? 2 ** -100 : v);

/** Activations in f64, rounded once. */
export function activationKernels(memory: Memory): ActivationKernels {
  const floats = new Float32Array(memory.buffer);
  const map = (f: (x: number) => number) => (to: number, from: number, n: number) => {
    to >>>= 2;
    from >>>= 2;
    for (let i = 0; i < n; i++) floats[to + i] = f(floats[from + i]);
  };
  const scale = (slope: (x: number) => number) => (d: number, at: number, n: number) => {
    d >>>= 2;
    at >>>= 2;
    for (let i = 0; i < n; i++) floats[d + i] *= slope(floats[at + i]);
  };
  return {
    relu: map(x => (x < 0 ? 0 : x)),
    reluGradient: scale(y => (y > 0 ? 1 : 0)),
    tanh: map(Math.tanh),
    tanhGradient: scale(y => 1 - y * y),
    gelu: map(x => x * phi(x)),
    geluKept(to, slope, from, n) {
      const slopeOf = (z: number) => phi(z) + (z * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
      for (let k = 0; k < n; k++) {
        const z = floats[(from >>> 2) + k];
        floats[(slope >>> 2) + k] = slopeOf(z);
        floats[(to >>> 2) + k] = z * phi(z);
      }
    },
    multiply: scale(by => by),
  };
}

/** Losses in f64. */
export function lossKernels(memory: Memory): LossKernels {
  const floats = new Float32Array(memory.buffer);
  const labels = new Int32Array(memory.buffer);
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

  /** to = softmax of a row; returns log(sum of exp). */
  function softmaxRow(to: number, from: number, classes: number): number {
    let high = -Infinity;
    for (let j = 0; j < classes; j++) high = Math.max(high, floats[from + j]);
    let sum = 0;
    for (let j = 0; j < classes; j++) sum += Math.exp(floats[from + j] - high);
    for (let j = 0; j < classes; j++) floats[to + j] = Math.exp(floats[from + j] - high) / sum;
    return high + Math.log(sum);
  }

  return {
    softmaxLoss(gradient, scores, targets, rows, classes, scale) {
      gradient >>>= 2;
      scores >>>= 2;
      targets >>>= 2;
      let loss = 0;
      for (let r = 0; r < rows; r++) {
        const label = labels[targets + r];
        const score = floats[scores + r * classes + label];
        loss += softmaxRow(gradient + r * classes, scores + r * classes, classes) - score;
        floats[gradient + r * classes + label] -= 1;
        for (let j = 0; j < classes; j++) floats[gradient + r * classes + j] *= scale;
      }
      return loss;
    },

    logisticLoss(gradient, scores, targets, rows, scale) {
      gradient >>>= 2;
      scores >>>= 2;
      targets >>>= 2;
      let loss = 0;
      for (let r = 0; r < rows; r++) {
        const z = floats[scores + r];
        const label = labels[targets + r];
        loss += Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z)));
        floats[gradient + r] = scale * (sigmoid(z) - label);
      }
      return loss;
    },

    squaredLoss(gradient, outputs, targets, n, scale) {
      gradient >>>= 2;
      outputs >>>= 2;
      targets >>>= 2;
      let loss = 0;
      for (let i = 0; i < n; i++) {
        const d = floats[outputs + i] - floats[targets + i];
        loss += 0.5 * d * d;
        floats[gradient + i] = scale * d;
      }
      return loss;
    },

    softmax(probabilities, scores, rows, classes) {
      for (let r = 0; r < rows; r++) softmaxRow((probabilities >>> 2) + r * classes, (scores >>> 2) + r * classes, classes);
    },

    logistic(probabilities, scores, rows) {
      for (let r = 0; r < rows; r++) floats[(probabilities >>> 2) + r] = sigmoid(floats[(scores >>> 2) + r]);
    },

    correct(scores, targets, rows, classes) {
      scores >>>= 2;
      targets >>>= 2;
      let count = 0;
      for (let r = 0; r < rows; r++) {
        let best = 0;
        for (let j = 1; j < classes; j++) if (floats[scores + r * classes + j] > floats[scores + r * classes + best]) best = j;
        if (best === labels[targets + r]) count++;
      }
      return count;
    },
  };
}

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

/**
 * The normal distribution function: the series of erf where its terms stay small, the continued fraction of its tail beyond
 * (Abramowitz and Stegun 26.2.11 and 26.2.14), both to f64 accuracy.
 */
function phi(x: number): number {
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) < 3) {
    let term = x;
    let sum = x;
    for (let k = 3; k < 100; k += 2) sum += term *= (x * x) / k;
    return 0.5 + density * sum;
  }
  let tail = 0;
  for (let k = 60; k > 0; k--) tail = k / (Math.abs(x) + tail);
  const beyond = density / (Math.abs(x) + tail);
  return x < 0 ? beyond : 1 - beyond;
}
