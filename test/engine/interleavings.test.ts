/** The real guard, verbs and recovery through every interleaving of two workers. */

import { test } from 'node:test';
import { barrier, both, pairs, quiesce, shared, verbs } from '../support/scenes.js';
import { openEngine } from '../support/stage.js';
import { walkAll } from '../support/walk.js';

const engine = await openEngine();
const blocking = [
  { wait: true, words: 'waiting' },
  { wait: false, words: 'trying' },
];

for (const { wait, words } of blocking) {
  test(`2 workers x 3 rows, ${words}: a piece of work each, with any partner, and a death at any step`, t => {
    walkAll(t, `2 x 3, ${words}, a death`, pairs(engine, 2, { wait, crashes: 1, fine: true }));
  });

  test(`2 workers x 3 rows, ${words}: any verb over one, two or three rows against any other`, t => {
    walkAll(t, `2 x 3, ${words}, any verbs`, verbs(engine, 2, { wait, fine: true }));
    walkAll(t, `2 x 3, ${words}, any verbs, a death`, verbs(engine, 2, { wait, crashes: 1 }), { preemptions: 1 });
  });

  test(`the blocking rule of swarm, ${words}: both commit or none, with a death`, t => {
    walkAll(t, `both, ${words}`, both(engine, 2, { wait, crashes: 1 }));
  });
}

test('two deaths', t => {
  walkAll(t, '2 x 3, two deaths', pairs(engine, 2, { wait: true, crashes: 2, ring: true }), { preemptions: 1 });
});

test('two threads commit onto one row, with a death', t => {
  walkAll(t, 'one row for all', shared(engine, 2, { crashes: 1 }));
});

test('the barrier: a meeting, then one with a death, then two', t => {
  walkAll(t, 'a meeting', barrier(engine, 1));
  walkAll(t, 'a meeting, a death', barrier(engine, 1, { crashes: 1 }), { preemptions: 2 });
  walkAll(t, 'two meetings', barrier(engine, 2), { preemptions: process.env.HEARSAY_LONG ? 3 : 2 });
  walkAll(t, 'a meeting of pieces', barrier(engine, 1, {}, true));
  walkAll(t, 'a meeting of pieces, a death', barrier(engine, 1, { crashes: 1 }, true), { preemptions: 1 });
  walkAll(t, 'two meetings of pieces', barrier(engine, 2, {}, true), { preemptions: 2 });
});

test('everybody parks, works together, goes on, stops', t => {
  walkAll(t, 'two evaluations', quiesce(engine, 2), { preemptions: 2 });
  walkAll(t, 'an evaluation, a death', quiesce(engine, 1, { crashes: 1 }), { preemptions: 1 });
});
