import type { ActivationKernels } from '../contract/activation.js';
import type { Memory } from '../memory.js';

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
