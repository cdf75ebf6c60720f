/** Pooling of images: the largest, or the mean, of each window. */

import { HearsayError } from '../../errors.js';
import { windowsOf } from './convolution.js';
import { type Layer, type LayerOf, plain } from './layer.js';

/** Windows of size x size, every `stride` places (as far as they fit). */
export function maxPool(size: number, stride = size): LayerOf {
  return (input, where) => {
    const windows = windowsOf(input, size, stride, 'valid', where);
    return {
      ...plain,
      name: 'pool',
      output: [windows.down, windows.across, windows.channels],
      looksAt: { input: true, output: true },
      inPlace: false,
      forward: ({ kernels, rows }, { x, y }) => kernels.maxPool(y, x, rows, windows),
      backward({ kernels, rows }, { x, y, dx, dy }) {
        if (dx !== 0) kernels.maxPoolGradient(dx, dy, x, y, rows, windows);
      },
    };
  };
}

export function averagePool(size: number, stride = size): LayerOf {
  return (input, where) => {
    const windows = windowsOf(input, size, stride, 'valid', where);
    return {
      ...plain,
      name: 'pool',
      output: [windows.down, windows.across, windows.channels],
      looksAt: { input: false, output: false },
      inPlace: false,
      forward: ({ kernels, rows }, { x, y }) => kernels.averagePool(y, x, rows, windows),
      backward({ kernels, rows }, { dx, dy }) {
        if (dx !== 0) kernels.averagePoolGradient(dx, dy, rows, windows);
      },
    };
  };
}

/** The mean of each channel over the whole image, which is square, as a vector. */
export const globalAverage: LayerOf = (input, where) => {
  const [height, width, channels] = input;
  if (input.length !== 3 || height !== width)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found an input of shape ${input.join(' x ')}, allowed is a square image; use a pool of fixed size, then flatten`,
    );
  const pool = averagePool(height)(input, where);
  return { ...(pool as Layer), output: [channels] };
};
