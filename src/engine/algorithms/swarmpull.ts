/**
 * The one-sided form of SwarmSGD, as in the authors' public prototype: after its local steps a node reads the model of a drawn neighbour, and takes
 * the mean; the neighbour is not touched.
 *
 *   X_i = (1-w) (X_i + D_i) + w X_j
 *
 * Provenance: public code. Does not preserve the mean, but in expectation. Options: steps=H or geometric:H (1, as there), weight=w (0.5).
 */

import { builtIn, steps, weight } from './builtin.js';

const settings = { steps: steps(1), weight };

export const swarmPull = builtIn('swarm-pull', 'the mean with a neighbour that keeps its own', settings, ({ steps, weight }) => ({
  name: 'swarm-pull',
  pairs: true,
  pairwise: true,
  begin(node, rows, world) {
    rows.descend(node, { steps: steps(node, world) });
  },
  finish(node, rows, world) {
    rows.commit(node);
    rows.pull(node, world.peer(node), weight);
    return true;
  },
}));
