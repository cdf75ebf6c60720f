/**
 * One model, all threads read and write it without locks. An experiment here, the one exception to the rule that only the holder touches a
 * row: with dense gradients updates are lost, and no run can be repeated.
 *
 *   mode=racy (default)  steps in place on the shared row, unguarded: the literal method
 *   mode=guarded         steps on a copy, the difference added under the guard: nothing is lost
 */

import { oneOf } from '../../settings.js';
import { oneModel } from './asgd.js';
import { builtIn, steps } from './builtin.js';

const description = {
  name: 'hogwild',
  about: 'one model, which all threads write',
  source: {
    method: 'Hogwild!',
    authors: 'Recht, Re, Wright, Niu',
    venue: 'NIPS',
    year: 2011,
    arxiv: '1106.5730',
    provenance: 'memory; mode=guarded is our own',
  },
  keeps: { what: [], note: 'one model, and updates of racing threads get lost; mode=guarded: the sum of all progress' },
  settings: {
    steps: steps(1),
    mode: oneOf('in place and without a guard, or on a copy, the difference added under the guard', ['racy', 'guarded']),
  },
} as const;

export const hogwild = builtIn(description, ({ steps, mode }, { capacity }) => {
  const shared = capacity; // the extra row behind the nodes
  const guarded = oneModel('hogwild', shared, steps);
  if (mode === 'guarded') return guarded;
  return {
    ...guarded,
    notReplayable: 'hogwild: unguarded writes of several threads have no order that could be recorded',
    begin() {},
    finish(node, rows, world) {
      rows.hogwild(node, shared, steps(node, world));
      return true;
    },
  };
});
