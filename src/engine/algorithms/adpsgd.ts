/**
 * One gradient at a snapshot; meanwhile the row may be averaged by others; then an atomic average with a drawn neighbour and the
 * gradient step on what the row has become.
 *
 *   X_i = X_j = (X_i + X_j)/2,  then  X_i -= eta g_i(snapshot of X_i)
 *
 * The bipartite active and passive roles of the paper's code are not needed: rows are guarded and taken in order, so nobody deadlocks.
 */

import { builtIn, weight } from './builtin.js';

const description = {
  name: 'adpsgd',
  about: 'one gradient, then an average with a neighbour',
  source: {
    method: 'AD-PSGD',
    authors: 'Lian, Zhang, Zhang, Liu',
    venue: 'ICML',
    year: 2018,
    arxiv: '1710.06952',
    provenance: "the paper's abstract, and memory of its algorithm",
  },
  keeps: { what: ['mean', 'hull'] },
  settings: { weight },
} as const;

export const adpsgd = builtIn(description, ({ weight }) => ({
  name: 'adpsgd',
  averages: true,
  among: 'pair',
  pairs: true,
  pairwise: true,
  begin(node, rows) {
    rows.descend(node, { steps: 1 });
  },
  finish(node, rows, world) {
    rows.mixAndCommit(node, world.peer(node), weight);
    return true;
  },
}));
