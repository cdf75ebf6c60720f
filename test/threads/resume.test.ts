/** Runs that are stopped and gone on with: in virtual time the same bits, live the same models; and checkpoints that are damaged. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import type { ExperimentInput } from '../../src/index.js';
import { HearsayError, resume, train } from '../../src/index.js';
import { checkpointsIn, readCheckpoint } from '../../src/threads/checkpointfile.js';
import { cases } from '../support/cases.js';

const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
const fresh = () => mkdtempSync(join(root, 'run-'));

const small: ExperimentInput = {
  ...{ data: 'digits:600', model: 'softmax', nodes: 6, batch: 8, kernels: 'simd', threads: 2, epochs: 4 },
  ...{ optimizer: 'sgd:rate=.1,momentum=.5', evaluateEvery: '0.5epochs' },
};

/** Runs until so many samples were seen, and stops. */
async function stopped(input: ExperimentInput, folder: string, samples: number) {
  const running = train(input, { checkpoints: { folder } });
  let seen = 0;
  for await (const { event } of running) if (event === 'sample' && ++seen === samples) running.stop();
  return running.result;
}

for (const [name, parallel, algorithm] of [
  ['alone', 'never', 'swarm'],
  ['by a pool', 'always', 'gossip'],
  ['by a pool that meets', 'always', 'local:steps=3'],
] as const) {
  test(`virtual time, ${name}: stopped and gone on with, it ends with the bits of a run that was never stopped`, {
    timeout: 60_000,
  }, async () => {
    const input = {
      ...small,
      algorithm,
      deterministic: true,
      parallel,
      churn: name === 'alone' ? 'rates:join=.2,leave=.1' : 'none',
    };
    const whole = await train(input).result;
    const folder = fresh();
    const first = await stopped(input, folder, 3);
    assert.equal(first.done.stopReason, 'aborted');
    assert.ok(first.done.steps < whole.done.steps);
    const rest = await resume(folder, { checkpoints: { folder } }).result;
    assert.equal(rest.done.parametersHash, whole.done.parametersHash);
    assert.deepEqual(rest.done.planeHashes, whole.done.planeHashes);
    assert.deepEqual(rest.done.virtual, whole.done.virtual);
    const due = whole.samples.slice(-rest.samples.length).map(({ seconds, ...sample }) => sample);
    assert.deepEqual(
      rest.samples.map(({ seconds, ...sample }) => sample),
      due,
    );
  });
}

test('checkpoints on the way change nothing, the last two are kept, and each is one to go on from', {
  timeout: 60_000,
}, async () => {
  const input = { ...small, deterministic: true, parallel: 'never' as const };
  const folder = fresh();
  const whole = await train(input).result;
  const { done } = await train(input, { checkpoints: { folder, every: { unit: 'steps', value: 40 } } }).result;
  assert.equal(done.parametersHash, whole.done.parametersHash);
  const kept = checkpointsIn(join(folder, 'checkpoints'));
  assert.equal(kept.length, 2);
  const before = await readCheckpoint(kept[0][1]);
  assert.ok(before.head.steps < done.steps);
  assert.equal((await resume(kept[0][1]).result).done.parametersHash, done.parametersHash);
  assert.deepEqual(
    readdirSync(join(folder, 'checkpoints')).filter(file => file.endsWith('.tmp')),
    [],
  );
});

for (const algorithm of ['swarm', 'adpsgd', 'sgp', 'local:steps=2', 'asgd', 'stardust:delay=3']) {
  test(`live, ${algorithm}: what is gone on with has every model, all state and all counters`, { timeout: 60_000 }, async () => {
    const folder = fresh();
    const { done } = await stopped({ ...small, algorithm, epochs: 50 }, folder, 2);
    const same = await resume(folder, { longer: { steps: 1 } }).result;
    assert.equal(same.done.steps, done.steps);
    assert.equal(same.done.parametersHash, done.parametersHash);
    assert.deepEqual(same.done.planeHashes, done.planeHashes);
    assert.equal(same.done.exchanges, done.exchanges);
    const longer = await resume(folder, { longer: { steps: done.steps + 500 } }).result;
    assert.ok(longer.done.steps >= done.steps + 500 && longer.done.seconds > done.seconds);
    assert.ok(longer.done.loss < 1.2 * done.loss);
  });
}

const poison = new URL('../support/poison.js', import.meta.url).href;

