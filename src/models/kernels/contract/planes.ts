import type { Address } from '../memory.js';
import type { Windows } from './windows.js';

/**
 * Convolution of images of one channel by windows that stand at every place (stride 1), without patches. W is size x size x filters. The
 * sums of a gradient run in another order than those of a product. `work` has `planesRoom(w, filters)` floats.
 */
export interface PlaneKernels {
  /** y (rows x down x across x filters) = windows of x times W, + bias. At least 4 across. */
  convolve(
    y: Address,
    x: Address,
    weights: Address,
    bias: Address,
    rows: number,
    filters: number,
    work: Address,
    w: Windows,
  ): void;
  /** keep = 1: W += windows of x times dy, and bias += sums of dy; keep = 0: they are set instead. */
  convolveAccumulate(
    weights: Address,
    bias: Address,
    x: Address,
    dy: Address,
    rows: number,
    filters: number,
    keep: 0 | 1,
    work: Address,
    w: Windows,
  ): void;
}

/** An image with its border and some floats behind it, and dy of an image in lines as long as those of the image. */
export function planesRoom({ height, width, size, pad, down }: Windows, filters: number): number {
  const line = width + 2 * pad;
  return (height + 2 * pad) * line + size + 3 + filters * 4 * Math.ceil((down * line) / 4);
}
