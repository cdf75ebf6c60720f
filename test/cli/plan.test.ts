/**
 * `hearsay plan`: what it predicts is what a simulation of the same words shows, what it measures is there, and what can't be planned is
 * named.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { networkOf } from '../../src/cli/network.js';
import { flagName } from '../../src/cli/options.js';
import { planOptions } from '../../src/cli/plan.js';
import { load } from '../../src/data/load.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import type { Option } from '../../src/engine/option.js';
import { options } from '../../src/engine/options.js';
import { HearsayError } from '../../src/errors.js';
import { type ExperimentInput, parseExperiment, simulate } from '../../src/index.js';
import { plan as predict } from '../../src/theory/plan/plan.js';
import { calibrate } from '../../src/threads/calibration.js';
import { draft } from '../../src/threads/prepare.js';
import { eigenvalues } from '../../src/topology/eigenvalues.js';
import { play } from './stage.js';

const planned = z.strictObject({
  event: z.literal('plan'),
  experiment: z.looseObject({ nodes: z.int() }),
  statements: z.array(
    z.strictObject({
      topic: z.enum(['staleness', 'mixing', 'stability', 'scale', 'cost']),
      what: z.string().min(1),
      value: z.number().nullable(),
      unit: z.string(),
      error: z.number().nullable(),
      kind: z.enum(['theorem', 'approximation', 'measurement']),
      ground: z.string().min(10),
    }),
  ),
  notes: z.array(z.string()),
});

async function plan(...words: string[]) {
  const { status, stdout, stderr } = await play(['plan', '--json', ...words]);
  assert.deepEqual([status, stderr], [0, ''], words.join(' '));
  const { statements, notes } = planned.parse(JSON.parse(stdout));
  return { notes, statements, of: (what: string) => statements.find(statement => statement.what === what)! };
}

test('every built-in algorithm can be planned, at some setting', async () => {
  for (const name of Object.keys(algorithms)) {
    const algorithm = name === 'hogwild' ? 'hogwild:mode=guarded' : name;
    const { statements } = await plan(
      '--data',
      'none',
      '--model',
      'noise:4',
      '--nodes',
      '8',
      '--curvature',
      '1',
      '--algorithm',
      algorithm,
    );
    for (const topic of ['stability', 'cost'])
      assert.ok(
        statements.some(said => said.topic === topic),
        `${name}: ${topic}`,
      );
  }
});

const nothing = { data: 'none', model: 'noise:4', batch: 1 } as const;

for (const [algorithm, clock, topology, share] of [
  ['gossip:rate=2', 'constant:mean=1', 'complete', 0.06],
  ['gossip:mix=pull', 'shifted:c=0.5,mu=2', 'ring', 0.06],
  ['timely:mix=pairwise', 'exponential:mean=2', 'torus', 0.06],
  ['timely:opportunistic=true,relay=false', 'exponential:mean=1', 'complete', 0.08],
  ['swarm:steps=1', 'exponential:mean=1', 'complete', 0.06],
  ['swarm:steps=1,order=commit', 'exponential:mean=1', 'ring', 0.06],
  ['swarm:steps=1,order=commit', 'exponential:mean=1', 'complete', 0.06],
  ['swarm:steps=1', 'constant:mean=1', 'complete', 0.2],
  ['swarm-pull', 'exponential:mean=1', 'hypercube', 0.06],
  ['adpsgd', 'exponential:mean=0.5', 'complete', 0.06],
  ['local', 'exponential:mean=1', 'complete', 0.06],
  ['local', 'shifted:c=0.5,mu=2', 'complete', 0.06],
  ['local', 'lognormal:mean=1,sigma=0.5', 'complete', 0.06],
  ['fedavg:p=0.2..0.8', 'exponential:mean=1', 'complete', Number.NaN],
  ['fedpbc:p=0.2..0.8', 'constant:mean=1', 'complete', Number.NaN],
  ['dpsgd', 'exponential:mean=1', 'torus', 0.02],
  ['dpsgd:weights=uniform', 'constant:mean=1', 'complete', 0.02],
  ['dpsgd:order=commit', 'exponential:mean=1', 'ring', 0.02],
  ['cdsa', 'shifted:c=0.5,mu=2', 'star', 0.02],
  ['sgp', 'exponential:mean=1', 'exponential:directed=true', 0.02],
  ['sgp', 'constant:mean=1', 'ring:directed=true', 0.02],
  ['sgp', 'exponential:mean=1', 'complete', 0.02],
  ['sgp:peers=one', 'shifted:c=0.5,mu=2', 'exponential:directed=true', 0.02],
  ['sgp:overlap=true', 'exponential:mean=1', 'complete', 0.06],
  ['sgp:overlap=true', 'exponential:mean=1', 'exponential:directed=true', 0.06],
  ['choco', 'exponential:mean=1', 'torus', 0.06],
  ['choco:compress=sign', 'constant:mean=1', 'ring', 0.06],
  ['choco:compress=lattice:8', 'shifted:c=0.5,mu=2', 'complete', 0.06],
  ['adagossip:compress=randk:0.3', 'exponential:mean=1', 'torus', Number.NaN],
  ['savic', 'exponential:mean=1', 'complete', 0.06],
  ['savic:every=3', 'shifted:c=0.5,mu=2', 'complete', 0.06],
  ['savic:scaling=local,rule=oasis', 'exponential:mean=1', 'complete', 0.06],
  ['savic:rule=identity', 'exponential:mean=1', 'complete', 0.06],
  ['savic:over=gossip,every=3', 'exponential:mean=1', 'complete', 0.12],
  ['savic:over=gossip,scaling=local', 'exponential:mean=1', 'complete', 0.12],
  ['easgd', 'exponential:mean=1', 'complete', Number.NaN],
  ['draco:period=inf', 'exponential:mean=1', 'complete', 0.06],
  ['draco:rate=3,period=inf', 'shifted:c=0.5,mu=2', 'complete', 0.06],
  ['draco:rate=0.5,period=inf,form=model', 'constant:mean=1', 'complete', 0.06],
  ['draco', 'lognormal:mean=1,sigma=0.5', 'torus', Number.NaN],
  ['draco:psi=5', 'exponential:mean=1', 'complete', Number.NaN],
  ['stardust:delay=0', 'exponential:mean=1', 'complete', 0.06],
  ['stardust:momentum=0.9,average=true,steps=1,delay=0', 'constant:mean=1', 'ring', 0.06],
] as const) {
  test(`${algorithm} on ${topology} with ${clock}: staleness and bytes are those of a simulation`, {
    timeout: 60_000,
  }, async () => {
    const words = ['--data', 'none', '--model', 'noise:4', '--batch', '1', '--nodes', '16', '--topology', topology];
    const { of } = await plan(...words, '--algorithm', algorithm, '--clock', clock);
    const { samples, done } = await simulate({
      ...{ ...nothing, nodes: 16, topology, algorithm, clock, time: 800, evaluateEvery: '0.713s', parallel: 'never' },
    }).result;
    const late = samples.filter(({ virtual }) => virtual!.time > 60);
    const bytes = done.bytes / done.virtual!.time;
    assert.ok(Math.abs(of('bytes between nodes').value! / bytes - 1) < 0.06, `${of('bytes between nodes').value}, ${bytes}`);
    if (Number.isNaN(share)) {
      if (done.versions) assert.equal(of('mean'), undefined); // a run counts none around a centre
      return;
    }
    const mean = late.reduce((sum, { versions }) => sum + versions!.mean, 0) / late.length;
    const { value, kind } = of('mean');
    assert.ok(Math.abs(value! - mean) <= share * mean, `${value}, simulated ${mean}`);
    assert.equal(kind === 'approximation', share > 0.1 || clock.startsWith('lognormal'));
  });
}

for (const algorithm of [
  'gossip',
  'gossip:mix=pull,weight=0.3',
  'timely:mix=pairwise',
  'swarm:steps=1',
  'swarm:steps=1,order=commit,weight=0.3',
  'swarm-pull',
])
  test(`${algorithm}: noise keeps models as far apart as said`, async () => {
    const input: ExperimentInput = {
      ...{ data: 'none', model: 'noise:64', batch: 1, nodes: 12, algorithm, clock: 'exponential:mean=1', parallel: 'never' },
      ...{ optimizer: 'sgd:rate=0.5', track: 0, time: 1500, evaluateEvery: '2.1s', deterministic: true },
    };
    const network = networkOf(await draft(parseExperiment(input)));
    const { statements } = predict(network, { memory: 1, scatter: { squared: 0, trace: 64 } });
    const { value } = statements.find(({ what }) => what === 'mean squared distance to the mean model')!;
    const { samples } = await simulate({ ...input, model: 'noise:64,variance=64' }).result;
    const late = samples.filter(({ virtual }) => virtual!.time > 60);
    const mean = late.reduce((sum, { consensus }) => sum + consensus, 0) / late.length;
    assert.ok(Math.abs(value / mean - 1) < 0.04, `${value}, simulated ${mean}`);
  });

test('speeds and stragglers change how often nodes work, and the bytes of what they then send', async () => {
  const words = ['--data', 'none', '--model', 'noise:4', '--batch', '1', '--nodes', '8', '--straggler', 'node=3,factor=4'];
  const { of } = await plan(...words, '--speeds', 'lognormal:sigma=0.5', '--algorithm', 'adpsgd');
  const { done } = await simulate({
    ...{ ...nothing, nodes: 8, stragglers: [{ node: 3, factor: 4 }], speeds: 'lognormal:sigma=0.5', algorithm: 'adpsgd' },
    ...{ time: 2000, evaluateEvery: '500s', parallel: 'never' },
  }).result;
  const found = done.exchanges / done.virtual!.time;
  assert.ok(Math.abs(of('exchanges, all nodes').value! / found - 1) < 0.04, `${of('exchanges, all nodes').value}, ${found}`);
  assert.equal(of('mean').kind, 'approximation');
});

for (const algorithm of [
  'timely',
  'sgp',
  'choco',
  'adagossip',
  'savic:over=gossip',
  'easgd',
  'draco',
  'stardust:momentum=0.9,steps=1',
])
  test(`${algorithm}: the memory is that of the run, all planes and messages included`, async () => {
    const { of } = await plan('--data', 'digits:600', '--nodes', '6', '--threads', '1', '--algorithm', algorithm);
    const { start } = await simulate({ data: 'digits:600', nodes: 6, threads: 1, algorithm, steps: 6 }).result;
    assert.equal(of('shared memory').value, start.memoryBytes);
  });

test('for people: a line for each statement with its kind, and what is not said', async () => {
  const { status, stdout, stderr, loads } = await play([
    'plan',
    '--data',
    'digits:600',
    '--algorithm',
    'asgd',
    '--curvature',
    '.5..4',
  ]);
  assert.deepEqual([status, stderr, loads], [0, '', 1]);
  assert.match(
    stdout,
    /^16 nodes \| complete \| asgd \| mlp:128: 101,770 parameters \| digits: 600 rows \| exponential:mean=1\nstaleness\n/,
  );
  assert.match(stdout, /\n {2}of an applied update +15\.0 updates +theorem +M - 1 for any law/);
  assert.match(stdout, /\n {2}all on one model, oscillating: damping z = M p +6\.40 +approximation /);
  assert.match(stdout, /\n {2}margin: critical z less that +without bound +approximation /);
  assert.match(stdout, /\nnot said\n {2}mixing: there is one model/);
  const without = await play(['plan', '--data', 'digits:600']);
  assert.match(without.stdout, /not said\n {2}stability: no curvature is known; give --curvature/);
});

test('measured: the Hessian of a linear model is the second moment of its inputs, and times and scatter are there', {
  timeout: 60_000,
}, async () => {
  const data = 'synthetic:rows=400,features=6,noise=0.5';
  const { train } = await load(data, { seed: 1, standardize: 'none' });
  const moment = new Float64Array(36);
  for (let r = 0; r < 400; r++)
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) moment[6 * i + j] += (train.inputs[6 * r + i] * train.inputs[6 * r + j]) / 400;
  const all = eigenvalues(moment, 6);
  const words = ['--data', data, '--model', 'linear:bias=false', '--nodes', '4', '--batch', '8', '--seed', '1'];
  const { status, stdout, stderr } = await play(['plan', '--json', '--measure', ...words]);
  assert.equal(status, 0);
  assert.match(stderr, /^measuring: training for 2 s\nmeasuring: gradients\nmeasuring: curvature\n$/);
  const { statements } = planned.parse(JSON.parse(stdout));
  const value = (what: string) => {
    const found = statements.find(statement => statement.what === what)!;
    assert.equal(found.kind, 'measurement', what);
    return found.value!;
  };
  assert.ok(Math.abs(value('largest curvature') / all[5] - 1) < 2e-3);
  assert.ok(Math.abs(value('smallest curvature') / all[0] - 1) < 1e-2);
  assert.ok(value('time of a local step') > 1e-8 && value('time of a local step') < 1e-2);
  assert.ok(value('time of an exchange') > 1e-8 && value('time of an exchange') < 1e-2);
  // at the optimum a gradient is noise: sigma^2 x features / batch, but for rows that a batch has once
  assert.ok(Math.abs(value('scatter of a batch gradient, tr(Sigma)') / ((0.25 * 6) / 8) - 1) < 0.5);
  assert.ok(Math.abs(value('squared length of the gradient')) < 0.1);
  assert.ok(statements.some(({ what }) => what === 'least H with which exchanges take 5 % of the time'));
});

test('Ctrl-C ends a calibration with 130, and what it throws is said', { timeout: 60_000 }, async () => {
  const words = ['plan', '--measure', '--data', 'digits:600'];
  const stopped = await play(words, {
    planner: {
      draft,
      calibrate(drawn, calibrating) {
        const running = calibrate(drawn, calibrating);
        setTimeout(() => interrupt(), 200);
        return running;
      },
    },
    during: signal => {
      interrupt = signal;
    },
  });
  assert.deepEqual([stopped.status, stopped.stdout], [130, '']);
  const failed = await play(words, {
    planner: { draft, calibrate: () => Promise.reject(new HearsayError('DIVERGED', 'node 3 diverged')) },
  });
  assert.deepEqual([failed.status, failed.stderr], [3, 'hearsay: DIVERGED: node 3 diverged\n']);
  const none = await play(['plan', '--measure', '--data', 'none', '--model', 'none']);
  assert.match(none.stderr, /^hearsay: CONFIG_RANGE: measure: model none has no parameters, allowed is/);
});
let interrupt = () => {};

test('swarm:bits=8: bytes are those of codes', async () => {
  const words = ['--data', 'none', '--model', 'noise:256', '--batch', '1', '--nodes', '8', '--algorithm', 'swarm:bits=8,steps=1'];
  const { of, notes } = await plan(...words);
  const { done } = await simulate({
    ...{ ...nothing, model: 'noise:256', nodes: 8, algorithm: 'swarm:bits=8,steps=1', time: 400, evaluateEvery: '400s' },
    ...{ optimizer: 'sgd:rate=0.01', parallel: 'never' },
  }).result;
  const { value, kind, ground } = of('bytes between nodes');
  const found = done.bytes / done.virtual!.time;
  assert.ok(Math.abs(value! / found - 1) < 0.06, `${value}, ${found}`);
  assert.equal(kind, 'approximation');
  assert.match(ground, /codes of 8 bits/);
  assert.equal(of('time in which Gamma falls by e').kind, 'approximation');
  assert.ok(notes.some(note => note.includes('rounding')));
});

for (const algorithm of ['gossip', 'adpsgd', 'swarm-pull', 'local'])
  test(`${algorithm} on a link that loses messages: exchanges and bytes are those that a run counts`, async () => {
    const link = 'delay:loss=0.4';
    const words = ['--data', 'none', '--model', 'noise:4', '--batch', '1', '--nodes', '8', '--link', link];
    const { of, notes } = await plan(...words, '--algorithm', algorithm);
    const { done } = await simulate({
      ...{ ...nothing, nodes: 8, algorithm, link, time: 2000, evaluateEvery: '500s', parallel: 'never' },
    }).result;
    for (const [what, found] of [
      ['exchanges, all nodes', done.exchanges],
      ['bytes between nodes', done.bytes],
    ] as const) {
      const { value, ground } = of(what);
      assert.ok(Math.abs(value! / (found / done.virtual!.time) - 1) < 0.04, `${what}: ${value}, ${found / done.virtual!.time}`);
      assert.equal(ground.includes('those that arrive, as a run counts them: lost ones are not'), algorithm !== 'local');
    }
    assert.equal(
      notes.some(note => note.startsWith('cost: no link is in it')),
      algorithm === 'local',
    );
  });

for (const [algorithm, topology] of [
  ['dpsgd', 'ring'],
  ['dpsgd:weights=uniform', 'star'],
  ['cdsa', 'star'],
])
  test(`${algorithm} on ${topology}: the slowest mode loses rho^2 a round`, async () => {
    const { of } = await plan(
      '--data',
      'none',
      '--model',
      'noise:4',
      '--nodes',
      '8',
      '--algorithm',
      algorithm,
      '--topology',
      topology,
    );
    const degrees = topology === 'ring' ? Array<number>(8).fill(2) : [7, 1, 1, 1, 1, 1, 1, 1];
    const joined = (i: number, j: number) => (topology === 'ring' ? [1, 7].includes(Math.abs(i - j)) : (i === 0) !== (j === 0));
    const matrix = new Float64Array(64);
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 8; j++) if (joined(i, j)) matrix[8 * i + j] = 1 / (1 + Math.max(degrees[i], degrees[j]));
      matrix[9 * i] = 1 - matrix.subarray(8 * i, 8 * i + 8).reduce((sum, w) => sum + w, 0);
    }
    const all = eigenvalues(matrix, 8);
    const rho = Math.max(Math.abs(all[0]), Math.abs(all[6]));
    const { value, kind } = of('part of Gamma that a round leaves, at most');
    assert.ok(Math.abs(value! - rho ** 2) < 1e-9, `${value}, ${rho ** 2}`);
    assert.equal(kind, 'theorem');
  });

test('workers and decay of the optimizer change the steps that are said', async () => {
  const words = ['--data', 'digits:600', '--algorithm', 'local', '--curvature', '1..4', '--optimizer'];
  const most = async (optimizer: string) => (await plan(...words, optimizer)).of('largest stable step of a node alone').value!;
  assert.ok(Math.abs((await most('sgd:rate=0.1,momentum=0.9')) - 3.8 / 4) < 1e-12);
  assert.ok(Math.abs((await most('sgd:rate=0.1,momentum=0.9,workers=2')) - 2.8 / 4) < 1e-12);
  assert.ok(Math.abs((await most('sgd:rate=0.1,momentum=0.9,workers=100')) - 2 / 4) < 1e-12);
  assert.ok(Math.abs((await most('sgd:rate=0.1,decay=1')) - 2 / 5) < 1e-12);
});

test('the document of planning names every algorithm that is refused', async () => {
  const text = readFileSync('docs/planning.md', 'utf8').split("## What can't be planned")[1];
  for (const algorithm of Object.keys(algorithms)) {
    const { status } = await play(['plan', '--data', 'none', '--model', 'noise:4', '--nodes', '8', '--algorithm', algorithm]);
    assert.ok(status === 0 || text.includes(`\`${algorithm}`), algorithm);
  }
});

test('what can be planned is named when something cannot', async () => {
  for (const [words, allowed] of [
    [['--algorithm', 'choco:quasi=0.9'], 'choco with quasi=0'],
    [['--algorithm', 'stardust:momentum=0.9'], 'stardust with steps=1, or momentum=0'],
    [['--algorithm', 'stardust:momentum=0.9,steps=1', '--optimizer', 'sgd:momentum=0.9'], 'one of both'],
    [['--algorithm', 'swarm:both=true'], 'swarm with both=false'],
    [['--algorithm', 'timely:opportunistic=asuman'], 'opportunistic=false | true'],
    [['--algorithm', 'timely:sources=2'], 'sources=all'],
    [['--algorithm', 'fedavg:who=all'], 'who=active'],
    [['--algorithm', 'gossip:merge=age'], 'gossip with merge=average'],
    [['--algorithm', 'hogwild'], 'hogwild with mode=guarded'],
    [['--average', 'corrected'], 'average: found'],
    [['--average', 'clipped'], 'average: found'],
    [['--attack', 'node=1,kind=sign'], 'attacks: found'],
    [['--weights', 'samples'], 'equal'],
    [['--link', 'sinr'], 'ideal | delay'],
    [['--optimizer', 'sgd:schedule=harmonic'], 'schedule=constant'],
    [['--optimizer', 'sgd:schedule=cosine'], 'schedule=constant'],
    [['--optimizer', 'sgd:warmup=10'], 'warmup=0'],
    [['--nodes', '40'], 'at most 18 nodes'],
    [['--churn', 'rates:join=1'], 'none: the theory'],
    [['--clock', 'edges'], 'exponential:mean=1'],
    [['--curvature', '3..1'], 'LOW up to HIGH'],
    [['--curvature', 'much'], 'H, or LOW..HIGH'],
  ] as const) {
    const { status, stdout, stderr } = await play(['plan', '--data', 'digits:600', ...words]);
    assert.deepEqual([status, stdout], [2, ''], words.join(' '));
    assert.match(stderr, /^hearsay: (CONFIG_RANGE|DATA_TOO_SMALL): [^\n]+\n$/);
    assert.ok(stderr.includes(allowed), `${stderr} names ${allowed}`);
  }
  for (const flag of ['--repeats', '--out', '--seconds']) {
    const { status, stderr } = await play(['plan', flag, '1']);
    assert.equal(status, 2);
    assert.match(stderr, /CONFIG_UNKNOWN_KEY: there is no option/);
  }
});

test('plan --help has the options of an experiment in virtual time, and its own', async () => {
  const { stdout, loads } = await play(['plan', '--help'], { columns: 1000 });
  assert.equal(loads, 0);
  const own: Record<string, Option> = { ...options, ...planOptions };
  for (const [key, { about, only }] of Object.entries(own)) {
    const line = stdout.split('\n').find(candidate => candidate.trim().startsWith(`--${flagName(key)} `));
    if (only === 'live' || key === 'deterministic') assert.equal(line, undefined, key);
    else assert.ok(line?.includes(about), key);
  }
});
