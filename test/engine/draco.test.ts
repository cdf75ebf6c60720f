/** DRACO-style learning against plain arrays, and what it promises: weights of a row, unification, the cap, the deadline. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { simulate, train } from '../../src/index.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import type { Graph } from '../../src/topology/graph.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';
import { takings } from '../support/watched.js';

const { draco } = algorithms;
const range = (n: number) => Array.from({ length: n }, (_, k) => k);
const start = (row: number, k: number) => Math.fround(Math.cos(row * 17 + k * 3));
const ring = (nodes: number): Graph => ({
  ...{ name: 'ring', nodes, directed: false },
  offsets: Uint32Array.from(range(nodes + 1), k => 2 * k),
  targets: Uint32Array.from(range(nodes).flatMap(k => [(k + nodes - 1) % nodes, (k + 1) % nodes].sort((a, b) => a - b))),
});
const [transmit, close, unify] = [0, 1, 2];

/** What the rule says, in plain numbers, where messages arrive at once. */
function naive(nodes: number, parameters: number, neighbours: (node: number) => number[], psi: number, isDelta: boolean) {
  const models = range(nodes).map(node => ({
    x: range(parameters).map(k => start(node, k)),
    backlog: range(parameters).map(() => 0),
    pieces: 0,
    delta: [] as number[],
    received: [] as number[][],
    heard: 0,
  }));
  const accepted = { messages: 0, ignored: 0 };
  return {
    models,
    accepted,
    begin(node: number, learnt: (x: number[]) => number[]) {
      const { x } = models[node];
      models[node].delta = learnt(x).map((value, k) => value - x[k]);
    },
    finish(node: number) {
      const one = models[node];
      one.x = one.x.map((value, k) => value + one.delta[k]);
      one.backlog = one.backlog.map((value, k) => value + one.delta[k]);
      one.pieces++;
    },
    transmit(node: number) {
      const one = models[node];
      if (one.pieces === 0) return;
      const sent = isDelta ? one.backlog : one.x;
      for (const other of neighbours(node)) {
        if (models[other].heard++ >= psi) accepted.ignored++;
        else {
          accepted.messages++;
          models[other].received.push(sent);
        }
      }
      one.backlog = one.backlog.map(() => 0);
      one.pieces = 0;
    },
    close(node: number) {
      const one = models[node];
      const q = 1 / (1 + one.received.length);
      const sum = range(parameters).map(k => one.received.reduce((total, message) => total + q * message[k], 0));
      one.x = one.x.map((value, k) => (isDelta ? value : q * value) + sum[k]);
      one.received = [];
    },
    unify(hub: number) {
      const { x } = models[hub];
      for (const one of models) Object.assign(one, { x: [...x], backlog: x.map(() => 0), pieces: 0, received: [], heard: 0 });
    },
  };
}

const event = fc.record({
  node: fc.nat(1000),
  what: fc.constantFrom('work', 'work', 'work', 'transmit', 'close', 'close', 'unify'),
});

for (const form of ['delta', 'model'] as const) {
  test(`form=${form} is what its rule says, in any order of events`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 7 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(event, { minLength: 1, maxLength: 80, size: 'max' }),
        fc.constantFrom('inf', '1', '3'),
        fc.boolean(),
        (nodes, parameters, events, psi, isRing) => {
          const graph = isRing && nodes > 2 ? ring(nodes) : undefined;
          const learnt = (node: number) => (x: number, k: number) => 0.9 * x + 0.1 * Math.sin(node + k);
          const stage = rehearse({
            ...{ algorithm: draco, options: { form, psi, steps: '1' }, nodes, parameters, start, graph },
            descent: (weights, node) => weights.set(weights.map(learnt(node))),
          });
          const neighbours = (node: number) =>
            graph ? [...graph.targets!.subarray(2 * node, 2 * node + 2)] : range(nodes).filter(other => other !== node);
          const expected = naive(
            nodes,
            parameters,
            neighbours,
            psi === 'inf' ? Number.POSITIVE_INFINITY : Number(psi),
            form === 'delta',
          );
          let number = 0;
          for (const { node: any, what } of events) {
            const node = any % nodes;
            if (what === 'work' && !stage.isPending(node)) {
              stage.begin(node);
              expected.begin(node, x => x.map(learnt(node)));
            } else if (what === 'work') {
              stage.finish(node);
              expected.finish(node);
            } else if (what === 'transmit') {
              stage.tick(node, transmit);
              expected.transmit(node);
            } else if (what === 'close') {
              stage.tick(node, close);
              expected.close(node);
            } else {
              number++;
              const hub = (number - 1) % nodes;
              for (const each of range(nodes)) stage.tick(each, unify, number); // it is the hub that acts
              expected.unify(hub);
              for (const each of range(nodes)) assert.deepEqual(stage.params(each), stage.params(hub));
            }
            for (const each of range(nodes)) {
              for (const [k, x] of stage.params(each).entries())
                assert.ok(Math.abs(x - expected.models[each].x[k]) < 1e-5 * (1 + Math.abs(x)), `${what}: node ${each}, ${k}`);
            }
          }
          stage.requireClean();
        },
      ),
      cases(150),
    );
  });
}

