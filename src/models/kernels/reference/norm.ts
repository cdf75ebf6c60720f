import type { Normed, NormKernels } from '../contract/norm.js';
import type { Memory } from '../memory.js';

/** Normalization with sums in f64. */
export function normKernels(memory: Memory): NormKernels {
  const floats = new Float32Array(memory.buffer);

  /** Calls `visit` with the offset of each value of a group, and its channel. */
  function each({ places, channels, groups }: Normed, group: number, visit: (offset: number, channel: number) => void): void {
    const wide = channels / groups;
    for (let place = 0; place < places; place++)
      for (let c = group * wide; c < (group + 1) * wide; c++) visit(place * channels + c, c);
  }

  return {
    normalize(y, moments, x, gain, shift, rows, n) {
      const [out, kept, from, scale, offset] = [y, moments, x, gain, shift].map(address => address >>> 2);
      const count = (n.places * n.channels) / n.groups;
      for (let row = 0; row < rows; row++) {
        const at = row * n.places * n.channels;
        for (let group = 0; group < n.groups; group++) {
          let sum = 0;
          each(n, group, k => void (sum += floats[from + at + k]));
          const mean = sum / count;
          let squares = 0;
          each(n, group, k => void (squares += (floats[from + at + k] - mean) ** 2));
          const inverse = 1 / Math.sqrt(squares / count + n.epsilon);
          floats[kept + 2 * (row * n.groups + group)] = mean;
          floats[kept + 2 * (row * n.groups + group) + 1] = inverse;
          each(n, group, (k, c) => {
            floats[out + at + k] = (floats[from + at + k] - mean) * inverse * floats[scale + c] + floats[offset + c];
          });
        }
      }
    },

    normalizeBack(dx, dy, x, moments, gain, rows, n) {
      const [out, top, from, kept, scale] = [dx, dy, x, moments, gain].map(address => address >>> 2);
      const count = (n.places * n.channels) / n.groups;
      for (let row = 0; row < rows; row++) {
        const at = row * n.places * n.channels;
        for (let group = 0; group < n.groups; group++) {
          const [mean, inverse] = floats.subarray(kept + 2 * (row * n.groups + group));
          let sum = 0;
          let along = 0;
          each(n, group, (k, c) => {
            const d = floats[top + at + k] * floats[scale + c];
            sum += d;
            along += d * (floats[from + at + k] - mean) * inverse;
          });
          each(n, group, (k, c) => {
            const d = floats[top + at + k] * floats[scale + c];
            const z = (floats[from + at + k] - mean) * inverse;
            floats[out + at + k] = inverse * (d - sum / count - (z * along) / count);
          });
        }
      }
    },

    normalizeAccumulate(gain, shift, dy, x, moments, rows, n, keep) {
      const [scale, offset, top, from, kept] = [gain, shift, dy, x, moments].map(address => address >>> 2);
      const sums = new Float64Array(2 * n.channels);
      for (let row = 0; row < rows; row++) {
        const at = row * n.places * n.channels;
        for (let group = 0; group < n.groups; group++) {
          const [mean, inverse] = floats.subarray(kept + 2 * (row * n.groups + group));
          each(n, group, (k, c) => {
            sums[2 * c] += floats[top + at + k] * (floats[from + at + k] - mean) * inverse;
            sums[2 * c + 1] += floats[top + at + k];
          });
        }
      }
      for (let c = 0; c < n.channels; c++) {
        floats[scale + c] = (keep ? floats[scale + c] : 0) + sums[2 * c];
        floats[offset + c] = (keep ? floats[offset + c] : 0) + sums[2 * c + 1];
      }
    },
  };
}
