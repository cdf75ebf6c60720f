/** The decay of the distance between models, against the mean effect of every single exchange; and rounds against drawn ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exponential, source } from '../../src/random.js';
import { consensusDecay } from '../../src/theory/consensus.js';
import type { Gossip } from '../../src/theory/flow.js';
import { roundOf, sampledRound } from '../../src/theory/waiting.js';
import { eigenvalues } from '../../src/topology/eigenvalues.js';
import { degree, type Graph, neighbour } from '../../src/topology/graph.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

function gamma(x: readonly number[]): number {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return x.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

/** -d E[Gamma] / dt at x: every exchange, done. */
function fall(graph: Graph, { mix, rate }: Gossip, w: number, x: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < graph.nodes; i++)
    for (let k = 0; k < degree(graph, i); k++) {
      const j = neighbour(graph, i, k);
      const after = [...x];
      if (mix !== 'pull') after[j] = (1 - w) * x[j] + w * x[i];
      if (mix !== 'push') after[i] = (1 - w) * x[i] + w * x[j];
      sum += (rate / degree(graph, i)) * (gamma(x) - gamma(after));
    }
  return sum;
}

/** The least fall for a Gamma of 1: the fall is a quadratic form that is 0 for equal models. */
function leastFall(graph: Graph, gossip: Gossip, w: number): number {
  const n = graph.nodes;
  const unit = (...ones: number[]) => Array.from({ length: n }, (_, i) => ones.filter(one => one === i).length);
  const own = Array.from({ length: n }, (_, i) => fall(graph, gossip, w, unit(i)));
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) matrix[i * n + j] = i === j ? own[i] : (fall(graph, gossip, w, unit(i, j)) - own[i] - own[j]) / 2;
  // equal models are moved out of the way
  for (let k = 0; k < n * n; k++) matrix[k] += 1e6 / n;
  return eigenvalues(matrix, n)[0];
}

const mixes = fc.constantFrom<Gossip['mix']>('push', 'pull', 'pairwise');

test('the slowest decay is that of all exchanges done one by one', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('complete', 'ring', 'hypercube', 'torus', 'star', 'erdos-renyi:0.5', 'small-world:4,0.3'),
      fc.constantFrom(8, 16),
      mixes,
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (name, nodes, mix, weight, rate) => {
        const graph = topology(name, nodes, 3);
        const { rate: found, how } = consensusDecay(graph, { mix, rate }, weight);
        if (how === 'approximate') return;
        const expected = leastFall(graph, { mix, rate }, weight);
        assert.ok(Math.abs(found / expected - 1) < 1e-5, `${name} ${nodes} ${mix}: ${found}, must be ${expected}`);
      },
    ),
    cases(80),
  );
});

test('what is proved is said: exact on the complete graph, a bound elsewhere, one-sided on uneven graphs near', () => {
  const how = (name: string, mix: Gossip['mix']) => consensusDecay(topology(name, 8, 1), { mix, rate: 1 }).how;
  assert.deepEqual([how('complete', 'push'), how('ring', 'push'), how('star', 'pairwise')], ['exact', 'bound', 'bound']);
  assert.equal(how('star', 'push'), 'approximate');
  refused(() => consensusDecay(topology('ring', 8, 1), { mix: 'push', rate: 1 }, 2), 'CONFIG_RANGE', 'weight');
});

test('a round takes as long as the slowest of all', () => {
  const draws = source(3, 'rounds');
  for (const [nodes, fixed, tail] of [
    [1, 0.5, 0.5],
    [16, 0, 1],
    [40, 0.2, 2],
  ]) {
    const { value } = roundOf(nodes, fixed, tail);
    const drawn = sampledRound(nodes, (node, k) => fixed + tail * exponential(draws, node, k), { samples: 20_000 });
    assert.ok(Math.abs(drawn.value - value) < 4 * drawn.error, `${drawn.value} +- ${drawn.error}, must be ${value}`);
  }
});