/** Row of weights with which `receiver` takes what each other node sends, and what it keeps of its own. */
function weights(stage: Rehearsal, senders: number[], receiver: number, nodes: number): number[] {
  for (const node of senders) {
    stage.begin(node);
    stage.finish(node);
    stage.tick(node, transmit);
  }
  stage.tick(receiver, close);
  return Array.from(stage.params(receiver)).slice(0, nodes);
}

test('the weights of a row sum to 1 and are at least 0, however many it has received (13.11)', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 9 }),
      fc.uniqueArray(fc.nat(7)),
      fc.constantFrom('model', 'delta'),
      (nodes, any, form) => {
        const senders = any.filter(node => node < nodes - 1);
        const stage = rehearse({
          ...{ algorithm: draco, options: { form, steps: '1' }, nodes, parameters: nodes },
          start: (row, k) => (form === 'model' && row === k ? 1 : 0),
          descent: (weights, node) => form === 'delta' && void weights.fill(1, node, node + 1),
        });
        const row = weights(stage, senders, nodes - 1, nodes);
        if (form === 'delta') row[nodes - 1] = 1 / (1 + senders.length); // of its own nothing was sent
        assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-6, `${row}`);
        for (const [k, weight] of row.entries())
          assert.ok(Math.abs(weight - (senders.includes(k) || k === nodes - 1 ? 1 / (1 + senders.length) : 0)) < 1e-6);
      },
    ),
    cases(100),
  );
});

test('equal models stay equal in the form of models, to the bit; unequal ones keep no mean', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 9 }),
      fc.array(fc.nat(1000), { maxLength: 60 }),
      fc.float({ min: 0.5, max: 1e6, noNaN: true }),
      (nodes, any, value) => {
        const stage = rehearse({
          algorithm: draco,
          options: { form: 'model' },
          nodes,
          parameters: 3,
          start: (_, k) => value * (k + 0.3),
        });
        const before = stage.params(0);
        for (const node of range(nodes)) {
          stage.begin(node);
          stage.finish(node);
        }
        for (const one of any) stage.tick(one % nodes, one % 3 === 0 ? close : transmit);
        for (const node of range(nodes)) {
          stage.tick(node, close);
          assert.deepEqual(stage.params(node), before);
        }
      },
    ),
    cases(100),
  );
  const stage = rehearse({ algorithm: draco, options: { form: 'model' }, nodes: 3, parameters: 1, start: row => row });
  assert.deepEqual(weights(stage, [2], 0, 1), [1]); // (0 + 2) / 2, and node 2 stays: the mean has moved
});

const watched = new URL('../support/watched.js', import.meta.url).href;
const noise: ExperimentInput = {
  ...{
    data: 'none',
    model: 'noise:16',
    batch: 1,
    nodes: 8,
    track: 0,
    parallel: 'never',
    threads: 1,
    evaluateEvery: '5s',
    slots: 2000,
  },
};

test('right after a unification all models are equal, and no message before it counts any more (4.4)', async () => {
  for (const hub of ['cyclic', 'random']) {
    const { samples } = await simulate({ ...noise, algorithm: `draco:period=10,hub=${hub}`, time: 60 }).result;
    for (const { virtual, consensus } of samples) {
      if (virtual!.time % 10 === 0 && virtual!.time > 0)
        assert.ok(consensus < 1e-12, `${hub}: ${consensus}`); // the mean of equal models is rounded;
      else if (virtual!.time > 0) assert.ok(consensus > 0.01, `${hub}: ${consensus} at ${virtual!.time}`);
    }
  }
  const never = (await simulate({ ...noise, algorithm: 'draco:period=inf', time: 60 }).result).done;
  assert.ok(never.consensus > 0);
});

