/**
 * Local SGD: H local steps on every node, then every row becomes the mean of all, behind a barrier. `allreduce` is H = 1: with the
 * same rate it equals one SGD with the batches of all nodes put together. Standard methods. Preserve the mean.
 * Option of `local`: steps=H or geometric:H (default 4).
 */

import type { Algorithm, AlgorithmFactory, World } from '../algorithm.js';
import { onlyKnown, stepsOption } from './options.js';

export const local: AlgorithmFactory = options => {
  onlyKnown('local', options, ['steps']);
  return meanOfAll('local', stepsOption('local', options, 4));
};

export const allreduce: AlgorithmFactory = options => {
  onlyKnown('allreduce', options, []);
  return meanOfAll('allreduce', () => 1);
};

function meanOfAll(name: string, steps: (node: number, world: World) => number): Algorithm {
  return {
    name,
    begin(node, rows, world) {
      rows.descend(node, { steps: steps(node, world) });
    },
    finish(node, rows) {
      rows.commit(node, { meet: true });
      return true;
    },
    meet(rows) {
      rows.combine(
        rows.live,
        rows.live,
        rows.live.map(() => 1 / rows.live.length),
      );
    },
  };
}
