/** An algorithm that commits alone, and averages afterwards. */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';

const mixer: AlgorithmFactory = () => ({
  name: 'mixer',
  begin(node, rows) {
    rows.descend(node, { steps: 1 });
  },
  finish(node, rows, world) {
    rows.commit(node);
    rows.mix(node, world.peer(node));
    return true;
  },
});

export default mixer;
