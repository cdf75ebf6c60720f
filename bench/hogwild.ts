/** Training time to 98 % on MNIST of two threads of ours beside PyTorch's Hogwild with two processes, when that is installed. */

import { existsSync } from 'node:fs';
import { type ExperimentInput, train } from '../src/index.js';
import { median, type Row } from './measure.js';
import { runPeer } from './peers/run.js';

const mnist = process.env.HEARSAY_MNIST ?? '../shared/data/mnist';
const words = (name: string, usual: string) => (process.env[name] ?? usual).split(' ');

const setting = {
  data: mnist,
  standardize: 'whole',
  model: 'mlp:128',
  nodes: 2,
  threads: 2,
  steps: 40_000,
  until: 'accuracy=0.98',
  evaluateEvery: 250,
} as const;

/** Of each seed. */
interface Runs {
  readonly seconds: number[];
  readonly steps: number[];
  readonly rate: number[];
}

/**
 * Pixels of mean 0 and deviation 1 over all, MLP-128, batch 32, rate 0.1, both tested every 250 steps; seconds of training until a test
 * finds 98 %. For each seed, PyTorch and then every algorithm of HEARSAY_BENCH_ALGORITHMS with every set of HEARSAY_BENCH_KERNELS.
 */
export async function hogwild(seeds = '1,2,3,4,5'): Promise<Row[]> {
  if (!existsSync(mnist)) return [{ name: `MNIST is not at ${mnist} (HEARSAY_MNIST)`, value: 0, unit: '' }];
  const algorithms = words('HEARSAY_BENCH_ALGORITHMS', 'swarm:steps=16 swarm:steps=32 swarm:steps=64');
  const sets = words('HEARSAY_BENCH_KERNELS', 'blas');
  const empty = (): Runs => ({ seconds: [], steps: [], rate: [] });
  const theirs = empty();
  const candidates = algorithms.flatMap(algorithm => sets.map(kernels => ({ algorithm, kernels, runs: empty() })));
  for (const seed of seeds.split(',').map(Number)) {
    const peer = await runPeer('torch_hogwild.py', [mnist, '--cores', '0,1', '--seeds', String(seed)], { leastCpuOverWall: 1.9 });
    if (!peer.lines) return [{ name: `PyTorch Hogwild is not measured: ${peer.reason}`, value: 0, unit: '' }];
    const [line] = peer.lines;
    note(theirs, Number(line.secondsToTarget ?? Number.POSITIVE_INFINITY), Number(line.steps), Number(line.stepsPerSecond));
    for (const { algorithm, kernels, runs } of candidates) {
      const options: ExperimentInput = { ...setting, algorithm, kernels, seed };
      const { done } = await train(options).result;
      note(runs, done.secondsToTarget ?? Number.POSITIVE_INFINITY, done.steps, done.stepsPerSecond);
    }
  }
  const rowsOf = (name: string, { seconds, steps, rate }: Runs): Row[] => [
    {
      name: `${name}: to 98 % (${seconds.map(each => each.toFixed(2)).join(', ')})`,
      value: median(seconds),
      unit: 's',
      ...(seconds === theirs.seconds
        ? {}
        : { ratio: median(theirs.seconds) / median(seconds), of: "of PyTorch's speed", bar: 2 }),
    },
    { name: `${name}: steps to 98 %`, value: median(steps), unit: 'steps' },
    { name: `${name}: speed`, value: median(rate), unit: 'steps/s' },
  ];
  return [
    ...rowsOf('PyTorch Hogwild, 2 processes', theirs),
    ...candidates.flatMap(({ algorithm, kernels, runs }) => rowsOf(`${algorithm}, ${kernels}, 2 threads`, runs)),
  ];
}

function note(runs: Runs, seconds: number, steps: number, rate: number): void {
  runs.seconds.push(seconds);
  runs.steps.push(steps);
  runs.rate.push(rate);
}
