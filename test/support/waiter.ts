/** An algorithm that stands still: all meet after each piece of work, but the first node never ends its own. */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';

const waiter: AlgorithmFactory = () => ({
  name: 'waiter',
  keepsDelta: true,
  begin: (node, rows) => rows.descend(node, { steps: 1 }),
  finish(node, rows) {
    if (node === 0) return false;
    rows.commit(node, { meet: true });
    return true;
  },
  meet({ live, combine }) {
    combine(
      live,
      live,
      live.map(() => 1 / live.length),
    );
  },
});

export default waiter;
