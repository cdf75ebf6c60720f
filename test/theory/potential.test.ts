/** The stationary potential: against its special cases, and against a naive simulation and its own recursion. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Interaction, stationaryPotential } from '../../src/theory/potential.js';
import { topology } from '../../src/topology/topology.js';
import * as naive from '../support/naive/graph.js';
import { meanGamma, type Rule, stationaryGamma } from '../support/naive/swarm.js';

const rules: [Rule, Interaction, (n: number) => number][] = [
  ['blocking', { both: true, order: 'commit' }, n => (n - 1) * (1 - 2 / n)],
  ['non-blocking', { both: true, order: 'mix' }, n => 2 * (n - 1) * (1 - 1 / n)],
  ['initiator', { both: false, order: 'mix' }, n => (n - 1) * (1 - 1 / n)],
  ['commit', { both: false, order: 'commit' }, n => (n - 1) * (1 / 2 - 1 / n)],
];

const near = (found: number, expected: number, share: number, what: string) =>
  assert.ok(Math.abs(found / expected - 1) < share, `${what}: ${found}, expected ${expected}`);

test('on the complete graph the four rules have their closed forms', () => {
  for (const n of [3, 8, 33]) {
    for (const [name, rule, closed] of rules)
      near(stationaryPotential(topology('complete', n, 1), rule, 2.5).value, 2.5 * closed(n), 1e-9, `${name}, n = ${n}`);
  }
});

test('on the ring the blocking rule gives (n^2 - 1)/6 - (n-1)/n', () => {
  for (const n of [4, 8, 16, 64]) {
    const found = stationaryPotential(topology('ring', n, 1), { both: true, order: 'commit' }, 1).value;
    near(found, (n * n - 1) / 6 - (n - 1) / n, 1e-9, `n = ${n}`);
  }
});

test('on every graph with one kind of edge it is what the naive recursion and the naive simulation say', () => {
  const graphs: [string, number, naive.Graph][] = [
    ['ring', 6, naive.ring(6)],
    ['hypercube', 8, naive.hypercube(3)],
    ['torus', 9, naive.torus(3)],
  ];
  for (const [spec, n, graph] of graphs) {
    for (const [name, rule] of rules) {
      const found = stationaryPotential(topology(spec, n, 1), rule, 1).value;
      near(found, stationaryGamma(graph, name, 1), 1e-9, `${name} on ${spec}`);
      const settings = { graph, rule: name, variance: 1, dimensions: 40, warmUp: 500, interactions: 5000, seed: 3 };
      near(found, meanGamma(settings), 0.04, `${name} on ${spec}, simulated`);
    }
  }
});

test('it says exact where all edges are alike, and approximate where they are not', () => {
  const how = (spec: string, n: number) => stationaryPotential(topology(spec, n, 1), rules[0][1], 1).how;
  for (const [spec, n] of [
    ['complete', 2],
    ['complete', 9],
    ['ring', 7],
    ['hypercube', 16],
    ['torus', 9],
    ['torus', 16],
  ] as const)
    assert.equal(how(spec, n), 'exact', `${spec} ${n}`);
  for (const [spec, n] of [
    ['torus', 12],
    ['torus', 20],
    ['regular:3', 12],
  ] as const)
    assert.equal(how(spec, n), 'approximate', `${spec} ${n}`);
});

test('graphs of several degrees are refused', () => {
  assert.throws(() => stationaryPotential(topology('star', 5, 1), rules[0][1], 1), { code: 'GRAPH_INVALID' });
  assert.throws(() => stationaryPotential(topology('ring', 5, 1), rules[0][1], 0), { code: 'CONFIG_RANGE' });
});
