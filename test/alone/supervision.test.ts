/**
 * What becomes of a run whose threads die: of the run while it parks, is evaluated, kept, and sends messages; how many deaths it puts up
 * with; which node is left out. Models count (support/counting.ts), so that what is kept of a run can be seen to be right.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExperimentInput, HearsayError, type Result, type Run, resume, simulate, train } from '../../src/index.js';
import { checkpointsIn, readCheckpoint } from '../../src/threads/checkpointfile.js';
import { grant, lives } from '../support/lives.js';
import { allServed, type Death, deathsOf, started, torment } from '../support/ordeal.js';

const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
const fresh = () => mkdtempSync(join(root, 'run-'));

const support = (name: string) => new URL(`../support/${name}.js`, import.meta.url).href;
const nodes = 8;
const counting: ExperimentInput = {
  ...{ data: 'digits:600', model: `${support('counting')}:parameters=65536`, optimizer: 'sgd:rate=1', batch: 1 },
  ...{ algorithm: 'swarm:steps=1,weight=1', nodes, threads: 2, kernels: 'simd', seconds: 600, evaluateEvery: '600s' },
};

/** Every step has added 1 to every parameter of one node, and swaps have lost none. */
function requireExact({ model, done }: Pick<Result, 'model' | 'done'>): void {
  const wrong = model.weights.filter(value => value * nodes !== done.steps).length;
  assert.equal(wrong, 0, `${wrong} of ${model.weights.length} sums are wrong after ${done.steps} steps`);
}

const stepsOf = async (path: string) => (await readCheckpoint(path)).head.steps;
const filesOf = (folder: string) => checkpointsIn(join(folder, 'checkpoints')).map(([, path]) => path);

/** Resolves when the run has told of so many deaths. */
async function died(run: Run, count: number): Promise<void> {
  let seen = 0;
  for await (const { event } of run) if (event === 'death' && ++seen === count) return;
}

async function failureOf(run: Run): Promise<HearsayError> {
  const error = await run.result.then(
    () => assert.fail('the run did not fail'),
    error => error,
  );
  assert.ok(error instanceof HearsayError, String(error));
  return error;
}

/** The deaths that were told before the end of a run that has failed. */
async function deathsBefore(run: Run): Promise<Death[]> {
  const deaths: Death[] = [];
  try {
    for await (const event of run) if (event.event === 'death') deaths.push(event);
  } catch {
    // that it failed is known
  }
  return deaths;
}

test('deaths while all park, share the jobs of an evaluation, and are copied: what is kept is a state of the run', {
  timeout: 100_000,
}, async t => {
  const folder = fresh();
  const every = { unit: 'steps', value: 10 } as const;
  const run = train({ ...counting, evaluateEvery: 15 }, { checkpoints: { folder, every } });
  await started(run);
  await torment(run, 2, 30, { most: 30 });
  await allServed(run);
  const kept = await Promise.all(filesOf(folder).map(path => readCheckpoint(path))); // from the middle of it
  run.stop();
  const end = await run.result;
  requireExact(end);
  const told = await deathsOf(run);
  const parked = told.filter(({ node }) => node === null).length;
  t.diagnostic(`${parked} of ${told.length} died while they parked, or at work for all; ${end.samples.length} evaluations`);
  assert.ok(told.length === 30 && parked >= 5);
  assert.ok(kept.length > 0);
  for (const path of filesOf(folder)) requireExact(await resume(path, { longer: { steps: (await stepsOf(path)) + 1 } }).result);
});

test('deaths while messages wait, or are on their way: nobody is lost, no place for messages is', {
  timeout: 100_000,
}, async () => {
  for (const [algorithm, seed] of [
    ['stardust:delay=3', 1],
    ['sgp', 2],
    ['gossip:rate=2,mix=push-pull', 3],
    ['draco', 4],
  ] as const) {
    const input = { ...counting, model: 'softmax', optimizer: 'sgd:rate=.05', batch: 8, algorithm };
    const run = train(input);
    await started(run);
    await torment(run, 2, 8, { seed });
    await allServed(run);
    run.stop();
    const { done } = await run.result;
    assert.equal(done.deaths, 8);
    assert.ok(Number.isFinite(done.loss) && done.bytes > 0, `${algorithm}: loss ${done.loss}`);
  }
});

test('five spontaneous deaths in a minute are put up with', { timeout: 60_000 }, async () => {
  const model = `${support('mortal')}:folder=${lives(root, 5)},parameters=64`;
  const run = train({ ...counting, model, seconds: null, steps: 2000 });
  const end = await run.result;
  requireExact(end);
  const told = await deathsOf(run);
  assert.deepEqual([end.done.deaths, told.length, end.done.quarantined], [5, 5, []]);
  for (const { asked, node, reason, thread, seconds } of told) {
    assert.ok(!asked && node !== null && node % 2 === thread && seconds > 0);
    assert.match(reason, /7/, 'the status that it ended with');
  }
});

