/** Sparse linear models beside scikit-learn's SGDClassifier on a9a: one sample a step, one thread and two, in turns. */

import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { type Done, type ExperimentInput, train } from '../src/index.js';
import { median, type Row } from './measure.js';
import { runPeer } from './peers/run.js';

const folder = process.env.HEARSAY_LIBSVM ?? '../shared/data/libsvm';
const seconds = Number(process.env.HEARSAY_BENCH_SECONDS ?? 1.5);

const base: ExperimentInput = {
  data: `${folder}/a9a.gz`,
  batch: 1,
  nodes: 16,
  evaluateEvery: '1000s',
  optimizer: 'sgd:rate=0.01',
};

/** Each under a loss of theirs. */
const models = { log_loss: 'logistic:l2=1e-4', hinge: 'hinge:l2=1e-4' } as const;

export async function sparse(): Promise<Row[]> {
  if (!existsSync(`${folder}/a9a.gz`)) return [{ name: `a9a is not in ${folder} (HEARSAY_LIBSVM)`, value: 0, unit: '' }];
  return [...(await accuracy()), ...(await speed())];
}

/** Before anything is timed: a model that learns nothing is fast too. The rate falls, as steps of one sample are noisy. */
async function accuracy(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const model of Object.values(models)) {
    const done = await run({ model, epochs: 40, threads: 2, optimizer: 'sgd:rate=0.02,schedule=cosine' });
    assert.ok(done.accuracy! > 0.84, `${model} learnt too little: accuracy ${done.accuracy}`);
    const name = `${model}, 16 nodes, 40 epochs: accuracy`;
    rows.push({ name, value: 100 * done.accuracy!, unit: '%', ratio: done.accuracy! / 0.848, of: 'of 84.8 %', bar: 1 });
  }
  return rows;
}

async function speed(): Promise<Row[]> {
  const all: Row[] = [];
  for (const [loss, model] of Object.entries(models)) {
    const theirs: number[] = [];
    const runs: Record<string, ExperimentInput> = {
      'one node, local steps without gossip': { nodes: 1, threads: 1, algorithm: 'none' },
      '16 nodes, local steps without gossip': { threads: 1, algorithm: 'none' },
      '16 nodes, swarm': { threads: 1, algorithm: 'swarm' },
      '16 nodes, swarm, two threads': { threads: 2, algorithm: 'swarm' },
      '16 nodes, local steps, two threads': { threads: 2, algorithm: 'none' },
      'hogwild, two threads': { threads: 2, nodes: 2, algorithm: 'hogwild' },
    };
    const rates = Object.fromEntries(Object.keys(runs).map(name => [name, [] as number[]]));
    const gossip: number[] = [];
    for (let round = 0; round < 5; round++) {
      const files = [`${folder}/a9a.gz`, `${folder}/a9a.t.gz`];
      const peer = await runPeer('sklearn_sparse.py', [...files, '--rounds', '1', '--losses', loss], {
        cores: [0],
        needs: 'scikit-learn',
      });
      if (!peer.lines) return [{ name: `scikit-learn is not measured: ${peer.reason}`, value: 0, unit: '' }];
      theirs.push(Number(peer.lines[0].samplesPerSecond) / 1e6);
      for (const [name, options] of Object.entries(runs)) {
        const done = await run({ model, seconds, ...options });
        assert.ok(done.accuracy! > 0.8, `${model}, ${name}: accuracy ${done.accuracy}`);
        rates[name].push(done.samplesPerSecond / 1e6);
        if (name === '16 nodes, swarm, two threads') gossip.push(done.gossipShare);
      }
    }
    const unit = 'M/s';
    all.push({ name: `scikit-learn, ${loss}`, value: median(theirs), unit });
    for (const [name, rate] of Object.entries(rates)) {
      // Two threads against one that does the same: what is lost without gossip too, the machine takes.
      const one = {
        '16 nodes, swarm, two threads': '16 nodes, swarm',
        '16 nodes, local steps, two threads': '16 nodes, local steps without gossip',
      }[name];
      const than = one === undefined ? theirs : rates[one];
      const ratio = median(rate.map((value, round) => value / than[round]));
      const bar = one === '16 nodes, swarm' ? { bar: 1.9 } : name.startsWith('one node') ? { bar: 1 } : {};
      all.push({
        name: `${model}, ${name}`,
        value: median(rate),
        unit,
        ratio,
        of: one !== undefined ? 'of one thread' : 'of scikit-learn',
        ...bar,
      });
    }
    all.push({ name: `${model}, gossip of two threads`, value: 100 * median(gossip), unit: '%' });
  }
  return all;
}

async function run(options: ExperimentInput): Promise<Done> {
  return (await train({ ...base, ...options }).result).done;
}
