import type { SparseKernels, SparseRows } from '../contract/sparse.js';
import type { Memory } from '../memory.js';
import { exponential, logarithmFrom1 } from './exponential.js';

const f32 = Math.fround;

/** Linear models of sparse rows in plain TypeScript. Each operation is rounded in the written order; every other set gives the same bits. */
export function sparseKernels(memory: Memory): SparseKernels {
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const halves = new Uint16Array(memory.buffer);
  const columnOf = ({ columns, narrow }: SparseRows, k: number) =>
    narrow ? halves[(columns >>> 1) + k] : words[(columns >>> 2) + k];
  const inputOf = ({ inputs }: SparseRows, k: number) => (inputs === 0 ? 1 : floats[(inputs >>> 2) + k]);

  /** The number of the row that stands at place r, its first entry, and the first behind it. */
  function rowOf({ numbers, offsets }: SparseRows, r: number): [number: number, from: number, to: number] {
    const number = words[(numbers >>> 2) + r];
    const at = (offsets >>> 2) + number;
    return [number, words[at], words[at + 1]];
  }

  /** x.w of a row. */
  function dot(weights: number, x: SparseRows, from: number, to: number): number {
    const s = [0, 0, 0, 0];
    for (let k = from; k < to; k++) {
      const lane = (k - from) & 3;
      s[lane] = f32(s[lane] + f32(floats[weights + columnOf(x, k)] * inputOf(x, k)));
    }
    return f32(f32(s[0] + s[2]) + f32(s[1] + s[3]));
  }

  /** w -= factor x */
  function subtract(weights: number, x: SparseRows, from: number, to: number, factor: number): void {
    for (let k = from; k < to; k++) floats[weights + columnOf(x, k)] -= f32(factor * inputOf(x, k));
  }

  return {
    gatherSparse(to, x, rows, features) {
      to >>>= 2;
      floats.fill(0, to, to + rows * features);
      for (let r = 0; r < rows; r++) {
        const [, first, last] = rowOf(x, r);
        for (let k = first; k < last; k++) floats[to + r * features + columnOf(x, k)] = inputOf(x, k);
      }
    },

    sparseScores(scores, weights, features, bias, x, rows) {
      scores >>>= 2;
      weights >>>= 2;
      const shift = bias ? floats[weights + features] : 0;
      for (let r = 0; r < rows; r++) {
        const [, from, to] = rowOf(x, r);
        floats[scores + r] = dot(weights, x, from, to) + shift;
      }
    },

    sparseAdd(into, slopes, features, bias, x, rows) {
      into >>>= 2;
      slopes >>>= 2;
      for (let r = 0; r < rows; r++) {
        const [, from, to] = rowOf(x, r);
        const slope = floats[slopes + r];
        subtract(into, x, from, to, -slope);
        if (bias) floats[into + features] += slope;
      }
    },

    sparseSweep(weights, features, bias, x, targets, rates, steps, batch, loss, l2, spread, scores) {
      [weights, targets, rates, spread, scores] = [weights, targets, rates, spread, scores].map(address => address >>> 2);
      const share = f32(1 / batch);
      let sum = 0;
      let product = 1;
      let scale = 1;
      const shrink = () => {
        for (let i = 0; i < features; i++) floats[weights + i] *= scale;
        scale = 1;
      };

      /** The slope of the loss at score z. */
      function slopeOf(z: number, number: number): number {
        if (loss === 0) {
          const d = f32(z - floats[targets + number]);
          sum += 0.5 * d * d;
          return d;
        }
        const label = ints[targets + number];
        if (loss === 1) {
          const e = exponential(-Math.abs(z));
          const whole = f32(1 + e);
          sum += f32((z > 0 ? z : z * 0) - f32(z * label));
          product *= whole;
          if (product > 1e150) {
            sum += logarithmFrom1(product);
            product = 1;
          }
          return f32(f32((z >= 0 ? 1 : e) / whole) - label);
        }
        const y = 2 * label - 1;
        const short = f32(1 - f32(y * z));
        sum += short > 0 ? short : z * 0;
        return short > 0 ? -y : 0;
      }

      for (let step = 0; step < steps; step++) {
        const long = f32(scale);
        const start = bias ? floats[weights + features] : 0;
        for (let r = 0; r < batch; r++) {
          const [, from, to] = rowOf(x, step * batch + r);
          floats[scores + r] = f32(dot(weights, x, from, to) * long) + start;
        }
        const rate = floats[rates + step];
        if (l2 > 0 && spread === 0) {
          scale *= 1 - rate * f32(l2);
          if (!(scale > 2 ** -10)) shrink();
        }
        const short = f32(1 / scale);
        for (let r = 0; r < batch; r++) {
          const [number, from, to] = rowOf(x, step * batch + r);
          const slope = slopeOf(floats[scores + r], number);
          if (slope === 0 && spread === 0) continue;
          const move = f32(f32(rate * share) * slope);
          if (spread === 0) subtract(weights, x, from, to, f32(move * short));
          else {
            const pull = f32(f32(rate * share) * f32(l2));
            for (let k = from; k < to; k++) {
              const column = columnOf(x, k);
              const w = floats[weights + column];
              const part = Math.min(1, f32(pull * floats[spread + column]));
              floats[weights + column] = w - f32(f32(move * inputOf(x, k)) + f32(part * w));
            }
          }
          if (bias) floats[weights + features] -= move;
        }
      }
      if (scale !== 1) shrink();
      return (sum + logarithmFrom1(product)) / batch;
    },
  };
}
