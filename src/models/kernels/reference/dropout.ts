import type { DropoutKernels } from '../contract/dropout.js';
import { draw } from '../dither.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** Dropout in plain TypeScript. */
export function dropoutKernels(memory: Memory): DropoutKernels {
  const floats = new Float32Array(memory.buffer);
  return {
    dropout(to, from, n, rate, a, b) {
      to >>>= 2;
      from >>>= 2;
      const bound = Math.floor(f32(rate) * 2 ** 32);
      const factor = f32(1 / f32(1 - f32(rate)));
      for (let k = 0; k < n; k++) floats[to + k] = draw(a, b, k) >>> 0 < bound ? 0 : f32(floats[from + k] * factor);
    },
  };
}