test('the sixth ends the run, which keeps what it has and can be gone on with', { timeout: 60_000 }, async () => {
  const folder = fresh();
  const model = `${support('mortal')}:folder=${lives(root, 6)},parameters=64`;
  const run = train({ ...counting, model, seconds: null, steps: 1e6 }, { checkpoints: { folder } });
  const error = await failureOf(run);
  assert.equal(error.code, 'WORKER_LOST');
  assert.match(error.message, /6 deaths within a minute, allowed are 5; the last in thread \d at node \d: .*7/);
  assert.equal((await deathsBefore(run)).length, 6);
  const [path] = filesOf(folder);
  const steps = await stepsOf(path);
  assert.ok(steps > 0);
  const rest = await resume(folder, { longer: { steps: steps + 100 } }).result;
  assert.ok(rest.done.steps >= steps + 100);
  requireExact(rest);
});

test('deaths of more than a minute ago are forgotten', { timeout: 60_000 }, async t => {
  const now = performance.now.bind(performance);
  let later = 0;
  t.mock.method(performance, 'now', () => now() + later);
  const left = lives(root, 5);
  const run = train({ ...counting, model: `${support('mortal')}:folder=${left},parameters=64`, seconds: null, steps: 1e7 });
  await died(run, 5);
  later = 61_000;
  grant(left, 5);
  await died(run, 10);
  await allServed(run);
  run.stop();
  assert.equal((await run.result).done.deaths, 10);
});

test('a pool in virtual time that is lost for good leaves the checkpoints before, and one goes on to the same bits', {
  timeout: 60_000,
}, async () => {
  const input = (deaths: number): ExperimentInput => ({
    ...{ ...counting, seconds: null, evaluateEvery: 1e6, steps: 2000, parallel: 'always' },
    model: `${support('mortal')}:folder=${lives(root, deaths)},parameters=64,after=100`,
  });
  const whole = await simulate(input(0)).result;
  const folder = fresh();
  const checkpoints = { folder, every: { unit: 'steps', value: 50 } } as const;
  const error = await failureOf(simulate(input(6), { checkpoints }));
  assert.equal(error.code, 'WORKER_LOST');
  const steps = await stepsOf(filesOf(folder).at(-1)!);
  assert.ok(steps > 0 && steps < 2000, `${steps} steps`);
  const rest = await resume(folder).result;
  assert.equal(rest.done.parametersHash, whole.done.parametersHash);
  assert.equal(rest.done.steps, whole.done.steps);
});

const victim = 1;
const killing = (folder: string) => `${support('killer')}:name=swarm,steps=1,weight=1,node=${victim},folder=${folder}`;

test('the third death in a row over one piece of work leaves its node out, by name, also when the run goes on', {
  timeout: 60_000,
}, async () => {
  const folder = fresh();
  const left = lives(root, 3);
  const run = train({ ...counting, algorithm: killing(left) }, { checkpoints: { folder } });
  await died(run, 3);
  grant(left, 1); // nobody comes to take it
  await sleep(200);
  run.stop();
  const end = await run.result;
  const told = await deathsOf(run);
  assert.deepEqual(
    told.map(({ node, quarantined }) => [node, quarantined]),
    [
      [victim, false],
      [victim, false],
      [victim, true],
    ],
  );
  assert.deepEqual([end.done.quarantined, end.done.deaths], [[victim], 3]);
  const same = await resume(folder, { longer: { steps: 1 } }).result;
  assert.equal(same.done.parametersHash, end.done.parametersHash);
  const rest = await resume(folder, { longer: { steps: end.done.steps + 200 } }).result;
  assert.ok(rest.done.steps >= end.done.steps + 200);
  assert.deepEqual([rest.done.quarantined, rest.done.deaths], [[victim], 3], 'nobody has tried it again');
});

test('a commit in between, and the deaths before it do not count', { timeout: 60_000 }, async () => {
  const left = lives(root, 2);
  const run = train({ ...counting, algorithm: killing(left) });
  for (const deaths of [2, 4]) {
    await died(run, deaths);
    await allServed(run);
    if (deaths === 2) grant(left, 2);
  }
  run.stop();
  const end = await run.result;
  requireExact(end);
  assert.deepEqual([end.done.deaths, end.done.quarantined], [4, []]);
});

test('where every node is left out, the run ends, and says what the last one died of', { timeout: 60_000 }, async () => {
  const algorithm = `${support('killer')}:name=swarm,node=0`;
  const run = train({ ...counting, algorithm, nodes: 1, threads: 1 });
  const error = await failureOf(run);
  assert.equal(error.code, 'WORKER_LOST');
  assert.match(error.message, /every node has killed its thread three times in a row; the last time: .*7/);
  assert.equal((await deathsBefore(run)).at(-1)!.quarantined, true);
});
