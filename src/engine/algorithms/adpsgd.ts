/**
 * AD-PSGD (Lian, Zhang, Zhang, Liu; ICML 2018; arXiv 1710.06952): one gradient at a snapshot; meanwhile the row may be averaged by
 * others; then an atomic average with a drawn neighbour and the gradient step on what the row has become.
 *
 *   X_i = X_j = (X_i + X_j)/2,  then  X_i -= eta g_i(snapshot of X_i)
 *
 * Provenance: the paper's abstract and memory of its algorithm. The bipartite active and passive roles of the paper's code are not
 * needed: rows are guarded and taken in order, so nobody deadlocks. Preserves the mean. Option: weight of the partner's model (0.5).
 */

import { builtIn, weight } from './builtin.js';

export const adpsgd = builtIn('adpsgd', 'one gradient, then an average with a neighbour', { weight }, ({ weight }) => ({
  name: 'adpsgd',
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
