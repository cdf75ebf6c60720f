import type { WindowKernels, Windows } from '../contract/windows.js';
import type { Memory } from '../memory.js';

const f32 = Math.fround;

/** Convolution's patches and pooling in plain TypeScript. */
export function windowKernels(memory: Memory): WindowKernels {
  const floats = new Float32Array(memory.buffer);

  /** Calls `visit` with the index of each output value, of the input value under the window, and of the window's own place. */
  function each(rows: number, w: Windows, visit: (out: number, input: number, place: number, channel: number) => void): void {
    const { height, width, channels, size, stride, pad, down, across } = w;
    for (let window = 0; window < rows * down * across; window++) {
      const row = Math.floor(window / (down * across));
      const top = (Math.floor(window / across) % down) * stride - pad;
      const left = (window % across) * stride - pad;
      for (let place = 0; place < size * size; place++) {
        const y = top + Math.floor(place / size);
        const x = left + (place % size);
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        for (let c = 0; c < channels; c++)
          visit(window, inside ? ((row * height + y) * width + x) * channels + c : -1, place * channels + c, c);
      }
    }
  }

  return {
    patches(to, x, rows, _work, w) {
      to >>>= 2;
      x >>>= 2;
      const long = w.size * w.size * w.channels;
      each(rows, w, (window, input, place) => (floats[to + window * long + place] = input < 0 ? 0 : floats[x + input]));
    },

    unpatches(dx, from, rows, w) {
      dx >>>= 2;
      from >>>= 2;
      const long = w.size * w.size * w.channels;
      floats.fill(0, dx, dx + rows * w.height * w.width * w.channels);
      each(rows, w, (window, input, place) => {
        if (input >= 0) floats[dx + input] += floats[from + window * long + place];
      });
    },

    maxPool(y, x, rows, w) {
      y >>>= 2;
      x >>>= 2;
      each(rows, w, (window, input, place, c) => {
        const out = y + window * w.channels + c;
        if (place < w.channels || floats[out] < floats[x + input]) floats[out] = floats[x + input];
      });
    },

    maxPoolGradient(dx, dy, x, y, rows, w) {
      dx >>>= 2;
      dy >>>= 2;
      x >>>= 2;
      y >>>= 2;
      floats.fill(0, dx, dx + rows * w.height * w.width * w.channels);
      const given = new Set<number>();
      each(rows, w, (window, input, _place, c) => {
        const out = window * w.channels + c;
        if (given.has(out) || floats[x + input] !== floats[y + out]) return;
        given.add(out);
        floats[dx + input] += floats[dy + out];
      });
    },

    averagePool(y, x, rows, w) {
      y >>>= 2;
      x >>>= 2;
      const outputs = rows * w.down * w.across * w.channels;
      floats.fill(0, y, y + outputs);
      each(rows, w, (window, input, _place, c) => (floats[y + window * w.channels + c] += floats[x + input]));
      for (let k = 0; k < outputs; k++) floats[y + k] *= f32(1 / (w.size * w.size));
    },

    averagePoolGradient(dx, dy, rows, w) {
      dx >>>= 2;
      dy >>>= 2;
      const share = f32(1 / (w.size * w.size));
      floats.fill(0, dx, dx + rows * w.height * w.width * w.channels);
      each(rows, w, (window, input, _place, c) => (floats[dx + input] += f32(floats[dy + window * w.channels + c] * share)));
    },
  };
}
