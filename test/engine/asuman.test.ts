/** Gossip by those of the smallest age: O(1) for a single source, within the budget of plain gossip. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { simulate, train } from '../../src/threads/train.js';

const oneSource: ExperimentInput = { data: 'none', model: 'none', batch: 1, parallel: 'never', threads: 1, track: 1 };
const harmonic = (m: number) => Array.from({ length: m }, (_, k) => 1 / (k + 1)).reduce((sum, x) => sum + x, 0);

/** Mean staleness and age of node 0, the only one that updates, and messages of a node a second. */
async function measure(nodes: number, algorithm: string, time: number, seed = 1) {
  const input = { ...oneSource, nodes, time, seed, algorithm: `timely:steps=1,sources=1,${algorithm}`, evaluateEvery: '0.87s' };
  const { samples, done } = await simulate(input).result;
  const late = samples.filter(sample => sample.virtual!.time > 30);
  const mean = (read: (sample: (typeof late)[number]) => number) => late.reduce((sum, one) => sum + read(one), 0) / late.length;
  return {
    staleness: mean(({ versions }) => versions!.mean),
    age: mean(({ age }) => age!.mean),
    traffic: done.exchanges / nodes / time,
  };
}

test('the age of one source stays O(1) from 10 to 1,000 nodes, where plain gossip grows like log n, with as many messages', async t => {
  const found = new Map<number, { plain: number; asuman: number }>();
  for (const nodes of [10, 100, 1000]) {
    const time = nodes === 1000 ? 230 : 730;
    const plain = await measure(nodes, 'rate=1', time);
    const asuman = await measure(nodes, 'rate=1,opportunistic=asuman', time);
    t.diagnostic(`n = ${nodes}: age ${plain.age.toFixed(2)} plain, ${asuman.age.toFixed(2)} asuman`);
    // the source's own age is E[D^2] / (2 E[D]) = 0.625
    assert.ok(Math.abs(plain.age / (harmonic(nodes - 1) + 0.625) - 1) < 0.1, `plain, n = ${nodes}: ${plain.age}`);
    assert.ok(asuman.age < 3.8, `n = ${nodes}: ${asuman.age}`);
    assert.ok(Math.abs(asuman.traffic - 1) < 0.03 && Math.abs(plain.traffic - 1) < 0.03, `traffic ${asuman.traffic}`);
    found.set(nodes, { plain: plain.age, asuman: asuman.age });
  }
  const growth = (scheme: 'plain' | 'asuman') => found.get(1000)![scheme] / found.get(10)![scheme];
  assert.ok(growth('plain') > 2, `plain gossip grows ${growth('plain')} times`);
  assert.ok(growth('asuman') < 1.3, `asuman grows ${growth('asuman')} times`);
});

test('with many nodes the staleness is Lambda / rate + 1 / (1 - E exp(-rate D))', async () => {
  for (const rate of [0.5, 2]) {
    const silent = (Math.exp(-rate * 0.5) * 2) / (2 + rate); // D = 0.5 + an exponential of rate 2
    const limit = 1 / rate + 1 / (1 - silent);
    const { staleness } = await measure(200, `rate=${rate},opportunistic=asuman`, 1230);
    assert.ok(Math.abs(staleness / limit - 1) < 0.05, `rate ${rate}: ${staleness}, expected ${limit}`);
  }
});

test('with churn: the same bytes on one thread and on two', async () => {
  const input: ExperimentInput = {
    ...{ data: 'none', model: 'noise:8', batch: 1, nodes: 12, time: 30, evaluateEvery: '10s', churn: 'rates:join=0.2,leave=0.2' },
    algorithm: 'timely:steps=1,rate=1,sources=1,opportunistic=asuman',
  };
  const alone = await simulate({ ...input, parallel: 'never', threads: 1 }).result;
  const pool = await simulate({ ...input, parallel: 'always', threads: 2 }).result;
  assert.equal(pool.done.parametersHash, alone.done.parametersHash);
  assert.deepEqual(
    pool.samples.map(({ versions }) => versions),
    alone.samples.map(({ versions }) => versions),
  );
  assert.ok(alone.done.exchanges > 100);
});

test('what can not be is refused: on the clock of the wall, for a source that is not followed, with settings of the other schemes', async () => {
  const algorithm = 'timely:sources=2,opportunistic=asuman';
  for (const timed of [algorithm, 'timely:opportunistic=true']) {
    await assert.rejects(train({ data: 'digits:200', model: 'softmax', nodes: 4, steps: 10, algorithm: timed }).result, {
      code: 'CONFIG_RANGE',
      message: /virtual time; use hearsay simulate/,
    });
  }
  await assert.rejects(simulate({ ...oneSource, nodes: 4, time: 10, algorithm }).result, {
    code: 'CONFIG_RANGE',
    message: /node 1 is not followed/,
  });
  for (const setting of ['relay=true', 'mix=pull']) {
    await assert.rejects(
      async () => simulate({ ...oneSource, nodes: 4, time: 10, algorithm: `${algorithm},${setting}` }).result,
      {
        code: 'CONFIG_RANGE',
        message: /belongs to opportunistic=(true|false), found opportunistic=asuman; leave it out/,
      },
    );
  }
});
