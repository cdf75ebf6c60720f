/** What recording costs, what a replay takes, and how a run in virtual time on two threads compares with one thread and with a live run. */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExperimentInput, replay, simulate, train } from '../src/index.js';
import { median, type Row } from './measure.js';

const mnistLike: ExperimentInput = { data: 'digits:20000', model: 'mlp:128', algorithm: 'swarm:steps=4', kernels: 'simd' };
const tiny: ExperimentInput = {
  ...{ data: 'synthetic:task=linear,rows=20000,features=56,test=100', model: 'linear', kernels: 'simd', batch: 1 },
  ...{ algorithm: 'swarm:steps=1', optimizer: 'sgd:rate=0.01' },
};

export async function recording(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hearsay-bench-'));
  try {
    return [...(await costs(folder)), ...(await parallel())];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function costs(folder: string): Promise<Row[]> {
  const file = join(folder, 'run.hearsay');
  const rows: Row[] = [];
  for (const [name, input, most] of [
    ['MLP-128', { ...mnistLike, nodes: 16, threads: 2, seconds: 3 }, 0.03],
    ['57 weights', { ...tiny, nodes: 16, threads: 2, seconds: 2, track: 0 }, 0.3],
  ] as const) {
    const ratios: number[] = [];
    const sizes: number[] = [];
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const plain = (await train(input).result).done;
      const recorded = (await train(input, { record: file }).result).done;
      ratios.push(recorded.stepsPerSecond / plain.stepsPerSecond);
      const done = await replay(file, { threads: 2 }).result;
      if (done.parametersHash !== recorded.parametersHash) throw new Error('a replay came to something else');
      sizes.push(statSync(file).size / done.ops);
      times.push(done.recordedSeconds / done.seconds);
    }
    rows.push(
      {
        name: `${name}: speed while recording`,
        value: 100 * median(ratios),
        unit: '%',
        ratio: median(ratios) / (1 - most),
        of: `of ${100 * (1 - most)} % at least`,
        bar: 1,
      },
      {
        name: `${name}: history`,
        value: median(sizes),
        unit: 'bytes/op',
        ratio: 24 / median(sizes),
        of: 'of 24 at most',
        bar: 1,
      },
      {
        name: `${name}: replay on 2 threads`,
        value: 1 / median(times),
        unit: 'x the time',
        ratio: 1.3 * median(times),
        of: 'of 1.3x at most',
        bar: 1,
      },
    );
  }
  return rows;
}

async function parallel(): Promise<Row[]> {
  const input: ExperimentInput = { ...mnistLike, nodes: 64, epochs: 6, evaluateEvery: '1000epochs' as never };
  const virtual = { ...input, parallel: 'always' } as const;
  const two: number[] = [];
  const live: number[] = [];
  const speed: number[] = [];
  for (let round = 0; round < 5; round++) {
    const one = (await simulate({ ...virtual, threads: 1 }).result).done;
    const both = (await simulate({ ...virtual, threads: 2 }).result).done;
    const real = (await train({ ...input, threads: 2 }).result).done;
    if (one.parametersHash !== both.parametersHash) throw new Error('two threads came to something else than one');
    two.push(both.stepsPerSecond / one.stepsPerSecond);
    live.push(both.stepsPerSecond / real.stepsPerSecond);
    speed.push(both.stepsPerSecond);
  }
  return [
    {
      name: 'deterministic, 2 threads',
      value: median(speed),
      unit: 'steps/s',
      ratio: median(two),
      of: 'of one thread',
      bar: 1.8,
    },
    {
      name: 'deterministic against live, 2 threads',
      value: 100 * median(live),
      unit: '%',
      ratio: median(live),
      of: 'of live',
      bar: 0.9,
    },
  ];
}
