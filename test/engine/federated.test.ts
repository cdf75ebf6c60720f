/** FedAvg and FedPBC over links that go on and off: who is active, what a round does, and what unequal links lead to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Meeting } from '../../src/engine/algorithm.js';
import { linkSettings, openActivity } from '../../src/engine/algorithms/activity.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { simulate } from '../../src/index.js';
import { source, uniform } from '../../src/random.js';
import { readSettings } from '../../src/settings.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const range = (n: number) => Array.from({ length: n }, (_, k) => k);

function activityOf(options: Record<string, string>, nodes: number, seed = 1): (round: number) => readonly number[] {
  const active = openActivity(readSettings({ name: 'links', args: [], options }, linkSettings, 'test'), nodes, 'test');
  const random: Meeting['random'] = (node, purpose, draw) => uniform(source(seed, purpose), node, draw);
  return number =>
    active({
      ...{ nodes, live: range(nodes), number, random, neighbours: () => [] },
      ...{ combine() {}, delta: node => node, plane: row => row },
    });
}

/** On how large a share of the rounds each node is on. */
function shares(options: Record<string, string>, nodes: number, rounds: number): number[] {
  const active = activityOf(options, nodes);
  const counts = new Array<number>(nodes).fill(0);
  for (let round = 0; round < rounds; round++) for (const node of active(round)) counts[node]++;
  return counts.map(count => count / rounds);
}

for (const [links, rounds, error] of [
  ['bernoulli', 20_000, 0.015],
  ['markov', 100_000, 0.03],
  ['cyclic', 20_000, 0.0051],
] as const) {
  test(`${links} links are on as often as asked`, () => {
    const found = shares({ links, p: '0.1..0.9' }, 5, rounds);
    for (const [node, share] of found.entries()) assert.ok(Math.abs(share - (0.1 + 0.2 * node)) < error, `${found}`);
    for (const share of shares({ links, p: '1' }, 3, 200)) assert.equal(share, 1);
  });

  // A cycle and the swing have one period: the share then hangs on where a cycle begins.
  if (links !== 'cyclic')
    test(`${links} links change in time with swing`, () => {
      const [share] = shares({ links, p: '0.8', swing: '0.4', period: '100' }, 1, rounds);
      assert.ok(Math.abs(share - 0.8 * 0.6) < 2 * error + (links === 'markov' ? 0.05 : 0), `${share}`); // a chain lags behind
    });

  test(`${links} links are the same whatever was asked before`, () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 1, maxLength: 12 }), fc.nat(1000), (rounds, seed) => {
        const asked = activityOf({ links, p: '0.2..0.8' }, 4, seed);
        for (const round of rounds)
          assert.deepEqual(asked(round), activityOf({ links, p: '0.2..0.8' }, 4, seed)(round), `round ${round}`);
      }),
      cases(60),
    );
  });
}

test('wrong links are refused by name', () => {
  for (const [p, words] of [
    ['0', "found '0'"],
    ['2', "found '2'"],
    ['0.1..0.5..0.9', 'LOW..HIGH'],
    ['much', 'p'],
  ])
    refused(() => algorithms.fedpbc({ p }, { nodes: 4, capacity: 4, parameters: 1, rate: 1 }), 'CONFIG_RANGE', 'fedpbc', words);
  for (const name of ['fedavg', 'fedpbc'])
    for (const options of [
      { period: '5' } as Record<string, string>,
      { period: '5', links: 'markov' },
      { period: '5', swing: '0' },
    ])
      refused(
        () => algorithms[name](options, { nodes: 4, capacity: 4, parameters: 1, rate: 1 }),
        ...(['CONFIG_RANGE', `${name}: found period`, 'take links=cyclic'] as const),
      );
  algorithms.fedpbc({ period: '5', swing: '0.1' }, { nodes: 4, capacity: 4, parameters: 1, rate: 1 });
  refused(() => algorithms.fedavg({ swing: '0.7' }, { nodes: 4, capacity: 4, parameters: 1, rate: 1 }), 'CONFIG_RANGE', 'swing');
});

/** One round: all learn and meet. */
function round(stage: Rehearsal, nodes: number): void {
  for (const node of range(nodes)) {
    stage.begin(node);
    stage.finish(node);
  }
  assert.ok(stage.meet());
}

