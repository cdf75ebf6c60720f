import type { Address } from '../memory.js';

/**
 * Group normalization (Wu and He 2018): each row has `places` x `channels` values; the values of a group (channels / groups neighbouring
 * channels at all places) get mean 0 and variance 1, then each channel its gain and shift. With one place and one group: layer
 * normalization (Ba et al. 2016). `moments` keeps mean and 1 / sqrt(variance + epsilon), rows x groups x 2.
 */
export interface NormKernels {
  /** y = gain x (x - mean) / deviation + shift, and `moments` of each group. */
  normalize(y: Address, moments: Address, x: Address, gain: Address, shift: Address, rows: number, n: Normed): void;
  /** dx. It is not dy. */
  normalizeBack(dx: Address, dy: Address, x: Address, moments: Address, gain: Address, rows: number, n: Normed): void;
  /** keep = 1: gain and shift += their gradients; 0: they are set instead. */
  normalizeAccumulate(
    gain: Address,
    shift: Address,
    dy: Address,
    x: Address,
    moments: Address,
    rows: number,
    n: Normed,
    keep: 0 | 1,
  ): void;
}

/** The shape of what is normalized: values of a row are places x channels, in `groups` of neighbouring channels. */
export interface Normed {
  readonly places: number;
  readonly channels: number;
  readonly groups: number;
  readonly epsilon: number;
}
