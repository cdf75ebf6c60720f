/** Steps a second of ours beside PyTorch, jax-js and TensorFlow.js, where they are installed: one thread, batch 32, plain SGD, in turns. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { train } from '../src/index.js';
import { available, chooseKernels } from '../src/models/kernels/choose.js';
import { readPlan, sets } from '../src/models/kernels/plan.js';
import { namedModel } from '../src/models/named.js';
import { type Compared, compared } from './compared.js';
import { median, type Row, ratio } from './measure.js';
import { runPeer } from './peers/run.js';
import { type ProductTime, productTime } from './products.js';
import { writeSample } from './samples.js';

const batch = 32;
const rounds = 5;

interface Asked {
  /** How many times the speed of each peer a set of kernels shall have. */
  readonly faster: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The part of a step that its products alone shall be. */
  readonly products?: number;
}

const inJavaScript = { 'jax-js': { simd: 2.5 }, 'TensorFlow.js': { simd: 7 } };
const asked: Readonly<Record<string, Asked>> = {
  softmax: { faster: { PyTorch: { auto: 4 }, ...inJavaScript }, products: 0.8 },
  'mlp:128': { faster: { PyTorch: { relaxed: 1.2, blas: 2.5 }, ...inJavaScript }, products: 0.8 },
  'mlp:512,512': { faster: { PyTorch: { blas: 1.2 }, ...inJavaScript }, products: 0.8 },
  lenet: { faster: { PyTorch: { simd: 1, relaxed: 1.2, blas: 2 } }, products: 0.6 },
  'transformer:2,4,64': { faster: { PyTorch: { auto: 1.5 } } },
};

/** Steps a second of a model under a peer, by way; or why there are none. */
type Speeds = Readonly<Record<string, number>> | string;

/** The first way is the one that ours is compared with. */
const peers: Readonly<Record<string, (one: Compared, sample: string, seconds: number) => Promise<Speeds>>> = {
  async PyTorch({ model }, _sample, seconds) {
    const ways = ['autograd', 'optimizer'];
    const settings = ['--models', model, '--rounds', '1', '--seconds', String(seconds), '--ways', ways.join(), '--gather', 'yes'];
    const peer = await runPeer('torch_step.py', settings, { cores: [0] });
    return peer.lines ? Object.fromEntries(peer.lines.map(line => [line.way, Number(line.stepsPerSecond)])) : peer.reason;
  },
  'jax-js': (_one, sample, seconds) => inNode('jaxjs.js', sample, seconds),
  'TensorFlow.js': (_one, sample, seconds) => inNode('tfjs_wasm.js', sample, seconds),
};

async function inNode(script: string, sample: string, seconds: number): Promise<Speeds> {
  const peer = await runPeer(script, [String(seconds), sample], { limit: 60 });
  return peer.lines ? { [String(peer.lines[0].way)]: Number(peer.lines[0].stepsPerSecond) } : peer.reason;
}

/** One model, or all with something to be compared. A step gathers its batch, ours and PyTorch's. */
export async function steps(only?: string): Promise<Row[]> {
  const models = compared.filter(({ model }) => Object.hasOwn(asked, model) && (!only || model === only));
  if (models.length === 0) {
    const names = Object.keys(asked).map(name => `steps:${name}`);
    throw new Error(`bench: found 'steps:${only}', allowed is steps | ${names.join(' | ')}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
  try {
    const rows: Row[] = [];
    for (const one of models) rows.push(...(await sideBySide(one, folder)));
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function sideBySide(one: Compared, folder: string): Promise<Row[]> {
  const { model, task } = one;
  const { faster, products: share } = asked[model];
  const seconds = model.startsWith('transformer') ? 1.5 : 0.5;
  const data = one.data!(folder);
  const sample = writeSample(folder, one, 'simd', batch);
  const { set: plan } = chooseKernels('auto', namedModel(model, task), task, batch, () => performance.now());
  const candidates = [...available().filter(set => set !== 'reference'), 'auto'];
  const ours = Object.fromEntries(candidates.map(set => [set, { rates: [] as number[], products: [] as ProductTime[] }]));
  const theirs: Record<string, Record<string, number[]>> = {};
  const missing: Record<string, string> = {};
  for (let round = 0; round < rounds; round++) {
    for (const peer of Object.keys(faster)) {
      if (Object.hasOwn(missing, peer)) continue;
      const speeds = await peers[peer](one, sample, seconds);
      if (typeof speeds === 'string') missing[peer] = speeds;
      else for (const [way, speed] of Object.entries(speeds)) ((theirs[peer] ??= {})[way] ??= []).push(speed);
    }
    for (const set of candidates) {
      ours[set].rates.push(await trained(data, model, set, seconds));
      ours[set].products.push(productTime(one, batch, set === 'auto' ? plan : set));
    }
  }

  const rows: Row[] = [];
  for (const [peer, reason] of Object.entries(missing))
    rows.push({ name: `${model}: ${peer} is not measured: ${reason}`, value: 0, unit: '' });
  for (const [peer, ways] of Object.entries(theirs))
    for (const [way, rates] of Object.entries(ways))
      rows.push({ name: `${model}: ${peer}, ${way}`, value: median(rates), unit: 'steps/s' });
  for (const set of candidates) {
    const { rates, products } = ours[set];
    const name = `${model}: ${set === 'auto' ? `auto (${said(plan)})` : set}`;
    for (const [peer, ways] of Object.entries(theirs)) {
      if (peers[peer] !== peers.PyTorch && !faster[peer][set]) continue;
      const [way, others] = Object.entries(ways)[0];
      const times = missing[peer] ? Number.NaN : ratio(rates, others);
      rows.push({ name, value: median(rates), unit: 'steps/s', ratio: times, of: `of ${peer}, ${way}`, bar: faster[peer][set] });
    }
    const bare = median(products.map(({ milliseconds, step }) => milliseconds / step));
    const parts = products.map(({ milliseconds }, round) => (milliseconds * rates[round]) / 1000);
    const time = median(products.map(({ milliseconds }) => milliseconds));
    const speed = products[0].operations / time / 1e6;
    const row = { name: `${name}, its products alone`, value: time, unit: 'ms', ratio: median(parts), bar: share };
    rows.push({
      ...row,
      of: `of the step (${(100 * bare).toFixed(0)} % of one whose batch is there), ${speed.toFixed(0)} GFLOP/s`,
    });
  }
  return rows;
}

/** Steps a second of training: one node, one thread. */
async function trained(data: string, model: string, kernels: string, seconds: number): Promise<number> {
  const options = { data, model, kernels, seconds, nodes: 1, threads: 1, algorithm: 'none:steps=64', evaluateEvery: '1000s' };
  return (await train(options).result).done.stepsPerSecond;
}

/** A plan in few words. */
export function said(plan: string): string {
  const { set, others } = readPlan(plan);
  const taken = sets.map(taker => ({ taker, count: others.filter(other => other.set === taker).length }));
  const parts = taken
    .filter(({ count }) => count > 0)
    .map(({ taker, count }) => `${count} product${count > 1 ? 's' : ''} by ${taker}`);
  return [set, ...parts].join(', ');
}
