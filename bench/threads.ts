/** What threads give: gossip on two against independent work on two, and where the time goes. Whole runs, in turns. */

import { strict as assert } from 'node:assert';
import { type Done, type ExperimentInput, train } from '../src/index.js';
import { median, type Row } from './measure.js';

const seconds = Number(process.env.HEARSAY_BENCH_SECONDS ?? 2);
const base: ExperimentInput = {
  data: 'digits:4000',
  model: 'mlp:128',
  nodes: 16,
  seconds,
  evaluateEvery: '1000s',
  kernels: 'simd',
};

export async function threads(): Promise<Row[]> {
  return [...(await speedUp()), ...(await shares())];
}

/** Two threads that gossip against two that do not: the machine's own limit is measured in the same rounds. */
async function speedUp(): Promise<Row[]> {
  const runs = {
    alone1: { algorithm: 'none:steps=64', threads: 1 },
    alone2: { algorithm: 'none:steps=64', threads: 2 },
    gossip1: { algorithm: 'swarm:steps=4', threads: 1 },
    gossip2: { algorithm: 'swarm:steps=4', threads: 2 },
  };
  const rates: Record<string, number[]> = { alone1: [], alone2: [], gossip1: [], gossip2: [] };
  for (let round = 0; round < 5; round++) {
    for (const [name, options] of Object.entries(runs)) rates[name].push((await run(options)).stepsPerSecond);
  }
  const independent = rates.alone2.map((rate, k) => rate / rates.alone1[k]);
  const gossiping = rates.gossip2.map((rate, k) => rate / rates.gossip1[k]);
  return [
    { name: 'independent, 1 thread', value: median(rates.alone1), unit: 'steps/s' },
    {
      name: 'independent, 2 threads',
      value: median(rates.alone2),
      unit: 'steps/s',
      ratio: median(independent),
      of: 'of one thread',
    },
    { name: 'gossip H=4, 1 thread', value: median(rates.gossip1), unit: 'steps/s' },
    {
      name: 'gossip H=4, 2 threads',
      value: median(rates.gossip2),
      unit: 'steps/s',
      ratio: median(gossiping),
      of: 'of one thread',
    },
    {
      name: 'speed-up of gossip',
      value: median(gossiping),
      unit: 'x',
      ratio: median(gossiping.map((speed, k) => speed / independent[k])),
      of: 'of independent',
      bar: 0.96,
    },
  ];
}

/** Shares of the threads' time, as `done` prints them. */
async function shares(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [steps, most] of [
    [4, 0.12],
    [16, 0.04],
  ]) {
    const runs: Done[] = [];
    for (let round = 0; round < 5; round++) runs.push(await run({ algorithm: `swarm:steps=${steps}`, threads: 2 }));
    const gossip = median(runs.map(done => done.gossipShare));
    const blocked = median(runs.map(done => done.blockedShare));
    rows.push({
      name: `gossip at H=${steps}`,
      value: 100 * gossip,
      unit: '%',
      ratio: most / gossip,
      of: `of ${100 * most} % at most`,
      bar: 1,
    });
    rows.push({
      name: `blocked at H=${steps}`,
      value: 100 * blocked,
      unit: '%',
      ratio: 0.01 / blocked,
      of: 'of 1 % at most',
      bar: 1,
    });
  }
  return rows;
}

async function run(options: ExperimentInput): Promise<Done> {
  const { done } = await train({ ...base, ...options }).result;
  assert.ok(done.accuracy! > 0.5, `the run learnt nothing: accuracy ${done.accuracy}`);
  return done;
}
