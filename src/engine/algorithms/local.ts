/**
 * Local SGD: H local steps on every node, then every row becomes the mean of all, behind a barrier. `allreduce` is H = 1: with the
 * same rate it equals one SGD with the batches of all nodes put together. Standard methods. Preserve the mean.
 * Option of `local`: steps=H or geometric:H (default 4).
 */

import type { Algorithm } from '../algorithm.js';
import { builtIn, type Steps, steps } from './builtin.js';

export const local = builtIn('local', 'local steps, then the mean of all, behind a barrier', { steps: steps(4) }, ({ steps }) =>
  meanOfAll('local', steps),
);

export const allreduce = builtIn('allreduce', 'the same after every step', {}, () => meanOfAll('allreduce', () => 1));

function meanOfAll(name: string, steps: Steps): Algorithm {
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
