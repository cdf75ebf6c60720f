/**
 * Convolution of images of height x width x channels, as a product over patches: of some rows at a time, so that their patches stay in
 * the second-level cache. With one channel and stride 1 there are kernels that need no patches. W is size x size x channels x filters.
 */

import { HearsayError } from '../../errors.js';
import { type Start, starts } from '../activation.js';
import { planesRoom } from '../kernels/contract/planes.js';
import type { Windows } from '../kernels/contract/windows.js';
import { packing } from '../kernels/packing.js';
import { type Layer, type LayerOf, type Shape, sizeOf } from './layer.js';

export interface ConvolutionSettings {
  readonly stride?: number;
  /** same: zeros around the image, so that with stride 1 it stays as large. valid: none. */
  readonly padding?: 'same' | 'valid';
  readonly start?: Start;
  readonly bias?: boolean;
}

/** Floats of patches at a time. */
const room = 32768;

export function convolution(
  filters: number,
  size: number,
  { stride = 1, padding = 'valid', start = starts.he, bias = true }: ConvolutionSettings = {},
): LayerOf {
  return (input, where): Layer => {
    const windows = windowsOf(input, size, stride, padding, where);
    const { height, width, channels, down, across } = windows;
    const long = size * size * channels;
    const places = down * across;
    const isPatch = size === 1 && stride === 1;
    const isPlane = channels === 1 && stride === 1 && across >= 4;
    const some = Math.max(1, Math.floor(room / (places * long)));
    const weight = long * filters;
    const around = windows.pad > 0 ? (height + 2 * windows.pad) * (width + 2 * windows.pad) * channels : 0;
    const patchFloats = (most: number) => (isPatch ? 0 : Math.min(most, some) * places * long);
    const packed = (most: number) =>
      Math.max(packing(Math.min(most, some) * places, long, filters), isPlane ? planesRoom(windows, filters) : 0);

    return {
      name: 'conv',
      operation: { kind: 'convolution', windows },
      output: [down, across, filters],
      tensors: [
        { name: 'weight', shape: [size, size, channels, filters] },
        ...(bias ? [{ name: 'bias', shape: [filters] }] : []),
      ],
      looksAt: { input: true, output: false },
      inPlace: false,
      kept: () => 0,
      work: most => patchFloats(most) + packed(most) + around + (bias ? 0 : filters),

      initialize(weights, random, normal) {
        for (let k = 0; k < weight; k++) weights[k] = start(long, size * size * filters, random, normal);
      },

      forward({ kernels, rows, most }, { x, y, weights, work }) {
        const { patches, packs, border, biasOf } = placesIn(work, most);
        const nothing = biasOf(weights);
        if (!bias) new Float32Array(kernels.memory.buffer, nothing, filters).fill(0);
        if (isPlane) return kernels.convolve(y, x, weights, nothing, rows, filters, packs, windows);
        for (let row = 0; row < rows; row += some) {
          const count = Math.min(some, rows - row);
          const from = x + 4 * row * height * width * channels;
          if (!isPatch) kernels.patches(patches, from, count, border, windows);
          const to = y + 4 * row * places * filters;
          kernels.forward(to, isPatch ? from : patches, weights, nothing, count * places, long, filters, packs);
        }
      },

      backward({ kernels, rows, most }, { x, dx, dy, weights, into, work }, keep) {
        const { patches, packs, border, biasOf } = placesIn(work, most);
        for (let row = 0; row < rows && dx !== 0; row += some) {
          const count = Math.min(some, rows - row);
          const to = dx + 4 * row * height * width * channels;
          const top = dy + 4 * row * places * filters;
          kernels.backward(isPatch ? to : patches, top, weights, count * places, long, filters, packs);
          if (!isPatch) kernels.unpatches(to, patches, count, windows);
        }
        if (isPlane) return kernels.convolveAccumulate(into, biasOf(into), x, dy, rows, filters, keep, packs, windows);
        for (let row = 0; row < rows; row += some) {
          const count = Math.min(some, rows - row);
          const from = x + 4 * row * height * width * channels;
          if (!isPatch) kernels.patches(patches, from, count, border, windows);
          const top = dy + 4 * row * places * filters;
          const kept = row > 0 ? 1 : keep;
          kernels.accumulate(into, biasOf(into), isPatch ? from : patches, top, count * places, long, filters, kept, packs);
        }
      },
    };

    /** Patches, the room of the products, that of a row with its border, and what stands for biases that are not there. */
    function placesIn(work: number, most: number) {
      const packs = work + 4 * patchFloats(most);
      const border = packs + 4 * packed(most);
      const nothing = border + 4 * around;
      return { patches: work, packs, border, biasOf: (vector: number) => (bias ? vector + 4 * weight : nothing) };
    }
  };
}

/** The windows over an image. Throws CONFIG_RANGE for what is no image, or smaller than a window, and for padding that has no middle. */
export function windowsOf(input: Shape, size: number, stride: number, padding: 'same' | 'valid', where: string): Windows {
  if (input.length !== 3)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found an input of shape ${input.join(' x ')}, allowed is an image: height x width x channels`,
    );
  if (padding === 'same' && size % 2 === 0)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found padding same with a size of ${size}, allowed is an odd size; or use valid`,
    );
  const [height, width, channels] = input;
  const pad = padding === 'same' ? (size - 1) >> 1 : 0;
  const count = (length: number) => (padding === 'same' ? Math.ceil(length / stride) : Math.floor((length - size) / stride) + 1);
  const [down, across] = [count(height), count(width)];
  if (down < 1 || across < 1)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found windows of ${size} x ${size} over ${height} x ${width}, allowed is at most the image; use smaller windows, fewer layers that shrink it, or larger images`,
    );
  return { height, width, channels, size, stride, pad, down, across };
}

/** Numbers of a row of images whose channels come last; the data have them first, or none. */
export const image: LayerOf = (input, where) => {
  if (input.length === 2) return [...input, 1];
  if (input.length !== 3)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found data of shape ${input.join(' x ')}, allowed are images: height x width, or channels x height x width`,
    );
  const [channels, height, width] = input;
  if (channels === 1) return [height, width, 1];
  const size = sizeOf(input);
  const places = height * width;
  return {
    name: 'image',
    operation: { kind: 'channels-last' },
    output: [height, width, channels],
    tensors: [],
    looksAt: { input: false, output: false },
    inPlace: false,
    kept: () => 0,
    work: () => 0,
    initialize() {},
    forward({ kernels, rows }, { x, y }) {
      const from = new Float32Array(kernels.memory.buffer, x, rows * size);
      const to = new Float32Array(kernels.memory.buffer, y, rows * size);
      for (let row = 0; row < rows * size; row += size)
        for (let c = 0; c < channels; c++)
          for (let k = 0; k < places; k++) to[row + k * channels + c] = from[row + c * places + k];
    },
    backward({ kernels, rows }, { dx, dy }) {
      if (dx === 0) return;
      const from = new Float32Array(kernels.memory.buffer, dy, rows * size);
      const to = new Float32Array(kernels.memory.buffer, dx, rows * size);
      for (let row = 0; row < rows * size; row += size)
        for (let c = 0; c < channels; c++)
          for (let k = 0; k < places; k++) to[row + c * places + k] = from[row + k * channels + c];
    },
  };
};
