/**
 * The real agenda, player, verbs and recovery through interleavings: a poster and two or three players, rings that are shorter than the
 * history, deaths at any step. HEARSAY_LONG adds a preemption to the scopes with a death.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from '../support/cases.js';
import { lineOf } from '../support/line.js';
import { anyShort, crossing, playing, type ShortName, shorts } from '../support/playscenes.js';
import { openEngine } from '../support/stage.js';
import { walkAll, walkRandomly } from '../support/walk.js';

const engine = await openEngine();
const isLong = cases(1).numRuns > 1;
const all = Object.keys(shorts) as ShortName[];

for (const name of all) {
  test(`2 players, ${name}: serial execution, whatever the schedule`, t => {
    walkAll(t, name, playing(engine, name), { preemptions: isLong ? 2 : 1 });
    walkAll(t, `${name}, local steps as long as others can work`, playing(engine, name, { long: true }), { preemptions: 1 });
  });

  test(`2 players, ${name}: a death at any step`, t => {
    const preemptions = isLong ? 1 : 0;
    walkAll(t, `${name}, a death`, playing(engine, name, { crashes: 1 }), { preemptions, limit: 40_000_000 });
    walkAll(t, `${name}, a death, long local steps`, playing(engine, name, { crashes: 1, long: true }), { preemptions: 0 });
  });
}

test('2 players, pair: a death at any step, a preemption anywhere', t => {
  walkAll(t, 'pair, a death', playing(engine, 'pair', { crashes: 1 }), { preemptions: 1 });
});

test('2 players: two deaths', t => {
  walkAll(t, 'pair, two deaths', playing(engine, 'pair', { crashes: 2 }), { preemptions: 0 });
  walkAll(t, 'again, two deaths', playing(engine, 'again', { crashes: 2 }), { preemptions: 0 });
});

test('two wakes that cross, by one player, by two, and with a death', t => {
  walkAll(t, 'crossing, 1 player', playing(engine, crossing, { players: 1 }), {});
  walkAll(t, 'crossing, 2 players', playing(engine, crossing), { preemptions: 2 });
  walkAll(t, 'crossing, a death', playing(engine, crossing, { crashes: 1 }), { preemptions: 0 });
});

test('3 players', t => {
  for (const name of ['pair', 'reader', 'again'] as const)
    walkAll(t, `${name}, 3 players`, playing(engine, name, { players: 3 }), { preemptions: 1 });
});

test('everybody parks when all is done, and numbers begin at 0 again, with a death', t => {
  for (const name of all) walkAll(t, `${name}, parked`, playing(engine, name, { parks: true }), { preemptions: 1 });
  for (const name of ['stale', 'both', 'shared'] as const) {
    walkAll(t, `${name}, from number 0 again`, playing(engine, name, { rewind: true }), { preemptions: 1 });
    walkAll(t, `${name}, from number 0 again, a death`, playing(engine, name, { rewind: true, crashes: 1 }), { preemptions: 0 });
  }
});

test('random schedules of random histories: 2 and 3 players, two deaths', t => {
  const { numRuns } = cases(8);
  let verbs = 0;
  for (let seed = 0; seed < numRuns; seed++) {
    const short = anyShort(seed, 8, 2 + (seed % 2));
    verbs += new Set(lineOf(short.rows, short.ops).ops.map(({ verb }) => verb)).size;
    const scene = playing(engine, short, { players: 2 + (seed % 2), crashes: 2, long: seed % 4 === 0 });
    walkRandomly(seed === 0 ? t : { diagnostic() {} }, 'random histories, each', scene, { schedules: 50, seed, depth: 4 });
  }
  t.diagnostic(`${numRuns} histories of 8 ops, complete`);
  assert.ok(verbs / numRuns > 3, 'the histories hold several verbs each');
});
