import type { ElementKernels } from '../contract/elements.js';
import type { Memory } from '../memory.js';
import { topk } from './topk.js';

/** The element kernels in plain TypeScript, whose numbers are f64: what is stored is rounded to f32. Every other set gives the same bits. */
export function elementKernels({ buffer }: Memory): ElementKernels {
  const floats = (address: number, n: number) => new Float32Array(buffer, address, n);
  return {
    gap(to, a, b, c, n) {
      const [out, x, y, z] = [to, a, b, c].map(address => floats(address, n));
      for (let k = 0; k < n; k++) out[k] = x[k] + y[k] - z[k];
    },

    add(to, a, b, w, n) {
      const [out, x, y] = [to, a, b].map(address => floats(address, n));
      for (let k = 0; k < n; k++) out[k] = x[k] + w * y[k];
    },

    follow(to, a, b, c, u, w, n) {
      const [out, x, y, z] = [to, a, b, c].map(address => floats(address, n));
      for (let k = 0; k < n; k++) out[k] = u * x[k] + w * (y[k] - z[k]);
    },

    divide(to, a, b, n) {
      const [out, x, y] = [to, a, b].map(address => floats(address, n));
      for (let k = 0; k < n; k++) out[k] = x[k] / (y[k] || 1);
    },

    adapt(to, toSecond, from, second, gap, beta, correction, gamma, n) {
      const [out, later, x, before, gaps] = [to, toSecond, from, second, gap].map(address => floats(address, n));
      for (let k = 0; k < n; k++) {
        const g = gaps[k];
        const v = Math.fround(beta * before[k] + (1 - beta) * g * g);
        later[k] = v;
        out[k] = x[k] + Math.min(gamma / (Math.sqrt(v / correction) + 1e-8), 1) * g;
      }
    },

    rescale(toScale, toSum, sum, measured, kept, weight, alpha, squared, added, n) {
      const [scale, later, before, values] = [toScale, toSum, sum, measured].map(address => floats(address, n));
      for (let k = 0; k < n; k++) {
        const h = values[k];
        const total = Math.fround(kept * before[k] + (1 - kept) * (squared ? h * h : h));
        const d = squared ? Math.sqrt(total / weight) : Math.abs(total / weight);
        later[k] = total;
        scale[k] = added ? d + alpha : Math.max(alpha, d);
      }
    },

    topk: (to, from, k, _, n) => topk(floats(to, n), floats(from, n), k),
  };
}
