/** The naive interactions against the exact stationary spread, and that against its closed forms. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete, type Graph, hypercube, ring, torus } from './graph.js';
import { meanGamma, type Rule, stationaryGamma } from './swarm.js';

const rules: readonly Rule[] = ['blocking', 'non-blocking', 'initiator', 'commit'];

test('on the complete graph the stationary value is that of the closed forms', () => {
  for (const n of [3, 4, 8, 64, 200]) {
    const factors = { blocking: 1 - 2 / n, 'non-blocking': 2 * (1 - 1 / n), initiator: 1 - 1 / n, commit: 1 / 2 - 1 / n };
    for (const rule of rules) {
      const exact = (n - 1) * factors[rule] * 2.5;
      assert.ok(Math.abs(stationaryGamma(complete(n), rule, 2.5) - exact) < 1e-9 * n, `${rule}, n = ${n}`);
    }
  }
});

test('on the ring a blocking interaction gives V ((n^2 - 1) / 6 - (n - 1) / n)', () => {
  for (const n of [4, 8, 16, 33, 64]) {
    const exact = (n * n - 1) / 6 - (n - 1) / n;
    assert.ok(Math.abs(stationaryGamma(ring(n), 'blocking', 1) - exact) < 1e-9 * n * n, `n = ${n}`);
  }
});

test('the eigenvalues of a graph are those of its Laplacian: their sum and the sum of their squares agree', () => {
  for (const { neighbours, eigenvalues } of [complete(9), ring(7), torus(5), hypercube(5)]) {
    const [n, degree] = [neighbours.length, neighbours[0].length];
    assert.equal(eigenvalues.length, n - 1);
    for (const list of neighbours) assert.equal(new Set(list).size, degree);
    const sum = (power: number) => eigenvalues.reduce((total, l) => total + l ** power, 0);
    assert.ok(Math.abs(sum(1) - n * degree) < 1e-9 && Math.abs(sum(2) - n * (degree * degree + degree)) < 1e-9);
  }
});

const graphs: Record<string, [Graph, share: number, warmUp: number]> = {
  'complete 4': [complete(4), 0.03, 1000],
  'complete 16': [complete(16), 0.03, 1000],
  'complete 64': [complete(64), 0.03, 4000],
  'ring 8': [ring(8), 0.04, 1000],
  'ring 16': [ring(16), 0.08, 4000],
  'hypercube 16': [hypercube(4), 0.04, 1000],
  'torus 25': [torus(5), 0.04, 2000],
};

for (const [name, [graph, share, warmUp]] of Object.entries(graphs)) {
  test(`${name}: the mean of Gamma under each rule is the stationary value`, () => {
    for (const rule of rules) {
      const interactions = Math.min(60_000, 2_000_000 / graph.neighbours.length);
      const found = meanGamma({ graph, rule, variance: 3, dimensions: 6, warmUp, interactions, seed: 4 });
      const exact = stationaryGamma(graph, rule, 3);
      assert.ok(Math.abs(found / exact - 1) < share, `${rule}: ${found}, expected ${exact}`);
    }
  });
}
