/**
 * The real recorder through interleavings: whatever dies when, what was taken out of the rings is every op that happened, once, and
 * executing it gives the rows.
 */

import { test } from 'node:test';
import { cases } from '../support/cases.js';
import { fullRing, manyOps, recordedMeetings, recordedPairs, recordedVerbs } from '../support/recordscenes.js';
import { openEngine } from '../support/stage.js';
import { walkAll, walkRandomly } from '../support/walk.js';

const engine = await openEngine();
const isLong = cases(1).numRuns > 1;
const limit = 60_000_000;

test('2 workers record a piece of work each', t => {
  walkAll(t, 'recorded', recordedPairs(engine), { preemptions: isLong ? 3 : 2 });
  walkAll(t, 'recorded, a death', recordedPairs(engine, { crashes: 1 }), { preemptions: isLong ? 2 : 1, limit });
  walkAll(t, 'recorded, a death, drained twice', recordedPairs(engine, { crashes: 1, drains: 2 }), {
    preemptions: isLong ? 1 : 0,
  });
});

test('2 workers record, two deaths', t => {
  walkAll(t, 'recorded, two deaths', recordedPairs(engine, { crashes: 2 }), { preemptions: isLong ? 1 : 0, limit });
});

test('2 workers record into rings that have room for one op', t => {
  const small = { recorder: 64, gone: 60 };
  walkAll(t, 'small rings', recordedPairs(engine, small), { preemptions: isLong ? 2 : 1 });
  walkAll(t, 'small rings, a death', recordedPairs(engine, { ...small, crashes: 1 }), { preemptions: isLong ? 1 : 0 });
});

test('2 workers record any verbs', t => {
  walkAll(t, 'recorded verbs', recordedVerbs(engine), { preemptions: isLong ? 2 : 1 });
  walkAll(t, 'recorded verbs, a death', recordedVerbs(engine, { crashes: 1 }), { preemptions: isLong ? 1 : 0, limit });
});

test('2 workers record meetings', t => {
  walkAll(t, 'a recorded meeting', recordedMeetings(engine, 1), { preemptions: isLong ? 2 : 1 });
  walkAll(t, 'a recorded meeting, a death', recordedMeetings(engine, 1, { crashes: 1 }), { preemptions: isLong ? 1 : 0, limit });
  walkAll(t, 'two recorded meetings', recordedMeetings(engine, 2), { preemptions: isLong ? 1 : 0 });
});

test('a ring that is full is waited for, holding nothing', t => {
  walkAll(t, 'full ring', fullRing(engine), { preemptions: isLong ? 2 : 1 });
  walkAll(t, 'full ring, a death', fullRing(engine, { crashes: 1 }), { preemptions: 0 });
  walkAll(t, 'many ops', manyOps(engine), { preemptions: isLong ? 2 : 0 });
});

test('random schedules of recorders, two deaths', t => {
  const schedules = cases(1000).numRuns;
  walkRandomly(t, 'recorded', recordedPairs(engine, { crashes: 2, drains: 3 }), { schedules, depth: 4 });
  walkRandomly(t, 'recorded verbs', recordedVerbs(engine, { crashes: 2, drains: 3 }), { schedules, depth: 4 });
  walkRandomly(t, 'recorded meetings', recordedMeetings(engine, 2, { crashes: 2, drains: 3 }), { schedules, depth: 4 });
});
