/** The simulator: events a second on one thread, by the number of nodes, with a model and without; beside gossipy, when it is there. */

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Done, type ExperimentInput, simulate } from '../src/index.js';
import { median, type Row } from './measure.js';
import { runPeer } from './peers/run.js';

const gossip: ExperimentInput = {
  ...{ algorithm: 'gossip:steps=1,rate=1', clock: 'exponential:mean=1', batch: 1, track: 4, parallel: 'never', threads: 1 },
};

/** 57 weights and one sample a node, as in Ormandi, Hegedus and Jelasity 2013: logistic regression on 56 inputs. */
const linear: ExperimentInput = { ...gossip, model: 'linear', optimizer: 'sgd:rate=0.01' };

const rowsFor = (nodes: number) => `synthetic:task=linear,rows=${nodes},features=56,test=100`;

/** A run of `events` in all, about: wakes and deliveries. */
const lasting = (input: ExperimentInput, nodes: number, events: number): ExperimentInput => ({
  ...input,
  ...{ nodes, time: Math.max(2, events / (3 * nodes)), evaluateEvery: '1000000s' },
});

async function run(input: ExperimentInput, nodes: number, events: number): Promise<Done> {
  return (await simulate(lasting(input, nodes, events)).result).done;
}

const program = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** The same from the command line, in a process of its own: a second simulation in one process is up to 1.4 times as slow. */
async function started(input: ExperimentInput, nodes: number, events: number): Promise<Done> {
  const flags = Object.entries(lasting(input, nodes, events)).flatMap(([key, value]) => [
    `--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'simulate', '--json', ...flags]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Done;
}

const rate = ({ virtual, seconds }: Done) => virtual!.events / seconds;

/** Who met whom must not depend on what is learnt, nor the run on when it is looked at: else the figures are of something else. */
async function check(): Promise<void> {
  const bare = await run({ ...gossip, data: 'none', model: 'none' }, 200, 20_000);
  const learning = await run({ ...linear, data: rowsFor(200) }, 200, 20_000);
  if (bare.virtual!.events !== learning.virtual!.events) throw new Error('the events depend on the model');
  if (JSON.stringify(bare.versions) !== JSON.stringify(learning.versions)) throw new Error('the versions depend on the model');
  const parallel = await run({ ...linear, data: rowsFor(200), parallel: 'always', threads: 2 }, 200, 20_000);
  if (parallel.parametersHash !== learning.parametersHash) throw new Error('two threads came to something else');
}

export async function simulation(): Promise<Row[]> {
  await check();
  const rows: Row[] = [];
  const rates: number[] = [];
  for (let round = 0; round < 5; round++) rates.push(rate(await started({ ...linear, data: rowsFor(10_000) }, 10_000, 2e6)));
  const again = rate(await run({ ...linear, data: rowsFor(10_000) }, 10_000, 2e6));
  rows.push({ name: '57 weights, 10,000 nodes, in a process that has simulated before', value: again / 1e6, unit: 'M events/s' });
  rows.push({
    name: '57 weights, 10,000 nodes',
    value: median(rates) / 1e6,
    unit: 'M events/s',
    ratio: median(rates) / 2e6,
    of: 'of 2 M',
    bar: 1,
  });
  const bare: number[] = [];
  for (let round = 0; round < 5; round++)
    bare.push(rate(await started({ ...gossip, data: 'none', model: 'none' }, 100_000, 4e6)));
  rows.push({
    name: 'staleness only, 100,000 nodes',
    value: median(bare) / 1e6,
    unit: 'M events/s',
    ratio: median(bare) / 4e6,
    of: 'of 4 M',
    bar: 1,
  });
  let first = 0;
  for (const nodes of [100, 1000, 10_000, 100_000, 1_000_000]) {
    const each: number[] = [];
    for (let round = 0; round < 3; round++)
      each.push(1e9 / rate(await started({ ...gossip, data: 'none', model: 'none' }, nodes, 3e6)));
    const time = median(each);
    first ||= time;
    rows.push({
      name: `staleness only, ${nodes.toLocaleString('en-US')} nodes`,
      value: time,
      unit: 'ns/event',
      ...(nodes === 1_000_000 ? { ratio: (6 * first) / time, of: 'of 6x the time at 100, at most', bar: 1 } : {}),
    });
  }
  return [...rows, ...(await gossipy(median(rates)))];
}

/** Its messages a second on the same set-up: a wake of ours sends one, so ours are a third of the events. */
async function gossipy(events: number): Promise<Row[]> {
  const folder = process.env.HEARSAY_GOSSIPY;
  if (!folder || !existsSync(folder))
    return [{ name: 'gossipy is not measured: HEARSAY_GOSSIPY names no folder', value: 0, unit: '' }];
  const peer = await runPeer('gossipy_run.py', [folder], { cores: [0] });
  if (!peer.lines) return [{ name: `gossipy is not measured: ${peer.reason}`, value: 0, unit: '' }];
  const messages = Number(peer.lines.at(-1)!.messagesPerSecond);
  return [
    {
      name: 'gossipy',
      value: messages,
      unit: 'messages/s',
      ratio: events / 3 / messages / 300,
      of: 'of 300x as many messages',
      bar: 1,
    },
  ];
}
