/** Virtual time: what the closed forms say, and the same bytes whoever does the work. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openClock } from '../../src/engine/clock.js';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import type { Sample } from '../../src/engine/observer.js';
import { openSpeeds } from '../../src/engine/speeds.js';
import { simulate } from '../../src/threads/train.js';
import { pieces } from '../support/timed.js';

const gossip: ExperimentInput = { data: 'none', model: 'none', batch: 1, parallel: 'never', threads: 1 };

/** The mean over samples after `from` of what `read` says. */
async function average(input: ExperimentInput, from: number, read: (sample: Sample) => number): Promise<number> {
  const { samples } = await simulate(input).result;
  const late = samples.filter(sample => sample.virtual!.time > from);
  return late.reduce((sum, sample) => sum + read(sample), 0) / late.length;
}

test('an edge a node and second, however many rows are kept free', async () => {
  const input: ExperimentInput = { ...gossip, nodes: 20, clock: 'edges', algorithm: 'swarm:steps=1', time: 200 };
  const steps = async (capacity: number) => (await simulate({ ...input, capacity }).result).done.steps;
  const exact = await steps(20);
  assert.ok(Math.abs(exact / (20 * 200) - 1) < 0.06, `${exact}`);
  assert.equal(await steps(200), exact);
});

test('the edge clock has no work that a straggler could be slow at', async () => {
  const slow = simulate({ ...gossip, nodes: 4, clock: 'edges', stragglers: [{ node: 2, factor: 3 }], time: 5 });
  await assert.rejects(slow.result, { code: 'CONFIG_RANGE', message: /edges, but stragglers are slow/ });
});

const harmonic = (n: number) => Array.from({ length: n }, (_, k) => 1 / (k + 1)).reduce((a, b) => a + b, 0);

test('staleness of gossip is H(n-1)/rate on the complete graph, whatever the law of updates (13.7)', async () => {
  const nodes = 20;
  for (const clock of ['exponential:mean=1', 'constant:mean=1', 'shifted:c=0.5,mu=2']) {
    const input = { ...gossip, nodes, clock, algorithm: 'gossip:rate=1', time: 400, evaluateEvery: '0.97s' };
    const mean = await average(input, 20, sample => sample.versions!.mean);
    const closed = harmonic(nodes - 1);
    assert.ok(Math.abs(mean / closed - 1) < 0.06, `${clock}: ${mean}, must be ${closed}`);
  }
});

test('nodes without work of their own are no sources: three of twenty are as stale as one of twenty, followed alone', async () => {
  const input = { ...gossip, nodes: 20, time: 400, evaluateEvery: '0.97s' };
  for (const [sources, track] of [
    [1, 1],
    [3, null],
  ]) {
    const algorithm = `timely:steps=1,rate=1,sources=${sources}`;
    const mean = await average({ ...input, algorithm, track }, 20, sample => sample.versions!.mean);
    assert.ok(Math.abs(mean / harmonic(19) - 1) < 0.12, `${sources}: ${mean}, must be ${harmonic(19)}`);
  }
});

test('age of information is H(n-1)/rate plus the mean age of the source (13.8)', async () => {
  const nodes = 20;
  const input = { ...gossip, nodes, clock: 'constant:mean=1', algorithm: 'gossip:rate=1', time: 400, evaluateEvery: '0.97s' };
  const mean = await average(input, 20, sample => sample.age!.mean);
  const closed = harmonic(nodes - 1) + 0.5;
  assert.ok(Math.abs(mean / closed - 1) < 0.05, `${mean}, must be ${closed}`);
});

test('the potential of an interaction with pure noise is what the four rules say (13.5)', { timeout: 120_000 }, async () => {
  const nodes = 8;
  const noise: ExperimentInput = {
    ...{ data: 'none', model: 'noise:16', optimizer: 'sgd:rate=1', batch: 1, parallel: 'never', threads: 1, track: 0 },
    ...{ nodes, clock: 'edges', time: 12_000, evaluateEvery: '1s' },
  };
  const rules: [algorithm: string, closed: number][] = [
    ['swarm:steps=1,both=true', (nodes - 1) * (1 - 2 / nodes)],
    ['swarm:steps=1,both=true,order=mix', 2 * (nodes - 1) * (1 - 1 / nodes)],
    ['swarm:steps=1', (nodes - 1) * (1 - 1 / nodes)],
    ['swarm:steps=1,order=commit', (nodes - 1) * (1 / 2 - 1 / nodes)],
  ];
  for (const [algorithm, closed] of rules) {
    const mean = nodes * (await average({ ...noise, algorithm }, 100, sample => sample.consensus));
    assert.ok(Math.abs(mean / closed - 1) < 0.05, `${algorithm}: ${mean}, must be ${closed}`);
  }
});

