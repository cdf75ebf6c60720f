import type { RotationKernels } from '../contract/rotation.js';
import { draw } from '../dither.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** Random rotations in plain TypeScript. Each operation is rounded to f32 in the written order; every other set gives the same bits. */
export function rotationKernels({ buffer }: Memory): RotationKernels {
  const floats = (address: number, n: number) => new Float32Array(buffer, address, n);
  return {
    rotate(to, from, n, padded, a, b) {
      const [target, values] = [floats(to, padded), floats(from, n)];
      for (let k = 0; k < padded; k++) target[k] = k < n ? signed(values[k], a, b, k) : 0;
      transform(target);
    },

    unrotate(to, from, n, padded, a, b) {
      const [target, values] = [floats(to, n), floats(from, padded)];
      transform(values);
      for (let k = 0; k < n; k++) target[k] = signed(values[k], a, b, k);
    },
  };
}

function signed(x: number, a: number, b: number, k: number): number {
  return draw(a, b, k) < 0 ? -x : x;
}

/** x = H x / sqrt(N), in place: the orthonormal Hadamard transform of N = 2^m values, by steps of distance 1, 2, 4 ... */
function transform(x: Float32Array): void {
  for (let h = 1; h < x.length; h *= 2) {
    for (let k = 0; k < x.length; k++) {
      if ((k & h) !== 0) continue;
      const [p, q] = [x[k], x[k + h]];
      x[k] = p + q;
      x[k + h] = p - q;
    }
  }
  const scale = f32(1 / Math.sqrt(x.length));
  for (let k = 0; k < x.length; k++) x[k] *= scale;
}
