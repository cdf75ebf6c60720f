/** Staleness and age: values worked out by hand, the recursion of the version age, and gossip played event by event. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Estimate } from '../../src/theory/estimate.js';
import { opportunisticStaleness } from '../../src/theory/opportunistic.js';
import { bestStaleness, meanAge, staleness, stalenessOf } from '../../src/theory/staleness.js';
import { deterministic, poisson, shiftedExponential } from '../../src/theory/updates.js';
import { complete, ring, star } from '../../src/topology/families.js';
import { undirected } from '../../src/topology/rows.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { durations, play } from './clocks.js';

const near = (found: number, expected: number) =>
  assert.ok(Math.abs(found - expected) <= 1e-11 * Math.abs(expected), `found ${found}, expected ${expected}`);
/** Within four standard errors of a play of 40 stretches, and a play of some use: its error is below 1.5 %. */
const plays = (played: Estimate, theory: Estimate, what: string) => {
  assert.ok(
    Math.abs(played.value - theory.value) < 4 * played.error,
    `${what}: ${played.value} +- ${played.error}, theory ${theory.value}`,
  );
  assert.ok(played.error < 0.015 * theory.value, `${what}: error ${played.error} of ${theory.value}`);
};

test('the closed forms have the values that were worked out by hand, to every digit', () => {
  const rates = [() => 1, (n: number) => Math.log(n), (n: number) => n];
  const table: [number, ...string[]][] = [
    [10, '2.829', '1.229', '0.283'],
    [30, '3.962', '1.165', '0.132'],
    [100, '5.177', '1.124', '0.0518'],
    [1000, '7.484', '1.083', '0.00748'],
    [10_000, '9.788', '1.0627', '0.00098'],
  ];
  for (const [nodes, ...row] of table)
    row.forEach((printed, k) => {
      const { mean } = staleness(complete(nodes), { mix: 'push', rate: rates[k](nodes) }, 1);
      const decimals = printed.split('.')[1].length;
      assert.equal(mean.value.toFixed(decimals), printed, `n = ${nodes}`);
      assert.equal(mean.how, 'exact');
    });
  for (const [nodes, value] of [
    [10, 5],
    [30, 15],
    [100, 50],
  ])
    assert.equal(staleness(ring(nodes), { mix: 'push', rate: 1 }, 1).mean.value, value);
});

test('the recursion of the version age ends in the closed form for one receiver', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 300 }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.constantFrom('push', 'pull', 'pairwise'),
      (nodes, rate, updates, mix) => {
        const lambda = mix === 'pairwise' ? 2 * rate : rate;
        let s = updates / lambda;
        for (let k = nodes - 1; ; k--) {
          near(bestStaleness(nodes, k, { mix, rate }, updates).value, s);
          if (k === 1) break;
          // (n-k) s_k from s_(k+1), one step down
          s = (((nodes - 1) * updates) / (lambda * (k - 1)) + (nodes - k) * s) / (nodes - k + 1);
        }
        near(staleness(complete(nodes), { mix, rate }, updates).mean.value, s);
      },
    ),
    cases(100),
  );
});

test('gossip played event by event has the staleness of the theory, mean and worst, on every graph and mix', () => {
  const tailed = undirected('tailed', 6, [0, 1, 1, 2, 2, 0, 2, 3, 3, 4, 4, 5]);
  for (const mix of ['push', 'pull', 'pairwise'] as const)
    for (const graph of [complete(10), ring(9), star(6), tailed]) {
      const played = play({ graph, lambda: 1.3, duration: durations.shifted, mix, horizon: 15_000, seed: 3 });
      const theory = staleness(graph, { mix, rate: 1.3 }, 1);
      plays(played.mean, theory.mean, `${graph.name} ${mix} mean`);
      plays(played.worst, theory.worst, `${graph.name} ${mix} worst`);
    }
});

