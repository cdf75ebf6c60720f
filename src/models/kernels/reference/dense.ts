import type { DenseKernels } from '../contract/dense.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** The three products of a dense layer in plain TypeScript; no work memory is used. */
export function denseKernels(memory: Memory): DenseKernels {
  const floats = new Float32Array(memory.buffer);
  return {
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
