/**
 * Asynchronous SGD: one model, from which every worker reads, and to which it adds what it has learnt meanwhile, however old that is. With
 * M workers whose times have any one law, an update is M - 1 updates old on average; with too many the delay makes descent swing, and
 * diverge.
 *
 *   x = x + D_i,   D_i: local progress since the worker's snapshot of x
 *
 * Staleness counts ops on the row, and a snapshot is one: it is 2 (M - 1) on average.
 */

import type { Algorithm, Row } from '../algorithm.js';
import { builtIn, type Steps, steps } from './builtin.js';

const description = {
  name: 'asgd',
  about: 'one model, which all read and add to',
  source: { method: 'asynchronous SGD on a parameter server', provenance: 'standard method, from memory' },
  keeps: { what: ['sums'], note: 'one model, the sum of all progress' },
  settings: { steps: steps(1) },
} as const;

export const asgd = builtIn(description, ({ steps }, { capacity }) => oneModel('asgd', capacity, steps));

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
