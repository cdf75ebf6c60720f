/**
 * An algorithm of one's own: a node that has done its local steps meets two neighbours at once, and all three go on from their mean.
 *
 *   hearsay train --algorithm ./dist/examples/trios.js:steps=2 --topology ring
 *
 * Every thread loads this module and calls its default export. What to know: `begin` and `finish` are the two halves of a piece of
 * work; rows are numbers; a combine computes all sums from the values before it, and using a delta commits it.
 */

import type { AlgorithmFactory } from 'hearsay';

const trios: AlgorithmFactory = ({ steps = '4' }) => ({
  name: 'trios',
  begin(node, rows) {
    rows.descend(node, { steps: Number(steps) });
  },
  finish(node, rows, world) {
    const neighbours = world.neighbours(node);
    if (neighbours.length < 2) {
      rows.commit(node);
      return true;
    }
    const first = Math.floor(world.random(node, 'first of the trio') * neighbours.length);
    const trio = [node, neighbours[first], neighbours[(first + 1) % neighbours.length]];
    const third = 1 / 3;
    // One row of weights a target: the mean of the three, and the node's own progress for the node alone.
    const mean = [third, third, third, 0];
    rows.combine(trio, [...trio, rows.delta(node)], [third, third, third, 1, ...mean, ...mean]);
    return true;
  },
});

export default trios;
