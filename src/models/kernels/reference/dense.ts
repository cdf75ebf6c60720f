import type { DenseKernels, GatherKernels, Memory } from '../kernels.js';

const f32 = Math.fround;

/** Gathering and the three products of a dense layer in plain TypeScript; no work memory is used. */
export function denseKernels(memory: Memory): DenseKernels & GatherKernels {
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  return {
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

    forward(y, x, weights, bias, rows, inputs, outputs) {
      y >>>= 2;
      x >>>= 2;
      weights >>>= 2;
      bias >>>= 2;
      for (let r = 0; r < rows; r++) {
        for (let j = 0; j < outputs; j++) {
          let sum = floats[bias + j];
          for (let k = 0; k < inputs; k++) sum = f32(sum + f32(floats[x + r * inputs + k] * floats[weights + k * outputs + j]));
          floats[y + r * outputs + j] = sum;
        }
      }
    },

    backward(dx, dy, weights, rows, inputs, outputs) {
      dx >>>= 2;
      dy >>>= 2;
      weights >>>= 2;
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < inputs; k++) {
          let sum = 0;
          for (let j = 0; j < outputs; j++)
            sum = f32(sum + f32(floats[dy + r * outputs + j] * floats[weights + k * outputs + j]));
          floats[dx + r * inputs + k] = sum;
        }
      }
    },

    accumulate(weights, bias, x, dy, rows, inputs, outputs, keep) {
      weights >>>= 2;
      bias >>>= 2;
      x >>>= 2;
      dy >>>= 2;
      for (let j = 0; j < outputs; j++) {
        for (let k = 0; k < inputs; k++) {
          let sum = keep ? floats[weights + k * outputs + j] : 0;
          for (let r = 0; r < rows; r++) sum = f32(sum + f32(floats[x + r * inputs + k] * floats[dy + r * outputs + j]));
          floats[weights + k * outputs + j] = sum;
        }
        let sum = keep ? floats[bias + j] : 0;
        for (let r = 0; r < rows; r++) sum = f32(sum + floats[dy + r * outputs + j]);
        floats[bias + j] = sum;
      }
    },
  };
}
