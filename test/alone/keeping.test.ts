/** The folder of a run: what is kept when it fails, or is ended where it stands; when it can't be written; and whose it is. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ExperimentInput } from '../../src/index.js';
import { HearsayError, resume, train } from '../../src/index.js';
import { checkpointsIn, readCheckpoint } from '../../src/threads/checkpointfile.js';
import { lockFolder } from '../../src/threads/folderlock.js';

const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
const fresh = () => mkdtempSync(join(root, 'run-'));
const kept = (folder: string) => checkpointsIn(join(folder, 'checkpoints')).map(([number]) => number);

const small: ExperimentInput = {
  ...{ data: 'digits:600', model: 'softmax', nodes: 6, batch: 8, kernels: 'simd', threads: 2, epochs: 4 },
  ...{ optimizer: 'sgd:rate=.1,momentum=.5', evaluateEvery: '0.5epochs' },
};
const faulty = (how: string, after: number) =>
  `${new URL('../support/faulty.js', import.meta.url).href}:how=${how},after=${after}`;

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'nothing';
  } catch (error) {
    assert.ok(error instanceof HearsayError, String(error));
    return error.code;
  }
}

for (const [how, code] of [
  ['throw', 'MODEL_FAILED'],
  ['nan', 'DIVERGED'],
  ['exit', 'WORKER_LOST'],
] as const) {
  test(`live, ${how}: where the run stood is kept, with all that was committed, and can be gone on with`, {
    timeout: 60_000,
  }, async () => {
    const folder = fresh();
    const model = faulty(how, 60);
    const input = { ...small, model, nodes: 12, threads: 2, algorithm: 'none:steps=1', seconds: 30, epochs: null };
    assert.equal(await codeOf(train(input, { checkpoints: { folder, every: 'never' } }).result), code);
    assert.deepEqual(kept(folder), [1]);
    const { head } = await readCheckpoint(folder);
    assert.ok(head.steps >= 59, `${head.steps} steps`);
    assert.ok(head.progress.seconds > 0);
    if (how === 'exit') assert.ok(head.progress.deaths > 5, `${head.progress.deaths} deaths`);
    const { done } = await resume(folder, { longer: { steps: head.steps + 20 } }).result;
    assert.ok(done.steps >= head.steps + 20);
    assert.equal(done.deaths, head.progress.deaths);
  });
}

test('who has begun in the folder of another run has its place, even when it fails before the first step', {
  timeout: 60_000,
}, async () => {
  const folder = fresh();
  await train({ ...small, deterministic: true, epochs: 1 }, { checkpoints: { folder } }).result;
  const input = { ...small, model: faulty('throw', 1) };
  assert.equal(await codeOf(train(input, { checkpoints: { folder } }).result), 'MODEL_FAILED');
  assert.deepEqual(kept(folder), [2]);
  assert.equal((await readCheckpoint(folder)).head.asked.model, input.model);
});

test('threads ended in the middle of pieces: those are done anew, and none counts for nothing', { timeout: 60_000 }, async () => {
  // One step moves each parameter by the rate, so a row that was not averaged says how many steps it has seen.
  const counting = new URL('../support/counting.js', import.meta.url).href;
  const input: ExperimentInput = {
    ...{
      ...small,
      epochs: null,
      model: `${counting}:parameters=20000`,
      optimizer: 'sgd:rate=1',
      algorithm: 'swarm:steps=1,weight=1',
    },
    ...{ nodes: 16, threads: 3, batch: 1, seconds: 60, evaluateEvery: '60s' },
  };
  const folder = fresh();
  const run = train(input, { checkpoints: { folder } });
  for await (const { event } of run) if (event === 'start') break;
  await new Promise(later => setTimeout(later, 500));
  run.stop();
  await run.terminate();
  const { done } = await run.result;
  const { head } = await readCheckpoint(folder);
  assert.equal(head.steps, done.steps);
  const more = await resume(folder, { longer: { steps: done.steps + 500 } }).result;
  for (const value of more.model.weights) assert.equal(value * 16, more.done.steps);
});

test('a damaged checkpoint goes when the run goes on from the one before it', { timeout: 60_000 }, async () => {
  const folder = fresh();
  const input = { ...small, deterministic: true };
  const whole = await train(input, { checkpoints: { folder, every: { unit: 'steps', value: 50 } } }).result;
  const [before, last] = checkpointsIn(join(folder, 'checkpoints'));
  appendFileSync(last[1], 'x');
  assert.equal(await codeOf(resume(folder).result), 'CHECKPOINT_CORRUPT');
  const { done, checkpoint } = await resume(before[1], { checkpoints: { folder } }).result;
  assert.equal(done.parametersHash, whole.done.parametersHash);
  assert.deepEqual(kept(folder), [before[0], last[0] + 1]);
  assert.equal((await readCheckpoint(folder)).path, checkpoint);
});

test('a checkpoint that can not be written: the run goes on, says so once and at the end, and the one before stays', {
  timeout: 60_000,
}, async () => {
  const folder = fresh();
  const warnings: string[] = [];
  const every = { unit: 'steps', value: 50 } as const;
  const input = { ...small, deterministic: true };
  const warn = (text: string) => void warnings.push(text);
  const clear = (text: string) => {
    warn(text);
    rmSync(join(folder, 'checkpoints'));
  };
  writeFileSync(join(folder, 'checkpoints'), ''); // a file in the place of the folder, until somebody complains
  const { done, checkpoint } = await train(input, { checkpoints: { folder, every }, warn: clear }).result;
  assert.equal(done.stopReason, 'epochs');
  assert.equal(warnings.length, 1);
  assert.equal(checkpoint, checkpointsIn(join(folder, 'checkpoints')).at(-1)![1]);
  assert.equal((await readCheckpoint(folder)).head.steps, done.steps);
  warnings.length = 0;

  const other = fresh();
  writeFileSync(join(other, 'checkpoints'), '');
  const second = await train(input, { checkpoints: { folder: other, every }, warn }).result;
  assert.equal(second.done.parametersHash, done.parametersHash);
  assert.equal(second.checkpoint, null);
  assert.equal(warnings.length, 2, warnings.join('\n'));
  assert.match(warnings[0], /^OUTPUT_UNWRITABLE: .*; the run goes on$/);
  assert.match(warnings[1], /^OUTPUT_UNWRITABLE: .*; the run can't be gone on with from here$/);
});

test('a folder is of one run at a time, and of nobody when that is gone', { timeout: 60_000 }, async () => {
  const folder = fresh();
  const run = train({ ...small, epochs: null, seconds: 60 }, { checkpoints: { folder } });
  for await (const { event } of run) if (event === 'start') break;
  assert.equal(await codeOf(train(small, { checkpoints: { folder } }).result), 'LOCKED');
  assert.equal(await codeOf(resume(folder, { checkpoints: { folder } }).result), 'DATA_NOT_FOUND'); // there is no checkpoint yet
  run.stop();
  await run.result;
  assert.deepEqual(readdirSync(folder), ['checkpoints']);
  await resume(folder, { checkpoints: { folder }, longer: { steps: 1 } }).result;

  // A process that was killed has left its lock; one with the same number, begun at another time, is another.
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  for (const text of [`${gone} 123\n`, `${process.pid} 1\n`]) {
    writeFileSync(join(folder, 'run.lock'), text);
    writeFileSync(join(folder, `run.lock.${gone}.tmp`), text);
    lockFolder(folder)();
    assert.deepEqual(readdirSync(folder), ['checkpoints']);
  }
  for (const text of ['', 'something else', 'x'.repeat(99), `${process.ppid} \n`]) {
    writeFileSync(join(folder, 'run.lock'), text);
    assert.throws(() => lockFolder(folder), { code: 'LOCKED' });
    assert.deepEqual(readdirSync(folder), ['checkpoints', 'run.lock']);
    rmSync(join(folder, 'run.lock'));
  }
  const made = join(folder, 'a', 'b');
  lockFolder(made)();
  assert.equal(existsSync(join(folder, 'a')), false);
});

test('a run that has reached its target is over, whoever goes on with it', { timeout: 60_000 }, async () => {
  const folder = fresh();
  const input = { ...small, deterministic: true, until: 'accuracy=.7', epochs: 40 };
  const { done } = await train(input, { checkpoints: { folder } }).result;
  assert.equal(done.stopReason, 'until');
  const again = await resume(folder).result;
  assert.equal(again.done.stopReason, 'until');
  assert.equal(again.done.steps, done.steps);
  assert.equal(again.done.secondsToTarget, done.secondsToTarget);
  const further = await resume(folder, { longer: { until: 'accuracy=.8' } }).result;
  assert.ok(further.done.steps > done.steps);
});

test('what was asked for stays known, whatever the run goes on with', { timeout: 60_000 }, async () => {
  const folder = fresh();
  const first = join(folder, 'first.safetensors');
  const { model } = await train({ ...small, deterministic: true, epochs: 1 }).result;
  await model.save(first);
  const input = { ...small, threads: null, kernels: 'auto' as const, init: first };
  const { start } = await train(input, { checkpoints: { folder } }).result;
  for (let k = 1; k < 3; k++) await resume(folder, { checkpoints: { folder }, longer: { epochs: 4 + k } }).result;
  const { basis, asked } = (await readCheckpoint(folder)).head;
  assert.deepEqual([asked.threads, asked.kernels, asked.init, asked.epochs], [null, 'auto', first, 6]);
  assert.deepEqual([basis.experiment.threads, basis.experiment.init], [start.threads, null]);
});

test('modules that have changed since are refused', { timeout: 60_000 }, async () => {
  const folder = fresh();
  const own = join(folder, 'own.mjs');
  copyFileSync(new URL('../support/counting.js', import.meta.url), own);
  const input = { ...small, model: `${own}:parameters=100`, epochs: 1, threads: 1 };
  await train(input, { checkpoints: { folder } }).result;
  assert.equal(await codeOf(resume(folder, { longer: { epochs: 2 } }).result), 'nothing');
  appendFileSync(own, '\n// another\n');
  assert.equal(await codeOf(resume(folder).result), 'CHECKPOINT_MISMATCH');
});
