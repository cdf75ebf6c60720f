/**
 * 150,000 random schedules (PCT) of larger scopes, with deaths; each has a number, and fails again under it. HEARSAY_LONG=k makes
 * k times as many.
 */

import { test } from 'node:test';
import { cases } from '../support/cases.js';
import { barrier, pairs, piece, quiesce, verbs } from '../support/scenes.js';
import { openEngine, stage } from '../support/stage.js';
import { walkRandomly } from '../support/walk.js';

const engine = await openEngine();
const total = cases(150_000).numRuns;

const rounds = [1, 2].map(k => [0, 1].map(node => piece(node, 'mixAndCommit', k)));

const scenes = [
  { title: '2 x 3, waiting', part: 0.2, scene: pairs(engine, 2, { wait: true, crashes: 1 }) },
  { title: '2 x 3, trying', part: 0.2, scene: pairs(engine, 2, { wait: false, crashes: 1 }) },
  { title: '3 x 3, waiting', part: 0.1, scene: pairs(engine, 3, { wait: true, crashes: 2 }) },
  { title: '3 x 3, trying', part: 0.1, scene: pairs(engine, 3, { wait: false, crashes: 2 }) },
  { title: '3 workers, any verbs', part: 0.3, scene: verbs(engine, 3, { wait: true, crashes: 1 }) },
  {
    title: '2 x 3, two pieces each',
    part: 0.04,
    scene: stage({
      engine,
      rows: 3,
      workers: [0, 1].map(node => rounds.flatMap(round => round[node])),
      pieces: [2, 2],
      wait: true,
      crashes: 2,
    }),
  },
  { title: 'two meetings', part: 0.03, scene: barrier(engine, 2, { crashes: 2 }) },
  { title: 'two evaluations', part: 0.03, scene: quiesce(engine, 2, { crashes: 2 }) },
];

for (const { title, part, scene } of scenes) {
  test(`random schedules: ${title}`, t => {
    walkRandomly(t, title, scene, { schedules: Math.round(total * part), depth: 4 });
  });
}
