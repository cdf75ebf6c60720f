/** Pooling of images: the largest, or the mean, of each window. */

import { HearsayError } from '../../errors.js';
import type { Windows } from '../kernels/contract/windows.js';
import { windowsOf } from './convolution.js';
import { type Back, type Forth, type Layer, type LayerOf, type Pass, plain } from './layer.js';

/** Windows of size x size, every `stride` places (as far as they fit). Throws CONFIG_RANGE for what is no image, or smaller than a window. */
export function maxPool(size: number, stride = size): LayerOf {
  return pool(size, stride, true, {
    forward: ({ kernels, rows }, { x, y }, windows) => kernels.maxPool(y, x, rows, windows),
    backward: ({ kernels, rows }, { x, y, dx, dy }, windows) => kernels.maxPoolGradient(dx, dy, x, y, rows, windows),
  });
}

/** The same with the mean of each window. */
export function averagePool(size: number, stride = size): LayerOf {
  return pool(size, stride, false, {
    forward: ({ kernels, rows }, { x, y }, windows) => kernels.averagePool(y, x, rows, windows),
    backward: ({ kernels, rows }, { dx, dy }, windows) => kernels.averagePoolGradient(dx, dy, rows, windows),
  });
}

interface Ways {
  forward(pass: Pass, at: Forth, windows: Windows): void;
  backward(pass: Pass, at: Back, windows: Windows): void;
}

/** `looks`: whether the way back looks at what came in and went out. */
function pool(size: number, stride: number, looks: boolean, ways: Ways): LayerOf {
  return (input, where) => {
    const windows = windowsOf(input, size, stride, 'valid', where);
    return {
      ...plain,
      name: 'pool',
      operation: { kind: looks ? 'max-pool' : 'average-pool', windows },
      output: [windows.down, windows.across, windows.channels],
      looksAt: { input: looks, output: looks },
      inPlace: false,
      forward: (pass, at) => ways.forward(pass, at, windows),
      backward(pass, at) {
        if (at.dx !== 0) ways.backward(pass, at, windows);
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
  return { ...(averagePool(height)(input, where) as Layer), output: [channels] };
};
