/** A run that has come to rest is ended; one that works, waits or is slowed is not, however long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Experiment, parseExperiment } from '../../src/engine/experiment.js';
import { Thread, threadWord } from '../../src/engine/layout.js';
import { algorithms, HearsayError, simulate } from '../../src/index.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { openStall } from '../../src/threads/stall.js';

/** Looks every 50 ms for `seconds`; `live` says what the threads do meanwhile. Returns the second of the end, or null. */
function watched(
  seconds: number,
  live: (count: (word: number) => void, now: number) => void,
  experiment: Partial<Experiment> = {},
) {
  const { arena } = rehearse({ algorithm: algorithms.none, nodes: 2, parameters: 3 });
  const ints = new Int32Array(arena.memory.buffer);
  const look = openStall(arena, { ...parseExperiment({}), ...experiment });
  for (let now = 1000; now < 1000 + seconds * 1000; now += 50) {
    live(word => ints[threadWord(arena.layout, 0, word)]++, now);
    try {
      look(now);
    } catch (error) {
      assert.ok(error instanceof HearsayError && error.code === 'STALLED', String(error));
      return (now - 1000) / 1000;
    }
  }
  return null;
}

test('a minute in which nobody found anything to do ends the run', () => {
  const end = watched(100, count => count(Thread.Idle));
  assert.ok(end !== null && end >= 60 && end <= 63, `it ended after ${end} s`);
});

test('a step in between, however rare, a long piece of work, a slowed node: the run goes on', () => {
  const idle = (count: (word: number) => void) => count(Thread.Idle);
  const rare = watched(1000, (count, now) => (now % 55_000 === 0 ? count(Thread.Steps) : idle(count)));
  assert.equal(rare, null);
  const long = watched(1000, (count, now) => (now % 50_000 < 5000 ? idle(count) : undefined));
  assert.equal(long, null, 'a piece of 45 s that nobody has committed yet');
  assert.equal(
    watched(1000, () => {}),
    null,
    'a module that never returns',
  );
  assert.equal(watched(1000, idle, { stragglers: [{ node: 0, factor: 1e6 }] }), null);
});

test('a simulation in which nothing is left to happen ends, on one thread and on a pool', { timeout: 60_000 }, async () => {
  const algorithm = new URL('../support/waiter.js', import.meta.url).href;
  for (const parallel of ['never', 'always'] as const) {
    const input = { data: 'digits:400', model: 'softmax', algorithm, nodes: 3, threads: 2, parallel, epochs: null };
    await assert.rejects(simulate({ ...input, steps: 1e6 }).result, { code: 'STALLED', message: /nothing is left to happen/ });
    const { done } = await simulate({ ...input, time: 1000 }).result;
    assert.deepEqual([done.stopReason, done.steps], ['time', 2], 'with a limit of time it ends by itself');
  }
});
