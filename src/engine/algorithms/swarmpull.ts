/**
 * The one-sided form of SwarmSGD, as in the authors' public prototype: after its local steps a node reads the model of a drawn neighbour,
 * and takes the mean; the neighbour is not touched.
 *
 *   X_i = (1-w) (X_i + D_i) + w X_j
 */

import { builtIn, steps, weight } from './builtin.js';

const description = {
  name: 'swarm-pull',
  about: 'the mean with a neighbour that keeps its own',
  source: {
    method: 'SwarmSGD, the one-sided prototype',
    authors: 'Nadiradze, Sabour, Davies, Li, Alistarh',
    year: 2021,
    arxiv: '1910.12308',
    provenance: "the authors' public code, which takes one step a piece",
  },
  keeps: { what: ['mean in expectation', 'hull'] },
  settings: { steps: steps(1), weight },
} as const;

export const swarmPull = builtIn(description, ({ steps, weight }) => ({
  name: 'swarm-pull',
  averages: true,
  among: 'pair',
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
