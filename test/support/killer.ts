/** A built-in algorithm in which the work of one node ends its thread each time. */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';
import { algorithms } from '../../src/engine/algorithms/table.js';

const killer: AlgorithmFactory = ({ name, node: victim, ...options }, setting) => {
  const inner = algorithms[name](options, setting);
  return {
    ...inner,
    begin(node, rows, world) {
      if (node === Number(victim)) process.exit(7);
      inner.begin(node, rows, world);
    },
  };
};

export default killer;
