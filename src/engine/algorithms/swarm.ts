/**
 * A node takes H local steps, then meets a uniformly drawn neighbour.
 *
 *   non-blocking (default)  X_i = (X_i + X_j)/2 + D_i,  X_j = (X_i + X_j)/2       D_i: local progress since the snapshot of X_i
 *     order=commit          X_i = X_j = ((X_i + D_i) + X_j)/2
 *   both=true (blocking)    X_i = X_j = ((X_i + D_i) + (X_j + D_j))/2, once both have finished their steps
 *     order=mix             X_i = (X_i + X_j)/2 + D_i,  X_j = (X_i + X_j)/2 + D_j
 *
 *   bits=b                Q(X_i) and Q(X_j) in the place of X_i and X_j (with commit first, of X_i + D_i and so on): the points of a modular
 *                         lattice, sent as b bits a coordinate, each decoded with the receiver's own row (see ../quantizer.ts)
 *
 * The sum of all rows grows by exactly the deltas; with bits, in expectation.
 */

import { HearsayError } from '../../errors.js';
import { flag, numeric, oneOf, optional } from '../../settings.js';
import { builtIn, steps, weight } from './builtin.js';

const description = {
  name: 'swarm',
  about: 'local steps, then an average with a neighbour',
  source: {
    method: 'SwarmSGD',
    authors: 'Nadiradze, Sabour, Davies, Li, Alistarh',
    venue: 'NeurIPS',
    year: 2021,
    arxiv: '1910.12308',
    provenance:
      'the non-blocking rule and the lattice from a public re-implementation, the blocking rule from memory; a weight other than 1/2, how sides are chosen and what is done when a decode fails are our own',
  },
  keeps: { what: ['mean', 'hull'], note: 'bits: the mean in expectation, no hull' },
  settings: {
    steps: steps(4),
    both: flag('true: the blocking rule, both nodes finish their steps, then both commit'),
    order: optional(oneOf('what comes first', ['mix', 'commit']), 'mix; with both=true, commit'),
    weight,
    bits: optional(
      numeric('bits of each coordinate of a model that travels', { whole: true, min: 4, max: 16 }, 8),
      'none: floats',
    ),
    rounding: optional(
      oneOf('with bits: by a dither that both nodes know, or at random; unbiased both', ['dither', 'stochastic']),
      'dither',
    ),
    rotation: optional(flag('with bits: models are turned at random first, which spreads what stands out'), 'false'),
  },
} as const;

export const swarm = builtIn(description, (values, _, where) => {
  const { steps, both, weight, bits, rounding = 'dither', rotation = false } = values;
  for (const name of ['rounding', 'rotation'] as const) {
    if (bits !== undefined || values[name] === undefined) continue;
    throw new HearsayError('CONFIG_RANGE', `${where}: found ${name} without bits; add bits=8, or leave ${name} out`);
  }
  const order = values.order ?? (both ? 'commit' : 'mix');
  return {
    name: 'swarm',
    averages: true,
    pairs: true,
    keepsDelta: both,
    quantize: bits === undefined ? undefined : { bits, rounding, rotation },
    pairwise: true,
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows, world) {
      if (both) return rows.mixAndCommitBoth(node, world.peer(node), weight, order);
      rows.mixAndCommit(node, world.peer(node), weight, order);
      return true;
    },
  };
});