test('averaging n nodes at every step divides the noise of the mean by n: linear speed-up (13.14)', async () => {
  const rate = 0.1;
  for (const nodes of [1, 4, 16]) {
    const input: ExperimentInput = {
      ...{ data: 'none', model: 'noise:64,variance=1,curvature=1', optimizer: `sgd:rate=${rate}`, batch: 1, nodes },
      ...{ algorithm: 'allreduce', clock: 'constant:mean=1', time: 1500, evaluateEvery: '1s', parallel: 'never', track: 0 },
    };
    const square = 2 * (await average(input, 100, sample => sample.loss));
    const closed = rate / ((2 - rate) * nodes);
    assert.ok(Math.abs(square / closed - 1) < 0.05, `${nodes} nodes: ${square}, must be ${closed}`);
  }
});

test('the mean loss over nodes is that of the mean model plus how far predictions are apart, and no node is above the worst', async () => {
  const regression: ExperimentInput = { data: 'synthetic:rows=30,test=200', model: 'linear:bias=false', batch: 5, nodes: 6 };
  const alone = { ...regression, algorithm: 'none:steps=5', epochs: 40, evaluate: 'full', parallel: 'never' } as const;
  const apart = (await simulate(alone).result).done;
  assert.ok(apart.loss < apart.meanLoss && apart.meanLoss < apart.worstLoss);
  // 1/2 |x . (w_i - mean)|^2 over test rows x from N(0, 1) is half the squared distance, up to the sampling of 200 rows
  const spread = (apart.meanLoss - apart.loss) / (apart.consensus / 2);
  assert.ok(Math.abs(spread - 1) < 0.2, `${spread}`);
  const single = (await simulate({ ...alone, nodes: 1 }).result).done;
  assert.equal(single.meanLoss, single.loss);
  assert.equal(single.meanLoss, single.worstLoss);
});

