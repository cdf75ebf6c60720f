import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { openCrowd } from '../../src/threads/crowd.js';
import { simulate } from '../../src/threads/train.js';

const input: ExperimentInput = { data: 'none', model: 'noise:8', batch: 1, nodes: 4, time: 20, evaluateEvery: '5s' };

test('a crowd simulates what one simulation does, many at a time', async () => {
  const crowd = openCrowd(2);
  try {
    const seeds = [1, 2, 3, 4, 5];
    const found = await Promise.all(seeds.map(seed => crowd.simulate({ ...input, seed })));
    for (const [k, seed] of seeds.entries()) {
      const { done, samples } = await simulate({ ...input, seed, parallel: 'never' }).result;
      assert.equal(found[k].done.parametersHash, done.parametersHash);
      assert.deepEqual(
        found[k].samples.map(({ versions, virtual }) => ({ versions, virtual })),
        samples.map(({ versions, virtual }) => ({ versions, virtual })),
      );
    }
    assert.equal(new Set(found.map(({ done }) => done.parametersHash)).size, seeds.length);
  } finally {
    await crowd.close();
  }
});

test('errors keep their code, and spoil no other simulation', async () => {
  const crowd = openCrowd(1);
  try {
    const bad = crowd.simulate({ ...input, topology: 'torus', nodes: 5 });
    const good = crowd.simulate(input);
    await assert.rejects(bad, { name: 'HearsayError', code: 'GRAPH_INVALID' });
    assert.equal((await good).done.stopReason, 'time');
  } finally {
    await crowd.close();
  }
});

test('a crowd that is closed ends what goes on, and takes nothing more', { timeout: 20_000 }, async () => {
  const crowd = openCrowd(1);
  const [endless, waiting] = [crowd.simulate({ ...input, time: 1e9 }), crowd.simulate(input)];
  const ended = Promise.all([assert.rejects(endless, { code: 'ABORTED' }), assert.rejects(waiting, { code: 'ABORTED' })]);
  await sleep(300);
  await crowd.close();
  await ended;
  await assert.rejects(crowd.simulate(input), { code: 'ABORTED' });
});

test('a crowd can be closed at any moment, also while its threads begin', { timeout: 60_000 }, async () => {
  for (let wait = 30; wait <= 150; wait += 6) {
    const crowd = openCrowd(2);
    const runs = [1, 2, 3].map(() =>
      crowd.simulate({ data: 'none', model: 'noise:2', nodes: 4, batch: 1, time: 5 }).catch(() => 0),
    );
    await sleep(wait);
    await crowd.close();
    await Promise.all(runs);
  }
});
