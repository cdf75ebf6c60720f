/** D-PSGD against plain arrays, the matrices that it mixes with, and what theory says of it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { identity, symmetric } from '../../src/engine/algorithms/mixing.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { simulate } from '../../src/index.js';
import { driftBound, potential, type Rehearsal, rehearse, sums } from '../../src/testing.js';
import { degree, type Graph, neighbour } from '../../src/topology/graph.js';
import { mixingRate } from '../../src/topology/spectrum.js';
import { topology } from '../../src/topology/topology.js';
import { metropolis } from '../../src/topology/weights.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';
import { connectedGraph } from '../topology/arbitrary.js';

const range = (n: number) => Array.from({ length: n }, (_, k) => k);
const start = (row: number, k: number) => Math.fround(Math.cos(row * 17 + k * 3));
const rules = ['metropolis', 'uniform'] as const;
const neighboursOf = (graph: Graph) => (node: number) => range(degree(graph, node)).map(k => neighbour(graph, node, k));

/** A noiseless step towards the node's own optimum. */
const pull = (weights: Float32Array, node: number) => {
  for (let k = 0; k < weights.length; k++) weights[k] -= (weights[k] - node) / 4;
};

/** One round: all learn and meet. */
function round(stage: Rehearsal, nodes: number): void {
  for (const node of range(nodes)) {
    stage.begin(node);
    assert.ok(stage.finish(node));
  }
  assert.ok(stage.meet());
}

test('mixing matrices are symmetric, their rows and columns sum to 1, nothing is negative, others than neighbours weigh 0 (13.11)', () => {
  fc.assert(
    fc.property(connectedGraph(12), fc.constantFrom(...rules), (graph, rule) => {
      const matrix = symmetric({ live: range(graph.nodes), neighbours: neighboursOf(graph) }, rule);
      for (const i of range(graph.nodes)) {
        assert.ok(Math.abs(matrix[i].reduce((a, b) => a + b, 0) - 1) < 1e-12);
        for (const j of range(graph.nodes)) {
          assert.equal(matrix[i][j], matrix[j][i]);
          const near = i === j || neighboursOf(graph)(i).includes(j);
          assert.ok(near ? matrix[i][j] >= 0 : matrix[i][j] === 0);
        }
      }
    }),
    cases(200),
  );
  const ring = { live: range(6), neighbours: neighboursOf(topology('ring', 6, 1)) };
  for (const rule of rules)
    assert.deepEqual(
      symmetric(ring, rule)[0].map(w => Math.round(3e6 * w)),
      [1e6, 1e6, 0, 0, 0, 1e6],
    );
});

/** The rule in plain numbers: one coordinate of all models after a round. */
function naive(x: readonly number[], graph: Graph, order: string, rule: string, steps: number): number[] {
  const delta = x.map((value, node) => {
    let moved = value;
    for (let step = 0; step < steps; step++) moved -= (moved - node) / 4;
    return moved - value;
  });
  const degrees = x.map((_, node) => degree(graph, node));
  const largest = Math.max(...degrees);
  return x.map((own, i) => {
    let sum = own + delta[i];
    for (const j of neighboursOf(graph)(i)) {
      const weight = rule === 'uniform' ? 1 / (1 + largest) : 1 / (1 + Math.max(degrees[i], degrees[j]));
      sum += weight * (x[j] - own + (order === 'commit' ? delta[j] - delta[i] : 0));
    }
    return sum;
  });
}

test('rounds are what the formula says, on any graph, in both orders', () => {
  const options = fc.record({
    order: fc.constantFrom('mix', 'commit'),
    weights: fc.constantFrom(...rules),
    steps: fc.constantFrom('1', '3'),
  });
  fc.assert(
    fc.property(connectedGraph(9), fc.integer({ min: 1, max: 70 }), options, (graph, parameters, options) => {
      const { nodes } = graph;
      const stage = rehearse({ algorithm: algorithms.dpsgd, options, nodes, parameters, graph, start, descent: pull });
      const models = range(parameters).map(k => range(nodes).map(row => start(row, k)));
      for (let number = 0; number < 4; number++) {
        round(stage, nodes);
        for (const k of range(parameters)) {
          models[k] = naive(models[k], graph, options.order, options.weights, Number(options.steps));
          for (const node of range(nodes)) {
            const found = stage.params(node)[k];
            assert.ok(Math.abs(found - models[k][node]) <= 1e-5 * (1 + Math.abs(models[k][node])), `${found}`);
          }
        }
      }
      stage.requireClean();
    }),
    cases(150),
  );
});

