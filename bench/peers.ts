/** Ours beside PyTorch, when it is installed: steps on one thread, and training time to 98 % on MNIST with two. */

import { existsSync } from 'node:fs';
import { type Done, type ExperimentInput, train } from '../src/index.js';
import { median, type Row } from './measure.js';
import { runPeer } from './peers/run.js';

const mnist = process.env.HEARSAY_MNIST ?? '../shared/data/mnist';

const run = async (options: ExperimentInput): Promise<Done> => (await train(options).result).done;

/** One thread, batch 32, plain SGD; a step gathers its batch, ours and PyTorch's. In turns. */
export async function steps(): Promise<Row[]> {
  const ours: Record<string, { model: string; kernels: 'simd' | 'relaxed'; bar: number; peer: string }> = {
    'softmax 784-10, simd': { model: 'softmax', kernels: 'simd', bar: 3, peer: 'softmax' },
    'softmax 784-10, relaxed': { model: 'softmax', kernels: 'relaxed', bar: 3, peer: 'softmax' },
    'perceptron 784-128-10, simd': { model: 'mlp:128', kernels: 'simd', bar: 0.9, peer: 'mlp:128' },
    'perceptron 784-128-10, relaxed': { model: 'mlp:128', kernels: 'relaxed', bar: 1, peer: 'mlp:128' },
  };
  const rates = Object.fromEntries(Object.keys(ours).map(name => [name, { rate: [] as number[], ratio: [] as number[] }]));
  const ways = ['optimizer', 'autograd'];
  const peers: Record<string, number[]> = {};
  for (let round = 0; round < 5; round++) {
    const peer = await runPeer('torch_step.py', ['--rounds', '1', '--ways', ways.join(',')], { cores: [0] });
    if (!peer.lines) return [{ name: `PyTorch is not measured: ${peer.reason}`, value: 0, unit: '' }];
    const speed = (model: string, way: string) =>
      Number(peer.lines.find(line => line.model === model && line.way === way && line.gather === true)?.stepsPerSecond);
    for (const [name, { model, kernels, peer: theirs }] of Object.entries(ours)) {
      const { stepsPerSecond } = await run({
        data: 'digits:4000',
        model,
        kernels,
        nodes: 1,
        threads: 1,
        algorithm: 'none:steps=64',
        seconds: 0.5,
        evaluateEvery: '1000s',
      });
      rates[name].rate.push(stepsPerSecond);
      rates[name].ratio.push(stepsPerSecond / speed(theirs, 'autograd'));
    }
    for (const model of ['softmax', 'mlp:128']) {
      for (const way of ways) (peers[`PyTorch ${model}, ${way}`] ??= []).push(speed(model, way));
    }
  }
  return [
    ...Object.entries(peers).map(([name, values]) => ({ name, value: median(values), unit: 'steps/s' })),
    ...Object.entries(rates).map(([name, { rate, ratio }]) => ({
      name,
      value: median(rate),
      unit: 'steps/s',
      ratio: median(ratio),
      of: 'of PyTorch (autograd)',
      bar: ours[name].bar,
    })),
  ];
}

/** MNIST (mean 0 and deviation 1 over all pixels), MLP-128, batch 32, rate 0.1, two threads against two processes, both tested every 250 steps: seconds of training to 98 %. */
export async function hogwild(): Promise<Row[]> {
  if (!existsSync(mnist)) return [{ name: `MNIST is not at ${mnist} (HEARSAY_MNIST)`, value: 0, unit: '' }];
  const algorithms = (process.env.HEARSAY_BENCH_ALGORITHMS ?? 'swarm:steps=4').split(' ');
  const theirs: { seconds: number[]; steps: number[]; rate: number[] } = { seconds: [], steps: [], rate: [] };
  const ours = Object.fromEntries(
    algorithms.map(name => [name, { seconds: [] as number[], steps: [] as number[], rate: [] as number[] }]),
  );
  for (const seed of [1, 2, 3, 4, 5]) {
    const peer = await runPeer('torch_hogwild.py', [mnist, '--cores', '0,1', '--seeds', String(seed)], { leastCpuOverWall: 1.9 });
    if (!peer.lines) return [{ name: `PyTorch Hogwild is not measured: ${peer.reason}`, value: 0, unit: '' }];
    const [line] = peer.lines;
    theirs.seconds.push(Number(line.secondsToTarget ?? Number.POSITIVE_INFINITY));
    theirs.steps.push(Number(line.steps));
    theirs.rate.push(Number(line.stepsPerSecond));
    for (const name of algorithms) {
      const done = await run({
        data: mnist,
        standardize: 'whole',
        model: 'mlp:128',
        nodes: 2,
        threads: 2,
        algorithm: name,
        kernels: 'relaxed',
        seed,
        steps: 40_000,
        until: 'accuracy=0.98',
        evaluateEvery: 250,
      });
      ours[name].seconds.push(done.secondsToTarget ?? Number.POSITIVE_INFINITY);
      ours[name].steps.push(done.steps);
      ours[name].rate.push(done.stepsPerSecond);
    }
  }
  const all = {
    'PyTorch Hogwild, 2 processes': theirs,
    ...Object.fromEntries(Object.entries(ours).map(([name, v]) => [`${name}, 2 threads`, v])),
  };
  return Object.entries(all).flatMap(([name, { seconds, steps, rate }]) => [
    {
      name: `${name}: to 98 %`,
      value: median(seconds),
      unit: 's',
      ...(seconds === theirs.seconds
        ? {}
        : { ratio: median(theirs.seconds) / median(seconds), of: "of PyTorch's speed", bar: 1 / 0.9 }),
    },
    { name: `${name}: steps to 98 %`, value: median(steps), unit: 'steps' },
    { name: `${name}: speed`, value: median(rate), unit: 'steps/s' },
  ]);
}
