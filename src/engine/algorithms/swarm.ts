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
 *   bits=2, bits=3        X_i + w (Q(X_j) - Q(X_i)) and X_j + w (Q(X_i) - Q(X_j)) in the place of the average, with a small weight w, as
 *                         the noise of so coarse a lattice would feed on itself (see ../compress/few.ts)
 *
 * The sum of all rows grows by exactly the deltas; with 4 bits and more, in expectation.
 */

import { HearsayError } from '../../errors.js';
import { flag, numeric, oneOf, optional, type Values } from '../../settings.js';
import { enough, limitOf } from '../compress/few.js';
import { type Quantization, travelling } from '../compress/transfer.js';
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
      'the non-blocking rule and the lattice from a public re-implementation, the blocking rule from memory; a weight other than 1/2, how sides are chosen and what is done when a decode fails are our own, and so is all of bits=2 and bits=3',
  },
  keeps: { what: ['mean', 'hull'], note: 'bits: the mean in expectation, no hull' },
  settings: {
    steps: steps(4),
    both: flag('true: the blocking rule, both nodes finish their steps, then both commit'),
    order: optional(oneOf('what comes first', ['mix', 'commit']), 'mix; with both=true, commit'),
    weight: optional(weight, '0.5; with bits=2 and bits=3 less, by the number of parameters'),
    bits: optional(
      numeric('bits of each coordinate of a model that travels', { whole: true, min: 2, max: 16 }, 8),
      'none: floats',
    ),
    rounding: optional(
      oneOf('with bits: by a dither that both nodes know, or at random; unbiased both', ['dither', 'stochastic']),
      'dither',
    ),
    rotation: optional(
      flag('with bits: models are turned at random first, which spreads what stands out'),
      'false; with bits=2 and bits=3, true',
    ),
  },
} as const;

type Swarm = Values<typeof description.settings>;

export const swarm = builtIn(description, (values, { parameters }, where) => {
  const { steps, both } = values;
  const quantize = quantizationOf(values, where);
  const weight = weightOf(values, parameters, where);
  const order = values.order ?? (both ? 'commit' : 'mix');
  return {
    name: 'swarm',
    averages: true,
    among: 'pair',
    pairs: true,
    keepsDelta: both,
    quantize,
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

function quantizationOf({ bits, rounding, rotation }: Swarm, where: string): Quantization | undefined {
  if (bits === undefined) {
    const idle = rounding !== undefined ? 'rounding' : rotation !== undefined ? 'rotation' : undefined;
    if (idle === undefined) return undefined;
    throw new HearsayError('CONFIG_RANGE', `${where}: found ${idle} without bits; add bits=8, or leave ${idle} out`);
  }
  if (bits >= enough) return { bits, rounding: rounding ?? 'dither', rotation: rotation ?? false };
  const wrong = rounding === 'stochastic' ? 'rounding=stochastic' : rotation === false ? 'rotation=false' : undefined;
  if (wrong === undefined) return { bits, rounding: 'dither', rotation: true };
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: found ${wrong} with bits=${bits}, whose lattice is too coarse for it: leave it out (rounding=dither, rotation=true), or take bits=4`,
  );
}

/** The weight of an average; with few bits half of that from which noise feeds on itself, which keeps models closest together. */
export function weightOf({ weight, bits }: Pick<Swarm, 'weight' | 'bits'>, parameters: number, where = 'swarm'): number {
  if (bits === undefined || bits >= enough) return weight ?? 0.5;
  const limit = limitOf(bits, travelling(parameters, { bits, rounding: 'dither', rotation: true }));
  if (weight === undefined) return limit / 2;
  if (weight < limit || parameters === 1) return weight; // options are read as if a model had one parameter, before it is known
  const digits = (value: number) => Number(value.toPrecision(3));
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: weight: found ${weight} with bits=${bits}, allowed is below ${digits(limit)} for ${parameters} parameters, as the noise of the lattice feeds on itself from there on; leave weight out (${digits(limit / 2)}), or take bits=4`,
  );
}
