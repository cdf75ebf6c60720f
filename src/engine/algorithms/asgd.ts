/**
 * Asynchronous SGD: one model, from which every worker reads, and to which it adds what it has learnt meanwhile, however old that is. With M
 * workers whose times have any one law, an update is M - 1 updates old on average; with too many the delay makes descent swing, and diverge.
 *
 *   x = x + D_i,   D_i: local progress since the worker's snapshot of x
 *
 * Staleness counts ops on the row, and a snapshot is one: it is 2 (M - 1) on average.
 *
 * Standard method. One model: nothing is averaged. Option: steps=H or geometric:H local steps a piece (1).
 */

import type { Algorithm, Row } from '../algorithm.js';
import { builtIn, type Steps, steps } from './builtin.js';

export const asgd = builtIn('asgd', 'one model, which all read and add to', { steps: steps(1) }, ({ steps }, { capacity }) =>
  oneModel('asgd', capacity, steps),
);

/** Work on copies of row `shared`, the differences added to it under the guard. */
export function oneModel(name: string, shared: Row, steps: Steps): Algorithm {
  return {
    name,
    extraRows: 1,
    sharedRow: shared,
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world), from: shared });
    },
    finish(node, rows) {
      rows.commit(node, { into: shared });
      return true;
    },
  };
}