const start = (row: number, k: number) => Math.fround(Math.cos(row * 17 + k * 3));

test('a round of FedPBC: the active are equal, the others unchanged, the sum preserved (13.18)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 40 }), fc.nat(1e6), (nodes, parameters, seed) => {
      const stage = rehearse({ algorithm: algorithms.fedpbc, options: { p: '0.2..0.7' }, nodes, parameters, seed, start });
      const active = activityOf({ p: '0.2..0.7' }, nodes, seed);
      for (let number = 0; number < 3; number++) {
        const before = range(nodes).map(stage.params);
        round(stage, nodes);
        const heard = active(number);
        for (const node of range(nodes)) {
          const after = stage.params(node);
          if (!heard.includes(node)) assert.deepEqual(after, before[node]);
          else assert.deepEqual(after, stage.params(heard[0]));
        }
        for (const k of range(parameters)) {
          const sum = (rows: Float32Array[]) => rows.reduce((total, row) => total + row[k], 0);
          assert.ok(Math.abs(sum(range(nodes).map(stage.params)) - sum(before)) < nodes * 2 ** -20);
        }
      }
      stage.requireClean();
    }),
    cases(100),
  );
});

test('a round of FedAvg: all have the model of the server, which moves by what it heard', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(1e6), fc.constantFrom('active', 'all'), (nodes, seed, who) => {
      const stage = rehearse({
        ...{ algorithm: algorithms.fedavg, options: { p: '0.1..0.6', who, steps: '1' }, nodes, parameters: 3, seed },
        descent: (weights, node) => void (weights[0] += node + 1),
      });
      const active = activityOf({ p: '0.1..0.6' }, nodes, seed);
      let server = 0;
      for (let number = 0; number < 4; number++) {
        round(stage, nodes);
        const heard = active(number);
        const sum = heard.reduce((total, node) => total + node + 1, 0);
        if (heard.length > 0) server += sum / (who === 'all' ? nodes : heard.length);
        for (const row of [...range(nodes), nodes]) assert.ok(Math.abs(stage.params(row)[0] - server) < 1e-4 * (1 + server));
      }
    }),
    cases(100),
  );
});

/** Mean over nodes and late rounds when node i pulls towards u_i = i / (n - 1) and is heard with p = 0.1 .. 0.9. */
function settles(name: string): number {
  const nodes = 100;
  const descent = (weights: Float32Array, node: number) => void (weights[0] -= 0.05 * (weights[0] - node / (nodes - 1)));
  const stage = rehearse({ algorithm: algorithms[name], options: { p: '0.1..0.9' }, nodes, parameters: 1, descent });
  let sum = 0;
  for (let number = 0; number < 600; number++) {
    round(stage, nodes);
    if (number >= 200) sum += range(nodes).reduce((total, node) => total + stage.params(node)[0], 0) / nodes;
  }
  return sum / 400;
}

test('unequal links bias FedAvg towards who is heard, sum p u / sum p, and FedPBC not', () => {
  const weights = range(100).map(node => 0.1 + (0.8 * node) / 99);
  const biased = weights.reduce((sum, p, node) => sum + (p * node) / 99, 0) / weights.reduce((sum, p) => sum + p, 0);
  assert.ok(Math.abs(biased - 0.636) < 0.001);
  assert.ok(Math.abs(settles('fedavg') - biased) < 0.006, `${settles('fedavg')}`);
  assert.ok(Math.abs(settles('fedpbc') - 0.5) < 0.003, `${settles('fedpbc')}`);
});

test('the server stands behind the rows of newcomers', async () => {
  for (const algorithm of ['fedavg:p=0.5', 'hogwild:mode=guarded']) {
    const { done } = await simulate({
      ...{ data: 'digits:400', model: 'softmax', nodes: 4, capacity: 9, algorithm, time: 20, parallel: 'never' },
      ...{ churn: 'rates:join=.3', evaluateEvery: '20s' },
    }).result;
    assert.ok(done.virtual!.joined > 0);
    assert.ok(done.loss < 2.2, `${algorithm}: ${done.loss}`);
  }
});
