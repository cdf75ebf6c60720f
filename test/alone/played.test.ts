/** Who does the ops of a run that players play, and in which order they are done. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ExperimentInput, type Played, replay, simulate, train } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const learning: ExperimentInput = {
  ...{ data: 'digits:1000', model: 'mlp:64', nodes: 32, batch: 16, algorithm: 'swarm:steps=4', kernels: 'simd' },
  ...{ steps: 4000, evaluateEvery: 2000, threads: 2 },
};

/** Ops lie ready on many nodes, so nobody idles, and a short op is done while the other thread is at a long one. */
function requireShared(played: Played | undefined, ops: number): void {
  const { perThread, overtaking } = played!;
  const sum = perThread.reduce((total, share) => total + share, 0);
  assert.equal(sum, ops);
  assert.equal(perThread.length, 2);
  for (const share of perThread) assert.ok(share >= 0.2 * sum, `${perThread}`);
  assert.ok(overtaking >= 0.1 && overtaking < 1, `${overtaking}`);
}

test('two players share the ops of a simulation, and do them out of the order of the queue', { timeout: 60_000 }, async () => {
  const { done } = await simulate({ ...learning, parallel: 'always' }).result;
  // A snapshot with its steps, and an exchange, for each piece; and what was begun and not finished.
  requireShared(done.played, (2 * done.steps) / 4 + 32);
});

test('those of a replay too', { timeout: 60_000 }, async () => {
  const file = join(folder, 'history');
  const { done } = await train({ ...learning, deterministic: true, parallel: 'always' }, { record: file }).result;
  const again = await replay(file, { threads: 2 }).result;
  assert.equal(again.parametersHash, done.parametersHash);
  requireShared(again.played, again.ops);
});

test('a run without players says nothing of them; one player goes in order', { timeout: 60_000 }, async () => {
  const short: ExperimentInput = { ...learning, steps: 400 };
  assert.equal('played' in (await simulate({ ...short, parallel: 'never' }).result).done, false);
  assert.equal('played' in (await train(short).result).done, false);
  const { played } = (await simulate({ ...short, threads: 1, parallel: 'always' }).result).done;
  assert.deepEqual(played, { perThread: [2 * 100 + 32], overtaking: 0 });
});