const timed = new URL('../support/timed.js', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

test('the gap between snapshot and commit is the drawn duration, by every law', async () => {
  const trace = join(folder, 'durations');
  writeFileSync(trace, '0.5\n3\n1.25\n0.75\n');
  const laws = ['constant:mean=0.7', 'exponential:mean=2', 'shifted:c=0.5,mu=2', 'lognormal:sigma=1', 'pareto:shape=1.5'];
  const [nodes, seed, speeds] = [5, 3, 'lognormal:sigma=0.4'];
  for (const text of [...laws, `trace:${trace}`]) {
    pieces.length = 0;
    const { done } = await simulate({
      ...{ data: 'none', model: 'noise:4', batch: 1, nodes, seed, speeds, clock: text, algorithm: timed },
      ...{ stragglers: [{ node: 2, factor: 3 }], time: 100, evaluateEvery: '100s', parallel: 'never', threads: 1 },
    }).result;
    const clock = openClock(text, { seed, purpose: 'work', speeds: openSpeeds(speeds, nodes, seed) });
    const next = Array.from({ length: nodes }, () => ({ piece: 0, begins: 0 }));
    for (const { node, begun, finished } of pieces) {
      const at = next[node];
      assert.equal(begun, at.begins, `${text}: a piece begins when the one before it is finished`);
      assert.equal(finished, begun + clock.duration(node, at.piece++) * (node === 2 ? 3 : 1), text);
      at.begins = finished;
    }
    assert.equal(pieces.length, done.steps);
    assert.ok(pieces.length > 150, `${text}: ${pieces.length} pieces`);
  }
});

test('an algorithm that finishes no piece is told so, and the simulation ends', async () => {
  for (const nodes of [1, 3]) {
    const endless = simulate({
      ...{ data: 'none', model: 'noise:4', batch: 1, nodes, algorithm: `${timed}:wait=true`, steps: 10, threads: 2 },
      parallel: nodes === 1 ? 'never' : 'always',
    });
    await assert.rejects(endless.result, { code: 'STATE', message: /^simulate: all \d nodes wait: algorithm timed / });
  }
});

test('the gap between snapshot and commit is the drawn duration: slow nodes commit less often, and are staler', async () => {
  const run = simulate({
    ...{ data: 'none', model: 'noise:4', batch: 1, nodes: 6, clock: 'constant:mean=1', algorithm: 'swarm:steps=1' },
    ...{ stragglers: 'node=2,factor=10' as never, time: 100, evaluateEvery: '100s', parallel: 'never', threads: 1 },
  });
  const { done } = await run.result;
  // Five nodes finish a piece a second, the slow one every ten seconds.
  assert.equal(done.steps, 5 * 100 + 10);
});

/** A piece a second by each node, under the blocking rule, while the nodes in `slow` are at their first; `goes` is what churn does. */
async function blocking(topology: string, nodes: number, slow: number[], goes: string[], seed = 1): Promise<number> {
  const file = join(folder, 'churn');
  writeFileSync(file, goes.join('\n'));
  const { done } = await simulate({
    ...{ data: 'none', model: 'noise:4', batch: 1, nodes, topology, clock: 'constant:mean=1', churn: `trace:${file}`, seed },
    ...{ algorithm: 'swarm:steps=1,both=true', stragglers: slow.map(node => ({ node, factor: 1000 })) },
    ...{ time: 10, evaluateEvery: '10s', parallel: 'never', threads: 1 },
  }).result;
  return done.steps;
}

test('nodes that wait for a partner go on alone once their last neighbour is gone, while others still work', async () => {
  // On the ring 0-1-2-3-4-5, nodes 0 and 2 are done at 1 s. Node 4 waits too; it keeps its neighbour 5.
  for (const kind of ['crash', 'leave']) {
    // Who leaves commits the piece in hand, of one step.
    const own = kind === 'leave' ? 1 : 0;
    assert.equal(await blocking('ring', 6, [1, 3, 5], [`2 ${kind} 1`]), own, 'each still has a neighbour');
    const one = await blocking('ring', 6, [1, 3, 5], [`2 ${kind} 1`, `3.5 ${kind} 3`]);
    assert.equal(one, 7 + 2 * own, 'node 2 at 3.5 s, and from there on every second');
    const all = await blocking('ring', 6, [1, 3, 5], [`2 ${kind} 1`, `3.5 ${kind} 3`, `4.5 ${kind} 5`]);
    assert.equal(all, 7 + 2 * 6 + 3 * own);
  }
});

test('when only nodes that wait are left, one of them draws again', async () => {
  const found = new Set<number>();
  for (let seed = 1; seed <= 20; seed++) {
    // Two nodes are done at 1 s, and meet unless both draw the third one only. It crashes at 1.5 s.
    found.add(await blocking('complete', 3, [2], ['1.5 crash 2'], seed));
  }
  assert.deepEqual(found, new Set([2 * 10, 2 * 9])); // at 1, 2 ... 10 s, or at 1.5, 2.5 ... 9.5 s
});

const learning: ExperimentInput = {
  ...{ data: 'digits:1000', model: 'mlp:12', nodes: 8, epochs: 3, batch: 16, optimizer: 'sgd:rate=.1,momentum=.5' },
};
const algorithms = [
  ...['swarm:steps=2', 'swarm:steps=2,both=true', 'swarm:order=commit', 'swarm:both=true,order=mix', 'adpsgd', 'local:steps=2'],
  ...['allreduce', 'gossip:rate=1', 'gossip:mix=pull', 'gossip:mix=push-pull', 'hogwild:mode=guarded', 'none:steps=2'],
  ...[
    'gossip:merge=age',
    'cdsa',
    'dpsgd',
    'dpsgd:steps=2,order=commit,weights=uniform',
    'choco:quasi=0.5',
    'adagossip:compress=qsgd:8',
  ],
  ...['sgp:steps=2', 'sgp:overlap=true'],
  ...['swarm-pull:steps=2', 'asgd', 'easgd:steps=2,alpha=.2'],
  ...[
    'savic:steps=2,alpha=.1',
    'savic:rule=oasis,alpha=1',
    'savic:rule=rmsprop,scaling=local,alpha=.1',
    'savic:over=gossip,alpha=.1',
    'savic:beta1=.9,alpha=.1',
    'savic:over=gossip,rule=rmsprop,beta1=.5,alpha=.1',
  ],
  ...['draco:steps=2,period=7', 'draco:form=model,psi=3,rate=2,period=5,hub=random'],
  ...['stardust:steps=2', 'stardust:steps=1,momentum=.5,average=true,delay=.5,pace=absolute'],
  ...['stardust:per=coordinate,carry=both,share=.3', 'stardust:carry=gradient,coalesce=true', 'stardust:coalesce=true,delay=.5'],
  ...['fedavg:steps=2', 'fedavg:who=all,p=.2...8', 'fedpbc:links=markov', 'fedpbc:links=cyclic,period=5,swing=.3'],
];

/** What must be the same: the hash, and every sample but for the clock on the wall. */
async function signature(input: ExperimentInput): Promise<string> {
  const { done, samples } = await simulate(input).result;
  return JSON.stringify([done.parametersHash, samples.map(({ seconds, ...rest }) => rest)]);
}

const isLong = Number(process.env.HEARSAY_LONG ?? 1) > 1;
for (const [k, algorithm] of algorithms.entries()) {
  const pools = isLong ? [1, 2, 3, 4, 8] : [k % 2 === 0 ? 2 : 4];
  test(`${algorithm}: the same bytes and samples at ${pools.join(', ')} threads, and alone`, { timeout: 60_000 }, async () => {
    // Quasi-global momentum, and a first moment, take the place of the optimizer's.
    const input = { ...learning, algorithm, ...(/quasi|beta1/.test(algorithm) && { optimizer: 'sgd:rate=.1' }) };
    const alone = await signature({ ...input, parallel: 'never' });
    for (const threads of pools) {
      assert.equal(await signature({ ...input, threads, parallel: 'always' }), alone, `${threads} threads`);
    }
  });
}

test('with churn, loss and delay too', { timeout: 120_000 }, async () => {
  for (const algorithm of [
    'swarm:steps=2',
    'gossip:rate=2',
    'gossip:rate=1,mix=push-pull',
    'local',
    'swarm:both=true',
    'draco:period=3',
    'stardust',
    'stardust:coalesce=true,carry=both,delay=.5',
  ]) {
    const rough: ExperimentInput = {
      ...{ ...learning, epochs: null, time: 12, algorithm, churn: 'rates:join=.4,leave=.3,crash=.3' },
      ...{ link: 'delay:mean=0.4,law=exponential,loss=0.1', evaluateEvery: '3s', speeds: 'lognormal:sigma=0.5' },
    };
    const alone = await signature({ ...rough, parallel: 'never' });
    assert.ok(!alone.includes('"joined":0'), 'nobody joined');
    for (const threads of [2, 3]) {
      assert.equal(await signature({ ...rough, threads, parallel: 'always' }), alone, `${algorithm} on ${threads} threads`);
    }
  }
});

test('a lost exchange commits alone, under the blocking rule too; a delayed one takes place later', {
  timeout: 20_000,
}, async () => {
  const input: ExperimentInput = {
    ...{ data: 'none', model: 'noise:4', batch: 1, nodes: 6, clock: 'constant:mean=1', track: 0 },
    ...{ time: 40, evaluateEvery: '40s', parallel: 'never', threads: 1 },
  };
  for (const algorithm of ['swarm:steps=1', 'swarm:steps=1,both=true', 'swarm:steps=1,both=true,order=mix']) {
    const { done } = await simulate({ ...input, algorithm, link: 'delay:loss=1' }).result;
    assert.equal(done.exchanges, 0, algorithm);
    assert.equal(done.virtual!.lost, 6 * 40, algorithm);
    assert.equal(done.steps, 6 * 40, algorithm);
  }
  // A piece takes a second, and the way to the partner another one.
  const late = (await simulate({ ...input, nodes: 2, algorithm: 'swarm:steps=1,both=true', link: 'delay:mean=1' }).result).done;
  assert.equal(late.steps, 2 * 20);
  const trying = simulate({ ...input, algorithm: `${timed}:wait=true,pairwise=true`, link: 'delay:mean=0.001', nodes: 2 });
  await assert.rejects(trying.result, { code: 'STATE', message: /all 2 nodes wait/ });
});

/** Four nodes, three steps a second each, until 2.5 s. */
async function population(churn: string, capacity = 6) {
  const { done } = await simulate({
    ...{ data: 'none', model: 'noise:4', batch: 1, nodes: 4, capacity, churn, algorithm: 'swarm:steps=3', track: 0 },
    ...{ clock: 'constant:mean=1', time: 2.5, evaluateEvery: '10s', parallel: 'never', threads: 1 },
  }).result;
  return { steps: done.steps, ...done.virtual! };
}

test('who leaves commits the piece in hand, who crashes loses it, and both are counted', async () => {
  const file = join(folder, 'population');
  const trace = (...lines: string[]) => {
    writeFileSync(file, lines.join('\n'));
    return population(`trace:${file}`);
  };
  const pick = ({ steps, lostPieces, lostSteps, left, crashed }: Awaited<ReturnType<typeof population>>) =>
    Object.values({ steps, lostPieces, lostSteps, left, crashed });
  assert.deepEqual(pick(await trace('1.5 leave 3')), [4 * 3 + 3 + 3 * 3, 0, 0, 1, 0]);
  assert.deepEqual(pick(await trace('1.5 crash 3')), [4 * 3 + 3 * 3, 1, 3, 0, 1]);
});

test('half of the model of who leaves goes into that of the heir, its last piece included', async () => {
  const file = join(folder, 'heir');
  writeFileSync(file, '0.5 leave 0\n');
  const input: ExperimentInput = {
    ...{ data: 'none', model: 'noise:8,curvature=1', batch: 1, nodes: 2, optimizer: 'sgd:rate=1', algorithm: 'none:steps=1' },
    ...{ clock: 'constant:mean=2', evaluateEvery: '10s', parallel: 'never', threads: 1, track: 0 },
  };
  const heir = (await simulate({ ...input, time: 1, churn: `trace:${file}` }).result).done;
  assert.deepEqual([heir.steps, heir.exchanges, heir.virtual!.live], [1, 1, 1]);
  // While node 1 has done nothing, half of node 0 is the mean of both.
  const apart = (await simulate({ ...input, time: 3, stragglers: [{ node: 1, factor: 100 }] }).result).done;
  assert.equal(apart.steps, 1);
  assert.ok(heir.loss > 0.01);
  assert.equal(heir.loss, apart.loss);
});

test('a newcomer of a trace takes the row that it is to take, and rates that ask for more than there are rows are refused', async () => {
  const file = join(folder, 'rows');
  // Row 2 can only crash when it was 2 that joined, not the first that is free.
  writeFileSync(file, '0.1 crash 0\n0.2 crash 2\n0.3 join 2\n0.4 join 5\n0.5 crash 2\n0.6 crash 5\n');
  const named = await population(`trace:${file}`);
  assert.deepEqual([named.joined, named.crashed, named.refused, named.live], [2, 4, 0, 2]);
  const crowd = await population('rates:join=100', 6);
  assert.equal(crowd.joined, 2);
  assert.ok(crowd.refused > 100, `${crowd.refused}`);
  const last = await population('rates:crash=100');
  assert.equal(last.live, 1);
  assert.ok(last.refused > 100, `${last.refused}`);
});

test('who waits for partners that are gone goes on alone', { timeout: 20_000 }, async () => {
  for (const topology of ['complete', 'star']) {
    for (let seed = 1; seed <= 20; seed++) {
      const { done } = await simulate({
        ...{ data: 'synthetic:rows=60,test=10', model: 'linear', nodes: 4, batch: 2, topology, parallel: 'never', seed },
        ...{ algorithm: 'swarm:steps=1,both=true', churn: 'rates:crash=0.5', steps: 200 },
      }).result;
      assert.ok(done.steps >= 200);
    }
  }
});

test('versions of all are followed, newcomers included', async () => {
  const { done } = await simulate({
    ...{ data: 'none', model: 'noise:2', batch: 1, nodes: 6, algorithm: 'timely:opportunistic=asuman', parallel: 'never' },
    ...{ churn: 'rates:join=.3,leave=.2,crash=.2', time: 60, evaluateEvery: '60s' },
  }).result;
  assert.ok(done.virtual!.joined > 0 && done.virtual!.crashed > 0);
  assert.equal(done.perNode!.versions.length, done.virtual!.live);
});
