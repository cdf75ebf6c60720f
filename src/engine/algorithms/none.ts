/** Nodes on their own: local SGD steps, no exchange. The baseline that shows what gossip gives. Option: steps=H a piece (4). */

import type { AlgorithmFactory } from '../algorithm.js';
import { onlyKnown, stepsOption } from './options.js';

export const none: AlgorithmFactory = options => {
  onlyKnown('none', options, ['steps']);
  const steps = stepsOption('none', options, 4);
  return {
    name: 'none',
    pairs: true,
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.commit(node);
      return true;
    },
  };
};
