/**
 * SwarmSGD that notes when each piece of work has begun and finished. With wait=true no piece is ever finished; with pairwise=true links
 * delay them.
 */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';

/** Pieces of work, in the order of their ends. */
export const pieces: { node: number; begun: number; finished: number }[] = [];

const timed: AlgorithmFactory = ({ wait = 'false', pairwise = 'false' }) => {
  const begun = new Map<number, number>();
  return {
    name: 'timed',
    pairwise: pairwise === 'true',
    begin(node, rows, world) {
      begun.set(node, world.time());
      rows.descend(node, { steps: 1 });
    },
    finish(node, rows, world) {
      if (wait === 'true') return false;
      pieces.push({ node, begun: begun.get(node)!, finished: world.time() });
      rows.mixAndCommit(node, world.peer(node));
      return true;
    },
  };
};

export default timed;