test('without learning it keeps the sum, and models come together by rho^2 a round (13.4)', () => {
  fc.assert(
    fc.property(connectedGraph(14), graph => {
      const { nodes } = graph;
      const stage = rehearse({ algorithm: algorithms.dpsgd, nodes, parameters: 20, graph, start });
      const rows = () => range(nodes).map(stage.params);
      const [first, sum] = [potential(rows()), sums(rows())];
      const { rho } = mixingRate(metropolis(graph));
      for (let number = 1; number <= 12; number++) {
        round(stage, nodes);
        assert.ok(potential(rows()) <= rho ** (2 * number) * first * (1 + 1e-5) + nodes * 20 * 2 ** -46);
      }
      sums(rows()).forEach((after, k) => {
        assert.ok(Math.abs(after - sum[k]) < driftBound(1, 12) * nodes);
      });
    }),
    cases(60),
  );
});

/** Rows after three rounds. */
function outcome(name: string, options: Record<string, string>, graph: Graph): Float32Array[] {
  const { nodes } = graph;
  const stage = rehearse({ algorithm: algorithms[name], options, nodes, parameters: 33, graph, start, descent: pull });
  for (let number = 0; number < 3; number++) {
    for (const node of range(nodes)) {
      stage.begin(node);
      stage.finish(node);
    }
    stage.meet();
  }
  return range(nodes).map(stage.params);
}

test('with W = I nodes are independent runs, bit for bit (13.13)', () => {
  assert.deepEqual(identity(2), [
    [1, 0],
    [0, 1],
  ]);
  for (const order of ['mix', 'commit']) {
    const lonely: Graph = { name: 'lonely', nodes: 5, directed: false, offsets: new Uint32Array(6), targets: new Uint32Array(0) };
    assert.deepEqual(outcome('dpsgd', { order, steps: '2' }, lonely), outcome('none', { steps: '2' }, lonely));
  }
});

test('on the complete graph all weights are 1/n: with order=commit it is all-reduce, up to rounding (13.13)', () => {
  for (const weights of rules) {
    const complete: Graph = { name: 'complete', nodes: 7, directed: false };
    const rows = outcome('dpsgd', { order: 'commit', weights }, complete);
    for (const [node, row] of outcome('allreduce', {}, complete).entries())
      for (const k of range(33)) assert.ok(Math.abs(rows[node][k] - row[k]) <= 1e-6 * (1 + Math.abs(row[k])));
  }
});

test('the noise of the mean is that of n nodes, whatever the graph: eta sigma^2 / ((2 - eta) n) (13.14)', {
  timeout: 60_000,
}, async () => {
  const rate = 0.1;
  for (const [topology, nodes, order] of [
    ['ring', 16, 'mix'],
    ['star', 6, 'mix'],
    ['ring', 5, 'commit'],
  ] as const) {
    const { samples } = await simulate({
      ...{ data: 'none', model: 'noise:64,variance=1,curvature=1', optimizer: `sgd:rate=${rate}`, batch: 1, nodes, topology },
      ...{ algorithm: `dpsgd:order=${order}`, clock: 'constant:mean=1', time: 1500.5, evaluateEvery: '1.001s' },
      ...{ parallel: 'never', track: 0 },
    }).result;
    const late = samples.filter(({ virtual }) => virtual!.time > 100);
    const square = (2 * late.reduce((sum, { loss }) => sum + loss, 0)) / late.length;
    const closed = rate / ((2 - rate) * nodes);
    assert.ok(Math.abs(square / closed - 1) < 0.05, `${topology} of ${nodes}: ${square}, must be ${closed}`);
  }
});

test('a model travels along every edge each way, a round', async () => {
  const { done } = await simulate({
    ...{ data: 'none', model: 'noise:8', batch: 1, nodes: 6, topology: 'ring', algorithm: 'dpsgd', track: 0 },
    ...{ clock: 'constant:mean=1', time: 10.5, evaluateEvery: '10.5s', parallel: 'never' },
  }).result;
  assert.equal(done.bytes, 10 * 12 * 8 * 4);
});

test('wrong settings are refused by name', () => {
  const setting = { nodes: 4, capacity: 4, parameters: 1, rate: 1 };
  refused(() => algorithms.dpsgd({ order: 'first' }, setting), 'CONFIG_RANGE', 'dpsgd: order', 'mix | commit');
  refused(() => algorithms.dpsgd({ weights: 'metro' }, setting), 'CONFIG_RANGE', 'dpsgd: weights', 'metropolis');
  refused(() => algorithms.dpsgd({ steps: '0' }, setting), 'CONFIG_RANGE', 'dpsgd: steps');
});
