/**
 * Threads that die at any instruction while they play a simulation or a history: the bytes and the samples are those of the undisturbed
 * run.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExperimentInput, HearsayError, type Result, replay, simulate, train } from '../../src/index.js';
import { source, word } from '../../src/random.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const threads = 3;
const deaths = 20 * Number(process.env.HEARSAY_LONG ?? 1);

const learning: ExperimentInput = {
  ...{ data: 'digits:1000', model: 'mlp:128', nodes: 12, batch: 32, optimizer: 'sgd:rate=.1,momentum=.5', kernels: 'simd' },
  ...{ evaluateEvery: '4s', time: 4 * deaths, threads },
};
const rough = { churn: 'rates:join=.4,leave=.3,crash=.3', link: 'delay:mean=0.4,law=exponential,loss=0.1' };

/** Terminates threads at random moments, until the run has ended, or it has got enough of it. */
async function ordeal<T>(
  run: { result: Promise<T>; terminate(thread: number): Promise<void> },
  seed: number,
  count = deaths,
): Promise<T> {
  let ended = false;
  const result = run.result.finally(() => {
    ended = true;
  });
  result.catch(() => {});
  const random = source(seed, 'ordeal');
  for (let k = 0; k < count && !ended; k++) {
    await sleep(20 + (word(random, k, 0) % 60)); // a successor needs some 50 ms to sit down
    if (!ended) await run.terminate(word(random, k, 1) % threads);
  }
  return result;
}

/** Everything but the clock on the wall. */
function outcome({ done, samples }: Pick<Result, 'done' | 'samples'>) {
  const { parametersHash, perNode, stopReason, steps, exchanges, bytes, quarantined } = done;
  return {
    ...{ parametersHash, perNode, stopReason, steps, exchanges, bytes, quarantined },
    samples: samples.map(({ seconds, ...rest }) => rest),
  };
}

const runs: [algorithm: string, more: ExperimentInput][] = [
  ['swarm:steps=2', {}],
  ['swarm:steps=2,both=true', rough],
  ['gossip:rate=1,mix=push-pull', rough],
  ['local:steps=2', {}],
];

for (const [algorithm, more] of runs) {
  test(`${algorithm}: deaths while it is simulated change nothing`, { timeout: 120_000 }, async t => {
    const input: ExperimentInput = { ...learning, ...more, algorithm };
    const undisturbed = await simulate({ ...input, parallel: 'never' }).result;
    assert.ok(undisturbed.samples.length >= 20 && undisturbed.samples[1].trainLoss! > 0);
    const { done, samples } = await ordeal(simulate({ ...input, parallel: 'always' }), 7);
    t.diagnostic(`${done.deaths} deaths in ${done.steps} steps`);
    assert.ok(done.deaths >= deaths / 2, `${done.deaths} deaths`);
    assert.deepEqual(outcome({ done, samples }), outcome(undisturbed));
  });
}

test('deaths while a history is played change nothing, nor do those while it is recorded', { timeout: 120_000 }, async t => {
  for (const [what, recorded] of [
    [
      'virtual',
      { ...learning, time: 2 * deaths, deterministic: true, parallel: 'always', algorithm: 'gossip:rate=1', link: rough.link },
    ],
    ['live', { ...learning, time: null, evaluateEvery: '0.2s', seconds: deaths / 16, algorithm: 'swarm:steps=2' }],
  ] as [string, ExperimentInput][]) {
    const file = join(folder, what);
    const { done } = await ordeal(train(recorded, { record: file }), 3, deaths / 2);
    const again = await ordeal(replay(file, { threads }), 5, deaths / 2); // it compares a hash at every evaluation
    t.diagnostic(`${what}: ${done.deaths} deaths in ${done.steps} steps, ${again.deaths} in ${again.ops} ops`);
    assert.ok(done.deaths >= 3 && again.deaths >= 3, `${done.deaths} and ${again.deaths} deaths`);
    assert.equal(again.stopReason, 'end');
    assert.equal(again.parametersHash, done.parametersHash);
    assert.equal(again.steps, done.steps);
  }
});

test('a piece of work that ends its thread every time ends the simulation: no node is left out', {
  timeout: 60_000,
}, async () => {
  const model = `${new URL('../support/faulty.js', import.meta.url).href}:how=exit,after=5`;
  const lost = (error: unknown) =>
    error instanceof HearsayError && error.code === 'WORKER_LOST' && /at node \d+/.test(error.message);
  await assert.rejects(simulate({ ...learning, optimizer: 'sgd', model, parallel: 'always' }).result, lost);
});
