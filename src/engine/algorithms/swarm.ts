/**
 * SwarmSGD (Nadiradze, Sabour, Davies, Li, Alistarh; NeurIPS 2021; arXiv 1910.12308). A node takes H local steps, then meets a
 * uniformly drawn neighbour.
 *
 *   non-blocking (default)  X_i = (X_i + X_j)/2 + D_i,  X_j = (X_i + X_j)/2       D_i: local progress since the snapshot of X_i
 *     order=commit          X_i = X_j = ((X_i + D_i) + X_j)/2
 *   both=true (blocking)    X_i = X_j = ((X_i + D_i) + (X_j + D_j))/2, once both have finished their steps
 *     order=mix             X_i = (X_i + X_j)/2 + D_i,  X_j = (X_i + X_j)/2 + D_j
 *
 * Provenance: the non-blocking rule as in a public re-implementation; the blocking rule recalled from the paper. Preserves the mean:
 * the sum of all rows grows by exactly the deltas. Options: steps=H or geometric:H (default 4), both=true|false (false),
 * order=mix|commit, which comes first (mix; with both, commit), weight of the partner's model (0.5).
 */

import type { AlgorithmFactory } from '../algorithm.js';
import { flagOption, numberOption, onlyKnown, stepsOption, wordOption } from './options.js';

export const swarm: AlgorithmFactory = options => {
  onlyKnown('swarm', options, ['steps', 'both', 'order', 'weight']);
  const steps = stepsOption('swarm', options, 4);
  const both = flagOption('swarm', options, 'both');
  const order = wordOption('swarm', options, 'order', both ? (['commit', 'mix'] as const) : (['mix', 'commit'] as const));
  const weight = numberOption('swarm', options, 'weight', 0.5, 0, 1);
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
};
