import type { Address } from '../memory.js';

/**
 * Images are rows of height x width x channels (channels last). A window is `size` x `size`, its corner every `stride` places, beginning
 * `pad` places before the image; there are `down` x `across` of them in an image. What lies outside counts as 0; no window
 * goes further than that.
 */
export interface WindowKernels {
  /**
   * to (rows x down x across windows, size x size x channels each) = what the windows show: then a convolution is a product. `work` has
   * (height + 2 pad) x (width + 2 pad) x channels floats; none without pad.
   */
  patches(to: Address, x: Address, rows: number, work: Address, w: Windows): void;
  /** dx = the sum of what windows send back to each place. */
  unpatches(dx: Address, from: Address, rows: number, w: Windows): void;
  /** y (rows x down x across x channels) = the largest of each window, whose pad is 0. */
  maxPool(y: Address, x: Address, rows: number, w: Windows): void;
  /** dx = dy at the first place of the window that is its largest, summed over windows. */
  maxPoolGradient(dx: Address, dy: Address, x: Address, y: Address, rows: number, w: Windows): void;
  /** y = the mean of each window, whose pad is 0. */
  averagePool(y: Address, x: Address, rows: number, w: Windows): void;
  /** dx = dy / size^2 at each place of a window, summed over windows. */
  averagePoolGradient(dx: Address, dy: Address, rows: number, w: Windows): void;
}

/** The shape of images and of the windows over them; see WindowKernels. */
export interface Windows {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
  readonly down: number;
  readonly across: number;
}
