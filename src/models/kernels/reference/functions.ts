import type { ActivationKernels, LossKernels, Memory, UpdateKernels } from '../kernels.js';

const f32 = Math.fround;

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
    relu: map(x => Math.max(x, 0)),
    reluGradient: scale(y => (y > 0 ? 1 : 0)),
    tanh: map(Math.tanh),
    tanhGradient: scale(y => 1 - y * y),
    gelu: map(x => x * phi(x)),
    geluGradient: scale(z => phi(z) + (z * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI)),
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
