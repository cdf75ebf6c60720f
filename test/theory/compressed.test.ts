/** Consensus by compressed copies: the exact factor against plain simulations, and what is proved against the exact factor. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Compressor } from '../../src/engine/compress/compressor.js';
import { randk } from '../../src/engine/compress/randk.js';
import { topk } from '../../src/engine/compress/topk.js';
import { normal, source, word } from '../../src/random.js';
import { consensusCourse, consensusFactor, largestGamma, provedConsensus } from '../../src/theory/compressed.js';
import { degree, neighbour } from '../../src/topology/graph.js';
import { mixingSpectrum } from '../../src/topology/spectrum.js';
import { topology } from '../../src/topology/topology.js';
import { edgeWeight, metropolis, selfWeight } from '../../src/topology/weights.js';

const draws = source(6, 'copies');

/** Gamma after each round of the rule in plain arrays, over what it is at first. */
function simulated(name: string, nodes: number, compressor: Compressor, gamma: number, d: number, rounds: number): number[] {
  const graph = topology(name, nodes, 1);
  const weights = metropolis(graph);
  const x = Array.from({ length: nodes }, (_, node) => Float32Array.from({ length: d }, (_, k) => normal(draws, node, k)));
  const h = x.map(row => new Float32Array(row.length));
  const Gamma = () => {
    let sum = 0;
    for (let k = 0; k < d; k++) {
      const mean = x.reduce((total, row) => total + row[k], 0) / nodes;
      for (const row of x) sum += (row[k] - mean) ** 2;
    }
    return sum;
  };
  const start = Gamma();
  return Array.from({ length: rounds }, (_, round) => {
    for (let node = 0; node < nodes; node++) {
      const q = x[node].map((value, k) => value - h[node][k]);
      compressor.apply(q, q, { a: word(draws, node, round) | 0, b: word(draws, 1000 + node, round) | 0 });
      for (let k = 0; k < d; k++) h[node][k] += q[k];
    }
    for (let node = 0; node < nodes; node++)
      for (let k = 0; k < d; k++) {
        let sum = (selfWeight(weights, node) - 1) * h[node][k];
        for (let e = 0; e < degree(graph, node); e++) sum += edgeWeight(weights, node, e) * h[neighbour(graph, node, e)][k];
        x[node][k] += gamma * sum;
      }
    return Gamma() / start;
  });
}

/** The factor of a round, over the last rounds. */
const late = (course: readonly number[]) => (course.at(-1)! / course[20]) ** (1 / (course.length - 21));

const spectrum = (name: string, nodes: number) => mixingSpectrum(metropolis(topology(name, nodes, 1)));

for (const [name, nodes, delta, gamma] of [
  ['ring', 8, 0.25, 0.15],
  ['ring', 8, 0.5, 0.4],
  ['complete', 6, 0.2, 0.1],
  ['complete', 6, 0.5, 0.3],
  ['ring', 5, 1, 0.9],
] as const)
  test(`randk:${delta} on ${name} ${nodes}, gamma ${gamma}: Gamma goes the course that is said, and in the end by the factor`, () => {
    const mode = { eigenvalues: spectrum(name, nodes), delta };
    const found = simulated(name, nodes, randk(delta), gamma, 6000, 9);
    const said = consensusCourse(mode, gamma, 4000);
    for (const [round, value] of found.entries())
      assert.ok(Math.abs(value / said[round] - 1) < 0.1, `${round}: ${value}, said ${said[round]}`);
    const last = said.findLastIndex(value => value > 1e-200);
    assert.ok(Math.abs(said[last] / said[last - 1] / consensusFactor(mode, gamma) - 1) < 1e-3);
  });

// of long runs the mean of Gamma is in few of them: drawn products are mostly smaller than their mean
test('just above the first unstable gamma distances grow, and just below they fall', () => {
  for (const [name, nodes, delta] of [
    ['ring', 8, 0.25],
    ['complete', 6, 0.2],
  ] as const) {
    const gamma = largestGamma({ eigenvalues: spectrum(name, nodes), delta });
    assert.ok(late(simulated(name, nodes, randk(delta), 1.15 * gamma, 1000, 120)) > 1);
    assert.ok(late(simulated(name, nodes, randk(delta), 0.85 * gamma, 1000, 120)) < 1);
  }
  assert.equal(largestGamma({ eigenvalues: spectrum('ring', 8), delta: 1 }), 1);
});

test('the largest numbers leave less than drawn ones would', () => {
  for (const [name, nodes, delta, gamma] of [
    ['ring', 8, 0.1, 0.1],
    ['ring', 8, 0.1, 0.2],
    ['complete', 6, 0.2, 0.2],
  ] as const) {
    const factor = consensusFactor({ eigenvalues: spectrum(name, nodes), delta }, gamma);
    const found = late(simulated(name, nodes, topk(delta), gamma, 500, 80));
    assert.ok(found < factor, `${name} ${gamma}: ${found}, drawn ${factor}`);
  }
});

test('what is proved with gamma* holds of the exact factor, by a wide margin', () => {
  for (const name of ['ring', 'complete', 'star', 'torus'])
    for (const nodes of [4, 9, 16])
      for (const delta of [0.01, 0.1, 0.5, 1]) {
        const mode = { eigenvalues: spectrum(name, nodes), delta };
        const { gamma, left } = provedConsensus(mode);
        assert.ok(gamma > 0 && gamma < 1 && left < 1);
        const factor = consensusFactor(mode, gamma);
        assert.ok(factor <= left + 1e-9, `${name} ${nodes} ${delta}: ${factor}, proved ${left}`);
      }
});

test('without compression it is W itself', () => {
  const eigenvalues = spectrum('ring', 9);
  const rho = Math.max(...eigenvalues.slice(1).map(Math.abs));
  assert.ok(Math.abs(consensusFactor({ eigenvalues, delta: 1 }, 1) - rho ** 2) < 1e-12);
});
