import { permutedBy } from '../../../random.js';
import type { GatherKernels } from '../contract/gather.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** Batches from rows of data in plain TypeScript. */
export function gatherKernels(memory: Memory): GatherKernels {
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  return {
    permuted(to, parts, from, count, size, key) {
      to >>>= 2;
      parts >>>= 2;
      for (let k = 0; k < count; k++) words[to + k] = words[parts + permutedBy(key, from + k, size)];
    },

    gatherBytes(to, from, indices, rows, features, scale, shift) {
      to >>>= 2;
      indices >>>= 2;
      for (let r = 0; r < rows; r++) {
        const row = from + words[indices + r] * features;
        for (let j = 0; j < features; j++) floats[to + r * features + j] = f32(bytes[row + j] * f32(scale)) + f32(shift);
      }
    },

    gatherWords(to, from, indices, rows, features) {
      to >>>= 2;
      from >>>= 2;
      indices >>>= 2;
      for (let r = 0; r < rows; r++) {
        const row = from + words[indices + r] * features;
        for (let j = 0; j < features; j++) words[to + r * features + j] = words[row + j];
      }
    },
  };
}
