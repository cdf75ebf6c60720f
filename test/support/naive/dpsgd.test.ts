import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanSquare } from './dpsgd.js';
import { complete, type Graph, ring, torus } from './graph.js';

test('the mean model of n nodes wanders rate sigma^2 d / ((2 - rate) n) from the optimum, on any regular graph: the linear speed-up', () => {
  const graphs: [number, Graph][] = [
    [4, complete(4)],
    [12, ring(12)],
    [9, torus(3)],
  ];
  for (const [n, graph] of graphs) {
    for (const rate of [0.1, 0.5]) {
      const found = meanSquare({ graph, rate, noise: 2, dimensions: 6, warmUp: 100, rounds: 4000, seed: 3 });
      const expected = (rate * 2 ** 2 * 6) / ((2 - rate) * n);
      assert.ok(Math.abs(found / expected - 1) < 0.05, `n = ${n}, rate = ${rate}: ${found}, expected ${expected}`);
    }
  }
});
