/** Nodes on their own: local SGD steps, no exchange. The baseline that shows what gossip gives. Option: steps=H a piece (4). */

import { builtIn, steps } from './builtin.js';

export const none = builtIn('none', 'nodes on their own: no exchange', { steps: steps(4) }, ({ steps }) => ({
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
