/** Nodes on their own: local SGD steps, no exchange. The baseline that shows what gossip gives. */

import { builtIn, steps } from './builtin.js';

const description = {
  name: 'none',
  about: 'nodes on their own: no exchange',
  source: { method: 'SGD on every node', provenance: 'standard method' },
  keeps: { what: ['mean', 'hull'] },
  settings: { steps: steps(4) },
} as const;

export const none = builtIn(description, ({ steps }) => ({
  name: 'none',
  pairs: true,
  begin(node, rows, world) {
    rows.descend(node, { steps: steps(node, world) });
  },
  finish(node, rows) {
    rows.commit(node);
    return true;
  },
}));