test('a node takes at most Psi messages a period, the rest is counted; none is older than the deadline', async () => {
  for (const [psi, deadline] of [
    [1, 0.5],
    [7, 0.1],
    [20, 0.2],
  ]) {
    takings.length = 0;
    const algorithm = `${watched}:inner=draco,period=10,psi=${psi},deadline=${deadline},rate=2`;
    const { done } = await simulate({ ...noise, algorithm, link: 'delay:law=exponential,mean=0.2', time: 49.5 }).result;
    const counts = new Map<string, number>();
    for (const { time, node, age } of takings) {
      const key = `${node} ${Math.floor(time / 10)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      assert.ok(age <= deadline && age > 0, `${age}`);
    }
    assert.ok([...counts.values()].every(count => count <= psi));
    assert.equal([...counts.values()].filter(count => count === psi).length, 8 * 5, 'there are enough messages');
    assert.equal(done.exchanges, takings.length + 4 * 7); // four unifications, the hub apart
    assert.ok(done.ignored! > takings.length);
  }
  const patient = (await simulate({ ...noise, algorithm: 'draco:deadline=inf,rate=2', link: 'delay:mean=3', time: 20 }).result)
    .done;
  assert.equal(patient.ignored, undefined);
  const late = (await simulate({ ...noise, algorithm: 'draco:rate=2', link: 'delay:mean=0.11', time: 20 }).result).done;
  assert.equal(late.exchanges, 0);
  assert.ok(late.ignored! > 500);
});

test('it loses at least half of its loss: live, and in virtual time over a slow link with churn', {
  timeout: 60_000,
}, async () => {
  const digits: ExperimentInput = { data: 'digits:2000', model: 'mlp:16', nodes: 8, optimizer: 'sgd:rate=0.05', epochs: 6 };
  const algorithm = 'draco:steps=2,rate=0.4,period=12,psi=40';
  const halved = (loss: number) => assert.ok(loss < Math.log(10) / 2, `${loss}`);
  halved((await train({ ...digits, algorithm, threads: 2 }).result).done.loss);
  halved((await train({ ...digits, algorithm: `${algorithm},form=model,hub=random`, threads: 2 }).result).done.loss);
  const rough = { link: 'delay:law=exponential,mean=0.03,loss=0.1', churn: 'rates:join=.1,leave=.1,crash=.1' };
  const { done } = await simulate({ ...digits, ...rough, algorithm, parallel: 'never' }).result;
  halved(done.loss);
  assert.ok(done.virtual!.joined + done.virtual!.left + done.virtual!.crashed > 3);
});

test('a deadline belongs to virtual time: live, nothing is ever late', async () => {
  const input = { data: 'none', model: 'noise:4', batch: 1, nodes: 3, algorithm: 'draco:deadline=0.5', steps: 20 } as const;
  await assert.rejects(async () => train({ ...input, threads: 2 }).result, {
    ...{ code: 'CONFIG_RANGE', message: /draco:deadline=0.5.*belongs to virtual time/ },
  });
  await train({ ...input, threads: 2, algorithm: 'draco:deadline=inf' }).result;
  await simulate({ ...input, parallel: 'never' }).result;
});

test('a newcomer has a model, but no backlog and nothing collected', () => {
  const descent = (weights: Float32Array) => void (weights[0] += 1);
  const stage = rehearse({ algorithm: draco, options: { steps: '1' }, nodes: 3, parameters: 4, start, descent });
  for (const node of [0, 1]) {
    stage.begin(node);
    stage.finish(node);
  }
  stage.tick(0, transmit);
  for (const name of ['backlog', 'inbox', 'collected']) assert.ok(stage.plane(1, name)[0] > 0, name);
  stage.rows.adopt(2, 1);
  assert.deepEqual(stage.params(2), stage.params(1));
  for (const name of ['backlog', 'inbox', 'collected'])
    assert.ok(
      stage.plane(2, name).every(value => value === 0),
      name,
    );
  stage.begin(2);
  stage.finish(2);
  assert.ok(Math.abs(stage.plane(2, 'backlog')[0] - 1) < 1e-6);
});

test('wrong settings are refused by name', () => {
  const setting = { nodes: 4, capacity: 4, parameters: 1, rate: 0.1 };
  for (const [key, value] of [
    ['psi', '0'],
    ['psi', '2.5'],
    ['psi', '60001'],
    ['rate', '0'],
    ['window', '0'],
    ['period', 'never'],
    ['deadline', '-1'],
    ['form', 'gradient'],
    ['hub', '3'],
  ])
    refused(() => draco({ [key]: value }, setting), 'CONFIG_RANGE', `draco: ${key}`, `'${value}'`, key === 'psi' ? 'or inf' : '');
});
