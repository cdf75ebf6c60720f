/** A built-in algorithm that notes what it takes of messages, and when: `inner` is its name, the other options are its own. */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';
import { algorithms } from '../../src/engine/algorithms/table.js';

/** Kernels that were applied with a message, in their order; `age` in seconds since it was sent. */
export const takings: { time: number; node: number; kernel: string; age: number }[] = [];

const watched: AlgorithmFactory = ({ inner, ...options }, setting) => {
  const algorithm = algorithms[inner](options, setting);
  return {
    ...algorithm,
    arrive(node, slot, rows, world) {
      const apply: typeof rows.apply = (row, kernel, planes, given) => {
        takings.push({ time: world.time(), node: row, kernel, age: world.age(slot) });
        rows.apply(row, kernel, planes, given);
      };
      algorithm.arrive!(node, slot, { ...rows, apply }, world);
    },
  };
};

export default watched;
