import { permutedBy } from '../../../random.js';
import type { Memory, SparseKernels } from '../kernels.js';
import { exponential, logarithmFrom1 } from './exponential.js';

const f32 = Math.fround;

/** Linear models of sparse rows in plain TypeScript. Each operation is rounded in the written order; every other set gives the same bits. */
export function sparseKernels(memory: Memory): SparseKernels {
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const halves = new Uint16Array(memory.buffer);
  const columnOf = (columns: number, narrow: number, k: number) =>
    narrow ? halves[(columns >>> 1) + k] : words[(columns >>> 2) + k];
  const numberOf = (values: number, k: number) => (values === 0 ? 1 : floats[(values >>> 2) + k]);

  /** x.w of a row. */
  function dot(weights: number, columns: number, narrow: number, values: number, from: number, to: number): number {
    const s = [0, 0, 0, 0];
    for (let k = from; k < to; k++) {
      const lane = (k - from) & 3;
      s[lane] = f32(s[lane] + f32(floats[weights + columnOf(columns, narrow, k)] * numberOf(values, k)));
    }
    return f32(f32(s[0] + s[2]) + f32(s[1] + s[3]));
  }

  /** w -= factor x */
  function subtract(
    weights: number,
    columns: number,
    narrow: number,
    values: number,
    from: number,
    to: number,
    factor: number,
  ): void {
    for (let k = from; k < to; k++) floats[weights + columnOf(columns, narrow, k)] -= f32(factor * numberOf(values, k));
  }

  return {
    permuted(to, parts, from, count, size, key) {
      to >>>= 2;
      parts >>>= 2;
      for (let k = 0; k < count; k++) words[to + k] = words[parts + permutedBy(key, from + k, size)];
    },

    gatherSparse(to, offsets, columns, narrow, values, numbers, rows, features) {
      [to, offsets, numbers] = [to, offsets, numbers].map(address => address >>> 2);
      floats.fill(0, to, to + rows * features);
      for (let r = 0; r < rows; r++) {
        const number = words[numbers + r];
        for (let k = words[offsets + number]; k < words[offsets + number + 1]; k++)
          floats[to + r * features + columnOf(columns, narrow, k)] = numberOf(values, k);
      }
    },

    sparseScores(scores, weights, features, bias, offsets, columns, narrow, values, numbers, rows) {
      [scores, weights, offsets, numbers] = [scores, weights, offsets, numbers].map(address => address >>> 2);
      const shift = bias ? floats[weights + features] : 0;
      for (let r = 0; r < rows; r++) {
        const number = words[numbers + r];
        floats[scores + r] = dot(weights, columns, narrow, values, words[offsets + number], words[offsets + number + 1]) + shift;
      }
    },

    sparseAdd(into, slopes, features, bias, offsets, columns, narrow, values, numbers, rows) {
      [into, slopes, offsets, numbers] = [into, slopes, offsets, numbers].map(address => address >>> 2);
      for (let r = 0; r < rows; r++) {
        const number = words[numbers + r];
        const slope = floats[slopes + r];
        subtract(into, columns, narrow, values, words[offsets + number], words[offsets + number + 1], -slope);
        if (bias) floats[into + features] += slope;
      }
    },

    sparseSweep(
      ...[
        weights,
        features,
        bias,
        offsets,
        columns,
        narrow,
        values,
        targets,
        numbers,
        rates,
        steps,
        batch,
        loss,
        l2,
        spread,
        scores,
      ]
    ) {
      [weights, offsets, targets, numbers, rates, scores] = [...[weights, offsets, targets, numbers, rates, scores]].map(
        address => address >>> 2,
      );
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

      for (let step = 0, first = numbers; step < steps; step++, first += batch) {
        const long = f32(scale);
        const start = bias ? floats[weights + features] : 0;
        for (let r = 0; r < batch; r++) {
          const number = words[first + r];
          const product = dot(weights, columns, narrow, values, words[offsets + number], words[offsets + number + 1]);
          floats[scores + r] = f32(product * long) + start;
        }
        const rate = floats[rates + step];
        if (l2 > 0 && spread === 0) {
          scale *= 1 - rate * f32(l2);
          if (!(scale > 2 ** -10)) shrink();
        }
        const short = f32(1 / scale);
        for (let r = 0; r < batch; r++) {
          const number = words[first + r];
          const slope = slopeOf(floats[scores + r], number);
          if (slope === 0 && spread === 0) continue;
          const move = f32(f32(rate * share) * slope);
          const [from, to] = [words[offsets + number], words[offsets + number + 1]];
          if (spread === 0) subtract(weights, columns, narrow, values, from, to, f32(move * short));
          else {
            const pull = f32(f32(rate * share) * f32(l2));
            for (let k = from; k < to; k++) {
              const column = columnOf(columns, narrow, k);
              const w = floats[weights + column];
              const part = Math.min(1, f32(pull * floats[(spread >>> 2) + column]));
              floats[weights + column] = w - f32(f32(move * numberOf(values, k)) + f32(part * w));
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
