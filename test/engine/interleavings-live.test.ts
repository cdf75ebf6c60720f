/** The live driver's own loop through interleavings: two threads serve, meet, pause, and are stopped. */

import { test } from 'node:test';
import { cases } from '../support/cases.js';
import { live } from '../support/scenes.js';
import { openEngine } from '../support/stage.js';
import { walkAll, walkRandomly } from '../support/walk.js';

const engine = await openEngine();
const isLong = cases(1).numRuns > 1;

for (const { kind, steps } of [
  { kind: 'swarm', steps: 2 },
  { kind: 'local', steps: 3 },
] as const) {
  test(`2 threads serve ${kind} until they are stopped`, t => {
    walkAll(t, `live ${kind}`, live(engine, kind, steps), { preemptions: kind === 'swarm' || isLong ? 2 : 1 });
    walkAll(t, `live ${kind}, a death`, live(engine, kind, steps, { crashes: 1 }), { preemptions: isLong ? 1 : 0 });
    walkRandomly(t, `live ${kind}, two deaths`, live(engine, kind, steps, { crashes: 2 }), { schedules: cases(3_000).numRuns });
  });
}
