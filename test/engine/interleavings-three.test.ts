/** The real guard, verbs and recovery with three workers: every schedule with at most one preemption, or two with HEARSAY_LONG. */

import { test } from 'node:test';
import { cases } from '../support/cases.js';
import { pairs, verbs } from '../support/scenes.js';
import { openEngine } from '../support/stage.js';
import { walkAll } from '../support/walk.js';

const engine = await openEngine();
const isLong = cases(1).numRuns > 1;

for (const { wait, words } of [
  { wait: true, words: 'waiting' },
  { wait: false, words: 'trying' },
]) {
  test(`3 workers x 3 rows, ${words}: a piece of work each, partners in a ring, a death at any step`, t => {
    walkAll(t, `3 x 3, ${words}, a death`, pairs(engine, 3, { wait, crashes: 1, ring: true }), {
      preemptions: isLong ? 2 : 1,
    });
    walkAll(t, `3 x 3, ${words}`, pairs(engine, 3, { wait, ring: true }));
  });

  test(`3 workers x 3 rows, ${words}: any three verbs`, t => {
    walkAll(t, `3 x 3, ${words}, any verbs`, verbs(engine, 3, { wait }), { preemptions: 1 });
  });
}