test('any law of updates with the same mean gives the same staleness, and the age that its second moment says', () => {
  const laws = { poisson: poisson(1), deterministic: deterministic(1), shifted: shiftedExponential(0.5, 2) };
  const gossip = { mix: 'push', rate: 0.8 } as const;
  for (const law of Object.keys(laws) as (keyof typeof laws)[]) {
    const played = play({ graph: complete(8), lambda: 0.8, duration: durations[law], mix: 'push', horizon: 25_000, seed: 11 });
    plays(played.mean, staleness(complete(8), gossip, 1).mean, law);
    plays(played.bestOfThree, bestStaleness(8, 3, gossip, 1), `${law}, best of three`);
    plays(played.age, meanAge(complete(8), gossip, laws[law]), `${law}, age`);
  }
});

test('opportunistic gossip played event by event has the staleness of the theory, with relay and without', () => {
  for (const [nodes, lambda] of [
    [4, 0.7],
    [10, 1],
    [10, Math.log(10)],
  ])
    for (const relay of [false, true]) {
      const theory = opportunisticStaleness({ nodes, callRate: lambda, updateRate: 1, relay });
      const setting = { graph: complete(nodes), lambda, mix: 'push', opportunistic: { relay }, horizon: 15_000 } as const;
      const played = play({ ...setting, duration: durations.poisson, seed: 2 });
      plays(played.mean, theory, `${nodes} ${lambda} ${relay}`);
      // not exact for the shifted exponential, but nothing that a play of this length would show
      const shifted = play({ ...setting, duration: durations.shifted, seed: 2 });
      assert.ok(Math.abs(shifted.mean.value / theory.value - 1) < 0.04, `${nodes} ${lambda} ${relay}: ${shifted.mean.value}`);
    }
});

test('without relay opportunistic gossip needs calls in proportion to nodes; at 100 nodes it is nineteen times staler', () => {
  const at = (relay: boolean) => opportunisticStaleness({ nodes: 100, callRate: Math.log(100), updateRate: 1, relay }).value;
  assert.equal(at(false).toFixed(1), '21.5');
  assert.equal((at(false) / at(true)).toFixed(0), '19');
  near(at(true), staleness(complete(100), { mix: 'push', rate: Math.log(100) }, 1).mean.value);
});

test('staleness is proportional to the update rate, its error too', () => {
  const graph = topology('small-world:4,.1', 40, 1);
  const gossip = { mix: 'push', rate: 1 } as const;
  const [one, three] = [1, 3].map(rate => stalenessOf(2, graph, gossip, rate, { samples: 50 }));
  for (const pick of [(s: typeof one) => s.mean, (s: typeof one) => s.worst, (s: typeof one) => s.to[7]]) {
    near(pick(three).value, 3 * pick(one).value);
    near(pick(three).error, 3 * pick(one).error);
    assert.equal(pick(one).samples, 50);
  }
});

test('graphs in pieces and rates that are none are refused', () => {
  const pieces = undirected('pieces', 5, [0, 1, 2, 3, 3, 4]);
  const gossip = { mix: 'push', rate: 1 } as const;
  assert.throws(() => staleness(pieces, gossip, 1), { code: 'GRAPH_DISCONNECTED', message: /2 components of sizes 3, 2/ });
  assert.throws(() => meanAge(pieces, gossip, poisson(1)), { code: 'GRAPH_DISCONNECTED' });
  const wrong: (() => unknown)[] = [
    () => staleness(complete(4), gossip, 0),
    () => staleness(complete(4), gossip, Number.NaN),
    () => stalenessOf(4, complete(4), gossip, 1),
    () => stalenessOf(0, complete(4), { mix: 'push', rate: -1 }, 1),
    () => bestStaleness(4, 4, gossip, 1),
    () => bestStaleness(1, 1, gossip, 1),
    () => opportunisticStaleness({ nodes: 1, callRate: 1, updateRate: 1, relay: true }),
    () => opportunisticStaleness({ nodes: 3, callRate: 0, updateRate: 1, relay: true }),
    () => opportunisticStaleness({ nodes: 3, callRate: 1, updateRate: -2, relay: false }),
  ];
  for (const ask of wrong) assert.throws(ask, { code: 'CONFIG_RANGE' });
});
