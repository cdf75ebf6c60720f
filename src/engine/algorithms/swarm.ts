/**
 * A node takes H local steps, then meets a uniformly drawn neighbour.
 *
 *   non-blocking (default)  X_i = (X_i + X_j)/2 + D_i,  X_j = (X_i + X_j)/2       D_i: local progress since the snapshot of X_i
 *     order=commit          X_i = X_j = ((X_i + D_i) + X_j)/2
 *   both=true (blocking)    X_i = X_j = ((X_i + D_i) + (X_j + D_j))/2, once both have finished their steps
 *     order=mix             X_i = (X_i + X_j)/2 + D_i,  X_j = (X_i + X_j)/2 + D_j
 *
 * The sum of all rows grows by exactly the deltas.
 */

import { flag, oneOf, optional } from '../../settings.js';
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
      'the non-blocking rule from a public re-implementation, the blocking rule from memory; a weight other than 1/2 is our own',
  },
  keeps: { what: ['mean', 'hull'] },
  settings: {
    steps: steps(4),
    both: flag('true: the blocking rule, both nodes finish their steps, then both commit'),
    order: optional(oneOf('what comes first', ['mix', 'commit']), 'mix; with both=true, commit'),
    weight,
  },
} as const;

export const swarm = builtIn(description, values => {
  const { steps, both, weight } = values;
  const order = values.order ?? (both ? 'commit' : 'mix');
  return {
    name: 'swarm',
    pairs: true,
    keepsDelta: both,
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