for (const diverged of ['skip', 'reset'] as const) {
  test(`${diverged}: dropped pieces, nodes that attack and robust averages go on as they were`, { timeout: 60_000 }, async () => {
    const input: ExperimentInput = {
      ...{ data: 'synthetic:rows=60,features=3,test=5', model: `${poison}:how=late,node=1,every=7`, batch: 2, nodes: 5 },
      ...{ optimizer: 'adam:rate=0.01', kernels: 'simd', threads: 2, steps: 400, evaluateEvery: 20, diverged },
      ...{ algorithm: 'gossip', average: 'clipped:radius=0.5', attacks: [{ node: 3, kind: 'nan' }] },
    };
    for (const parallel of ['never', 'always'] as const) {
      const virtual = { ...input, deterministic: true, parallel };
      const whole = await train(virtual).result;
      const folder = fresh();
      const first = await stopped(virtual, folder, 5);
      const { done } = await resume(folder).result;
      assert.deepEqual([done.parametersHash, done.planeHashes], [whole.done.parametersHash, whole.done.planeHashes]);
      assert.deepEqual(done.diverged, whole.done.diverged);
      const count = ({ resets, skips }: { resets: number; skips: number }) => resets + skips;
      assert.ok(count(first.done.diverged!) > 0 && count(first.done.diverged!) < count(done.diverged!));
    }
    const folder = fresh();
    // The thread of one node may come too late: here any node goes wrong.
    const live = { ...input, model: `${poison}:how=late,node=any,every=7`, steps: 40_000 };
    const { done } = await stopped(live, folder, 5);
    const same = (await resume(folder, { longer: { steps: 1 } }).result).done;
    assert.ok(done.diverged);
    assert.deepEqual([same.parametersHash, same.planeHashes], [done.parametersHash, done.planeHashes]);
    assert.deepEqual(same.diverged, done.diverged);
  });
}

test('a run that ended goes on with larger limits', { timeout: 60_000 }, async () => {
  const input = { ...small, deterministic: true };
  const folder = fresh();
  const half = await train({ ...input, epochs: 2 }, { checkpoints: { folder } }).result;
  const { done } = await resume(folder, { longer: { epochs: 4 } }).result;
  assert.equal(half.done.stopReason, 'epochs');
  assert.equal(done.parametersHash, (await train(input).result).done.parametersHash);
});

test('a new run in the folder of another has one of its own before its first step, and then takes the others away', {
  timeout: 60_000,
}, async () => {
  const folder = fresh();
  const input = { ...small, deterministic: true, epochs: 1 };
  await train(input, { checkpoints: { folder, every: { unit: 'steps', value: 30 } } }).result;
  const before = checkpointsIn(join(folder, 'checkpoints')).map(([number]) => number);
  assert.equal(before.length, 2);
  await assert.rejects(train({ ...input, model: 'lenet', data: 'synthetic:rows=50' }, { checkpoints: { folder } }).result);
  assert.deepEqual(
    checkpointsIn(join(folder, 'checkpoints')).map(([number]) => number),
    before,
  );
  const { done } = await train({ ...input, seed: 9 }, { checkpoints: { folder } }).result;
  const after = checkpointsIn(join(folder, 'checkpoints'));
  assert.deepEqual(
    after.map(([number]) => number),
    [before[1] + 1, before[1] + 2],
  );
  assert.equal((await readCheckpoint(folder)).head.steps, done.steps);
});

const refusal = async (path: string): Promise<string> => {
  try {
    await resume(path).result;
    return 'nothing';
  } catch (error) {
    assert.ok(error instanceof HearsayError, String(error));
    return error.code;
  }
};

test('a checkpoint that was damaged anywhere is refused', { timeout: 120_000 }, async () => {
  const folder = fresh();
  await train({ ...small, data: 'digits:60', nodes: 2, epochs: 1, deterministic: true }, { checkpoints: { folder } }).result;
  const path = checkpointsIn(join(folder, 'checkpoints')).at(-1)![1];
  const whole = readFileSync(path);
  const other = join(folder, 'other.checkpoint');
  const codeOf = (bytes: Uint8Array) => {
    writeFileSync(other, bytes);
    return refusal(other);
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, flip, cut) => {
      const bytes = Uint8Array.from(cut ? whole.subarray(0, at) : whole);
      if (!cut) bytes[at] ^= flip;
      const isVersion = !cut && at >= 8 && at < 12;
      assert.equal(await codeOf(bytes), isVersion ? 'CHECKPOINT_VERSION' : 'CHECKPOINT_CORRUPT', `byte ${at}`);
    }),
    cases(300),
  );
  assert.equal(await codeOf(whole), 'nothing');
  assert.equal(await codeOf(Buffer.concat([whole, new Uint8Array(1)])), 'CHECKPOINT_CORRUPT');
  assert.equal(await refusal(join(folder, 'nowhere')), 'DATA_NOT_FOUND');
  assert.equal(await refusal(fresh()), 'DATA_NOT_FOUND');
});

test('other data than those of the run are noticed', { timeout: 60_000 }, async () => {
  const folder = fresh();
  const data = join(folder, 'rows.csv');
  const rows = (shift: number) => Array.from({ length: 60 }, (_, k) => `${k % 7},${(k * k) % 11},${(k + shift) % 3}\n`).join('');
  writeFileSync(data, rows(0));
  const input = { data, model: 'softmax', nodes: 2, batch: 2, epochs: 1, threads: 1 } as const;
  await train(input, { checkpoints: { folder } }).result;
  writeFileSync(data, rows(1));
  assert.equal(await refusal(folder), 'CHECKPOINT_MISMATCH');
});
