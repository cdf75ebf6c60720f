/** Group normalization (Wu and He 2018), and layer normalization (Ba, Kiros, Hinton 2016) as that of one place and one group. */

import { HearsayError } from '../../errors.js';
import type { Normed } from '../kernels/contract/norm.js';
import type { Layer, LayerOf, Shape } from './layer.js';

const epsilon = 1e-5;

/** Over all places of an image, `groups` groups of neighbouring channels. Throws CONFIG_RANGE when they do not divide the channels. */
export function groupNorm(groups: number): LayerOf {
  return (input, where) => {
    const channels = input.at(-1)!;
    if (channels % groups !== 0)
      throw new HearsayError(
        'CONFIG_RANGE',
        `${where}: found ${groups} groups of ${channels} channels, allowed is a number that divides them`,
      );
    const places = input.slice(0, -1).reduce((product, n) => product * n, 1);
    return normalization(input, 1, { places, channels, groups, epsilon }, where);
  };
}

/** Over the last axis, each token on its own. Throws CONFIG_RANGE for an axis of one value. */
export const layerNorm: LayerOf = (input, where) => {
  const tokens = input.slice(0, -1).reduce((product, n) => product * n, 1);
  return normalization(input, tokens, { places: 1, channels: input.at(-1)!, groups: 1, epsilon }, where);
};

function normalization(input: Shape, each: number, normed: Normed, where: string): Layer {
  const { places, channels, groups } = normed;
  if ((places * channels) / groups === 1)
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found a normalization of single values, which would all become 0; allowed are two or more, as behind a layer of more channels`,
    );
  return {
    name: 'norm',
    operation: { kind: 'normalization', over: places > 1 || each === 1 ? 'all' : 'each', groups, epsilon },
    output: input,
    tensors: [
      { name: 'weight', shape: [channels] },
      { name: 'bias', shape: [channels] },
    ],
    looksAt: { input: true, output: false },
    inPlace: false,
    kept: most => 2 * most * each * groups,
    work: () => 0,
    initialize: weights => void weights.fill(1, 0, channels),
    forward({ kernels, rows }, { x, y, weights, kept }) {
      kernels.normalize(y, kept, x, weights, weights + 4 * channels, rows * each, normed);
    },
    backward({ kernels, rows }, { x, dx, dy, weights, into, kept }, keep) {
      if (dx !== 0) kernels.normalizeBack(dx, dy, x, kept, weights, rows * each, normed);
      kernels.normalizeAccumulate(into, into + 4 * channels, dy, x, kept, rows * each, normed, keep);
    },
  };
}
