/** A built-in algorithm in which the work of one node ends its thread: each time, or as long as lives are left (lives.ts). */

import type { AlgorithmFactory } from '../../src/engine/algorithm.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { take } from './lives.js';

const killer: AlgorithmFactory = ({ name, node: victim, folder, ...options }, setting) => {
  const inner = algorithms[name](options, setting);
  return {
    ...inner,
    begin(node, rows, world) {
      if (node === Number(victim) && (folder === undefined || take(folder))) process.exit(7);
      inner.begin(node, rows, world);
    },
  };
};

export default killer;
