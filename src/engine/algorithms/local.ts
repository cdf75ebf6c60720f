/**
 * Local SGD: H local steps on every node, then every row becomes the mean of all, behind a barrier. `allreduce` is H = 1: with the
 * same rate it equals one SGD with the batches of all nodes put together.
 */

import type { Algorithm } from '../algorithm.js';
import { builtIn, type Steps, steps } from './builtin.js';

const keeps = { what: ['mean', 'hull'] } as const;
const provenance = 'standard method, from memory';

const ofLocal = {
  name: 'local',
  about: 'local steps, then the mean of all, behind a barrier',
  source: { method: 'local SGD', authors: 'Stich', year: 2018, arxiv: '1805.09767', provenance },
  keeps,
  settings: { steps: steps(4) },
} as const;

const ofAllreduce = {
  name: 'allreduce',
  about: 'the mean of all after every step, behind a barrier',
  source: { method: 'synchronous data-parallel SGD', provenance },
  keeps,
  settings: {},
} as const;

export const local = builtIn(ofLocal, ({ steps }) => meanOfAll('local', steps));

export const allreduce = builtIn(ofAllreduce, () => meanOfAll('allreduce', () => 1));

function meanOfAll(name: string, steps: Steps): Algorithm {
  return {
    name,
    averages: true,
    among: 'all',
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
