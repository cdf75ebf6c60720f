import type { PlaneKernels } from '../contract/planes.js';
import type { Windows } from '../contract/windows.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** Convolution of images of one channel in plain TypeScript; no work memory is used. */
export function planeKernels(memory: Memory): PlaneKernels {
  const floats = new Float32Array(memory.buffer);

  /** The value under tap k of a window, 0 outside of the image. */
  function shown(x: number, row: number, oy: number, ox: number, k: number, w: Windows): number {
    const [line, place] = [oy - w.pad + Math.floor(k / w.size), ox - w.pad + (k % w.size)];
    const isInside = line >= 0 && line < w.height && place >= 0 && place < w.width;
    return isInside ? floats[x + (row * w.height + line) * w.width + place] : 0;
  }

  /** Every window, with the index of its first output. */
  function each(rows: number, filters: number, w: Windows, visit: (row: number, oy: number, ox: number, out: number) => void) {
    for (let row = 0, out = 0; row < rows; row++)
      for (let oy = 0; oy < w.down; oy++) for (let ox = 0; ox < w.across; ox++, out += filters) visit(row, oy, ox, out);
  }

  return {
    convolve(y, x, weights, bias, rows, filters, _work, w) {
      y >>>= 2;
      x >>>= 2;
      weights >>>= 2;
      bias >>>= 2;
      each(rows, filters, w, (row, oy, ox, out) => {
        for (let f = 0; f < filters; f++) {
          let sum = floats[bias + f];
          for (let k = 0; k < w.size * w.size; k++)
            sum = f32(sum + f32(shown(x, row, oy, ox, k, w) * floats[weights + k * filters + f]));
          floats[y + out + f] = sum;
        }
      });
    },

    convolveAccumulate(weights, bias, x, dy, rows, filters, keep, _work, w) {
      weights >>>= 2;
      bias >>>= 2;
      x >>>= 2;
      dy >>>= 2;
      const taps = w.size * w.size;
      if (keep === 0) {
        floats.fill(0, weights, weights + taps * filters);
        floats.fill(0, bias, bias + filters);
      }
      each(rows, filters, w, (row, oy, ox, out) => {
        for (let f = 0; f < filters; f++) {
          const d = floats[dy + out + f];
          floats[bias + f] += d;
          for (let k = 0; k < taps; k++) floats[weights + k * filters + f] += f32(shown(x, row, oy, ox, k, w) * d);
        }
      });
    },
  };
}
