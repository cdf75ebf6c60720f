/** Training from code: what comes out, how it stops, and what happens when it goes wrong. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { algorithms } from '../../src/engine/algorithms/table.js';
import type { ExperimentInput } from '../../src/index.js';
import { HearsayError, load, train } from '../../src/index.js';

const support = (name: string) => new URL(`../support/${name}.js`, import.meta.url).href;
const small: ExperimentInput = {
  data: 'digits:1200',
  model: 'softmax',
  nodes: 6,
  batch: 16,
  epochs: 2,
  kernels: 'simd',
  threads: 2,
};

test('every algorithm learns the digits, on one thread and on two', { timeout: 120_000 }, async () => {
  for (const name of Object.keys(algorithms)) {
    for (const threads of [1, 2]) {
      const rate = name === 'savic' ? { optimizer: 'sgd:rate=0.005' } : {}; // what divides a gradient by its size needs smaller steps
      const { samples, done, start } = await train({ ...small, ...rate, algorithm: name, threads }).result;
      assert.equal(done.stopReason, 'epochs');
      assert.ok(done.steps >= 150 && done.steps <= 150 + 4 * 6, `${name}: ${done.steps} steps`);
      assert.ok(samples.at(-1)!.accuracy! > 0.45, `${name} on ${threads}: ${samples.at(-1)!.accuracy}`);
      // An untrained model has log 10. From one epoch to the next a loss may rise: that is SGD.
      assert.ok(samples.at(-1)!.loss < 0.9 * Math.log(10), `${name} on ${threads}: ${samples.map(({ loss }) => loss)}`);
      assert.equal(start.threads, threads);
      assert.match(done.parametersHash, /^[0-9a-f]{64}$/);
    }
  }
});

test('one thread and one seed give the same bytes twice', { timeout: 60_000 }, async () => {
  const hash = async () => (await train({ ...small, threads: 1 }).result).done.parametersHash;
  assert.equal(await hash(), await hash());
});

test('whether a pool is worth it is found out on rows of the data, however many are in a batch', {
  timeout: 60_000,
}, async () => {
  const { done } = await train({
    ...small,
    data: 'digits:12000',
    nodes: 2,
    batch: 4000,
    epochs: null,
    steps: 2,
    deterministic: true,
  }).result;
  assert.ok(done.steps >= 2);
});

test('the state beside the parameters has a hash too, the same whoever does the work', { timeout: 60_000 }, async () => {
  const end = async (input: ExperimentInput) =>
    (await train({ ...small, nodes: 3, epochs: null, steps: 30, ...input }).result).done;
  assert.deepEqual((await end({})).planeHashes, {});
  const virtual = { deterministic: true, optimizer: 'sgd:rate=0.1,momentum=0.9' } as const;
  const [alone, pool, other] = [
    await end({ ...virtual, parallel: 'never' }),
    await end({ ...virtual, parallel: 'always' }),
    await end({ ...virtual, parallel: 'never', optimizer: 'sgd:rate=0.1,momentum=0.8' }),
  ];
  assert.deepEqual(Object.keys(alone.planeHashes), ['momentum']);
  assert.deepEqual(pool.planeHashes, alone.planeHashes);
  assert.equal(pool.parametersHash, alone.parametersHash);
  assert.notEqual(other.planeHashes.momentum, alone.planeHashes.momentum);
  assert.notEqual(alone.planeHashes.momentum, alone.parametersHash);
});

test('the model of a run predicts, is judged and is the mean of the nodes', { timeout: 60_000 }, async () => {
  const { model, done } = await train(small).result;
  const { test: rows } = await load('digits:1200', { seed: 1 });
  const judged = model.evaluate(rows);
  assert.ok(Math.abs(judged.accuracy! - done.accuracy!) < 1e-9);
  assert.ok(Math.abs(judged.loss - done.loss) < 1e-5);
  const inputs = Float32Array.from({ length: 3 * 784 }, (_, k) => rows.inputs[k] * rows.scale + rows.shift);
  const chances = model.predict(inputs);
  assert.equal(chances.length, 30);
  for (let row = 0; row < 3; row++) {
    const sum = chances.subarray(row * 10, row * 10 + 10).reduce((total, p) => total + p, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5);
  }
  const same = model.predict((rows.inputs as Uint8Array).subarray(0, 3 * 784));
  assert.ok(
    same.every((chance, k) => Math.abs(chance - chances[k]) < 1e-6),
    'bytes are scaled as the data was',
  );
  assert.throws(() => model.predict(new Float32Array(5)), { code: 'DATA_CORRUPT' });
});

test('no model is older than the run, whoever has not committed yet', { timeout: 60_000 }, async () => {
  const { samples, done } = await train({ ...small, nodes: 16, batch: 8, algorithm: 'swarm:steps=16', evaluateEvery: 20 }).result;
  for (const { age, seconds } of [...samples, done]) {
    assert.ok(age!.max <= seconds && age!.p50 >= 0, `age ${JSON.stringify(age)} after ${seconds} s`);
  }
  assert.equal(samples[0].age!.max, samples[0].seconds, 'somebody still has nothing of somebody: version 0 was made at 0');
});

test('a run can be read twice, and by its result alone', { timeout: 60_000 }, async () => {
  const run = train({ ...small, epochs: 1 });
  const names: string[] = [];
  for await (const event of run) names.push(event.event);
  const again: string[] = [];
  for await (const event of run) again.push(event.event);
  assert.deepEqual(names, again);
  assert.equal(names[0], 'start');
  assert.equal(names.at(-1), 'done');
});

test('an aborted run ends with what it has', { timeout: 60_000 }, async () => {
  const controller = new AbortController();
  const run = train({ ...small, epochs: 1e6 }, { signal: controller.signal });
  let aborted = 0;
  for await (const event of run) {
    if (event.event !== 'sample' || aborted > 0) continue;
    aborted = performance.now();
    controller.abort();
  }
  const { done } = await run.result;
  assert.equal(done.stopReason, 'aborted');
  assert.ok(performance.now() - aborted < 10_000, 'it took too long to stop');
  assert.throws(() => train(small, { signal: controller.signal }), { code: 'ABORTED' });
});

test('limits: steps, seconds and a target', { timeout: 60_000 }, async () => {
  const until = async (input: ExperimentInput) => (await train({ ...small, epochs: null, ...input }).result).done;
  const steps = await until({ steps: 37 });
  assert.equal(steps.stopReason, 'steps');
  assert.ok(steps.steps >= 37 && steps.steps < 37 + 8);
  const seconds = await until({ seconds: 0.2 });
  assert.equal(seconds.stopReason, 'seconds');
  assert.ok(seconds.seconds >= 0.2 && seconds.seconds < 0.5);
  const target = await until({
    until: { metric: 'accuracy', value: 0.5 },
    steps: 5000,
    evaluateEvery: { value: 50, unit: 'steps' },
  });
  assert.equal(target.stopReason, 'until');
  assert.equal(target.secondsToTarget, target.seconds);
  assert.deepEqual(target.target, { metric: 'accuracy', value: 0.5, best: target.accuracy });
  const missed = await until({ until: { metric: 'accuracy', value: 1 }, steps: 16 });
  assert.equal(missed.secondsToTarget, null);
  assert.deepEqual(missed.target, { metric: 'accuracy', value: 1, best: missed.accuracy });
});

const fails = async (input: ExperimentInput): Promise<HearsayError> => {
  try {
    await train({ ...small, ...input }).result;
  } catch (error) {
    assert.ok(error instanceof HearsayError, String(error));
    return error;
  }
  throw new Error('the run did not fail');
};

test('a model that throws ends the run, with node, algorithm and seed', { timeout: 60_000 }, async () => {
  const error = await fails({ model: `${support('faulty')}:how=throw`, seed: 42 });
  assert.equal(error.code, 'MODEL_FAILED');
  assert.match(error.message, /node \d+, algorithm swarm, .*seed 42: the model is tired/);
});

test('a loss that is no number stops the run at the node that made it', { timeout: 60_000 }, async () => {
  const error = await fails({ model: `${support('faulty')}:how=nan` });
  assert.equal(error.code, 'DIVERGED');
  assert.match(error.message, /^node \d+: /);
  const fast = await fails({ model: 'mlp:32,32', optimizer: 'sgd:rate=1000000' });
  assert.equal(fast.code, 'DIVERGED');
  assert.match(fast.message, /no other node has seen it/);
  // On one thread: once in forty races all units die before anything overflows.
  const shared = await fails({ model: 'mlp:32,32', optimizer: 'sgd:rate=1000000', algorithm: 'hogwild', threads: 1 });
  assert.match(shared.message, /^node \d+: .* in place, on the row of all/);
});

test('threads that end again and again are not replaced for ever', { timeout: 60_000 }, async () => {
  const error = await fails({ model: `${support('faulty')}:how=exit,after=20` });
  assert.equal(error.code, 'WORKER_LOST');
  assert.match(error.message, /deaths within a minute.*at node \d+/);
});

test('a model that throws when it is tested blames no node', { timeout: 60_000 }, async () => {
  const error = await fails({ model: `${support('faulty')}:how=evaluate` });
  assert.equal(error.code, 'MODEL_FAILED');
  assert.match(error.message, /^between pieces of work, .*: the model is tired of tests$/);
});

test('a node that kills its thread again and again is left out, and nobody waits for it', { timeout: 60_000 }, async () => {
  for (const [algorithm, nodes, topology, victim] of [
    ['swarm', 4, 'complete', 1],
    ['local', 4, 'complete', 1],
    ['dpsgd', 4, 'complete', 1],
    ['sgp', 4, 'complete', 1],
    ['choco', 4, 'complete', 1],
    ['swarm,both=true', 2, 'complete', 1],
    ['swarm,both=true', 5, 'star', 0],
  ] as const) {
    const spec = `${support('killer')}:name=${algorithm},node=${victim}`;
    const limit = { epochs: null, seconds: 60, evaluateEvery: '100s' };
    const run = train({ ...small, algorithm: spec, nodes, topology, ...limit });
    let deaths = 0;
    for await (const { event } of run) if (event === 'death' && ++deaths === 3) break;
    const before = run.glance()!.steps;
    while (run.glance()!.steps < before + 100) await sleep(5); // the others go on
    run.stop();
    const { done } = await run.result;
    assert.deepEqual(done.quarantined, [victim], spec);
    assert.equal(done.deaths, 3, spec);
  }
});

test('a stop does not wait for a long piece of work', { timeout: 60_000 }, async () => {
  for (const name of ['swarm:steps=1000000', 'local:steps=1000000', 'hogwild:steps=1000000']) {
    const run = train({ ...small, algorithm: name, epochs: null, steps: 1e9 });
    for await (const event of run) if (event.event === 'start') break;
    await sleep(500);
    const asked = performance.now();
    run.stop();
    const { done } = await run.result;
    assert.equal(done.stopReason, 'aborted');
    assert.equal(done.steps, 0, 'only what is committed counts');
    assert.ok(performance.now() - asked < 10_000, 'it took too long to stop');
  }
});

test('one thread at a barrier waits for nobody', { timeout: 60_000 }, async () => {
  const { done } = await train({ ...small, model: 'mlp:64', algorithm: 'allreduce', threads: 1 }).result;
  assert.ok(done.blockedShare < 0.005, `blocked ${done.blockedShare}`);
  assert.ok(done.gossipShare > 0.01, `gossip ${done.gossipShare}`);
});

test('a model that is far larger than its data is averaged too', { timeout: 60_000 }, async () => {
  const model = `${support('counting')}:parameters=1000000`;
  const { done } = await train({ ...small, data: 'digits:400', model, nodes: 2, batch: 8, epochs: null, steps: 8 }).result;
  assert.ok(done.steps >= 8);
});

test('an average without a commit counts as an exchange', { timeout: 60_000 }, async () => {
  const { done } = await train({ ...small, algorithm: support('mixer'), threads: 1 }).result;
  assert.equal(done.exchanges, done.steps);
  assert.equal(done.bytes, 2 * done.exchanges * 7850 * 4);
});

test('what is wrong is said before a thread starts', { timeout: 60_000 }, async () => {
  for (const [input, code] of [
    [{ data: '/no/such/file' }, 'DATA_NOT_FOUND'],
    [{ nodes: 1000, batch: 64 }, 'DATA_TOO_SMALL'],
    [{ model: './no-such-model.js' }, 'MODULE_INVALID'],
    [{ algorithm: 'gosip' }, 'CONFIG_RANGE'],
    [{ algorithm: 'swarm:step=4' }, 'CONFIG_UNKNOWN_KEY'],
    [{ topology: 'hypercube' }, 'GRAPH_INVALID'],
    [{ model: 'mlp:60000', nodes: 60 }, 'MEMORY_LIMIT'],
  ] as [ExperimentInput, string][]) {
    assert.equal((await fails(input)).code, code);
  }
});

test('a barrier makes the others wait for a slow node, and the waiting is counted', { timeout: 60_000 }, async () => {
  const { done } = await train({
    ...small,
    model: `${support('sleeper')}:milliseconds=4`,
    nodes: 3, // two on one thread, one on the other: the other waits half of the time
    algorithm: 'allreduce',
    epochs: null,
    seconds: 1,
    evaluateEvery: '100s',
  }).result;
  const waiting = done.perThread[1].blocked / done.seconds;
  assert.ok(waiting > 0.3 && waiting < 0.6, `thread 1 was blocked ${waiting} of the time`);
  assert.ok(done.perThread[0].blocked / done.seconds < 0.2);
});

test('nothing is left behind: the process ends by itself', { timeout: 60_000 }, () => {
  const index = fileURLToPath(new URL('../../src/index.js', import.meta.url));
  const program = `
    import { train } from ${JSON.stringify(index)};
    await train({ data: 'digits:400', model: 'softmax', nodes: 3, batch: 8, epochs: 1, threads: 2 }).result;
    await train({ data: 'digits:400', model: 'mlp:32,32', nodes: 3, batch: 8, epochs: 9, threads: 2, optimizer: 'sgd:rate=1000000' })
      .result.catch(error => console.log(error.code));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), 'DIVERGED');
});

test('nodes start from the same weights, or each from its own; node 0 from the same ones either way', async () => {
  const distance = async (start: 'same' | 'own', nodes = 3) => {
    const input: ExperimentInput = { ...small, model: 'mlp:5', nodes, algorithm: 'none:steps=1', optimizer: 'sgd:rate=0.000001' };
    return (await train({ ...input, epochs: null, steps: nodes, threads: 1, start }).result).done;
  };
  assert.ok((await distance('same')).consensus < 1e-6);
  assert.ok((await distance('own')).consensus > 1);
  assert.equal((await distance('own', 1)).parametersHash, (await distance('same', 1)).parametersHash);
});
