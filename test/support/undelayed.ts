/** STARDUST whose messages do not wait, as its text would be if there were no such thing as a wait. */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';
import { algorithms } from '../../src/engine/algorithms/table.js';

const undelayed: AlgorithmFactory = (options, setting) => ({
  ...algorithms.stardust(options, setting),
  waits: false,
  tick(node, _clock, rows, world) {
    world.send(node, rows.stow(node), world.peer(node));
  },
});

export default undelayed;
