/** Coupled problems learnt at once: rounds against plain arrays, the rates of the two groups, and what the exact recursion says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { simulate } from '../../src/index.js';
import { type Rehearsal, rehearse } from '../../src/testing.js';
import { coupledError } from '../../src/theory/coupled.js';
import { degree, type Graph, neighbour } from '../../src/topology/graph.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';
import { connectedGraph } from '../topology/arbitrary.js';

const range = (n: number) => Array.from({ length: n }, (_, k) => k);
const start = (row: number, k: number) => Math.fround(Math.cos(row * 17 + k * 3));

const unknowns = 5;
const layers = [
  { name: 'x', offset: 0, shape: [unknowns] },
  { name: 'theta', offset: unknowns, shape: [unknowns], group: 'theta' },
];

function round(stage: Rehearsal, nodes: number): void {
  for (const node of range(nodes)) {
    stage.begin(node);
    assert.ok(stage.finish(node));
  }
  assert.ok(stage.meet());
}

/** One step of the two problems without noise at the rate of x; what lies in `divide` makes that of theta another. */
const descend = (weights: Float32Array, node: number, step: number, { divide }: Readonly<Record<string, Float32Array>> = {}) => {
  const rate = 1 / (step + 2);
  const before = weights.slice();
  for (let k = 0; k < 2 * unknowns; k++) {
    const gradient = before[k] - (k < unknowns ? before[unknowns + k] : node);
    weights[k] -= (rate * gradient) / (divide?.[k] || 1);
  }
};

const metropolis = (graph: Graph, i: number, j: number) => 1 / (1 + Math.max(degree(graph, i), degree(graph, j)));

test('rounds are what the formula says, each group at its own rate', () => {
  fc.assert(
    fc.property(connectedGraph(8), fc.constantFrom(0.25, 1, 1.5), (graph, ratio) => {
      const { nodes } = graph;
      const options = { ratio: String(ratio) };
      const stage = rehearse({
        ...{ algorithm: algorithms.cdsa, options, nodes, parameters: 2 * unknowns, layers, graph, start, descent: descend },
      });
      let x = range(nodes).map(i => start(i, 2));
      let theta = range(nodes).map(i => start(i, unknowns + 2));
      for (let k = 0; k < 5; k++) {
        round(stage, nodes);
        const rate = 1 / (k + 2);
        const steppedX = x.map((value, i) => value - rate * (value - theta[i]));
        const steppedTheta = theta.map((value, i) => value - ratio * rate * (value - i));
        const mixed = (values: readonly number[]) =>
          values.map((own, i) =>
            range(degree(graph, i))
              .map(place => neighbour(graph, i, place))
              .reduce((sum, j) => sum + metropolis(graph, i, j) * (values[j] - own), own),
          );
        [x, theta] = [mixed(steppedX), mixed(steppedTheta)];
        for (const node of range(nodes)) {
          const found = stage.params(node);
          assert.ok(Math.abs(found[2] - x[node]) <= 1e-5 * (1 + Math.abs(x[node])), `x ${found[2]}, must be ${x[node]}`);
          assert.ok(Math.abs(found[unknowns + 2] - theta[node]) <= 1e-5 * (1 + Math.abs(theta[node])), 'theta');
        }
      }
      stage.requireClean();
    }),
    cases(100),
  );
});

const input = { data: 'none', batch: 1, topology: 'ring', track: 0, parallel: 'never', clock: 'constant:mean=1' } as const;

test('with a ratio of 1 it is dpsgd:order=commit, bit for bit', async () => {
  const hash = async (algorithm: string) =>
    (await simulate({ ...input, model: 'coupled:7', nodes: 6, algorithm, time: 20.5, evaluateEvery: '20.5s' }).result).done
      .parametersHash;
  assert.equal(await hash('cdsa'), await hash('dpsgd:order=commit'));
  assert.notEqual(await hash('cdsa:ratio=2'), await hash('cdsa'));
});

test('without noise, x is where the recursion says, at any ratio', async () => {
  for (const ratio of [0.5, 1, 3]) {
    const { samples } = await simulate({
      ...{ ...input, model: 'coupled:3,variance=0', nodes: 4, algorithm: `cdsa:ratio=${ratio}`, evaluate: 'full' },
      ...{ optimizer: 'sgd:rate=2,schedule=harmonic,offset=20', time: 30.5, evaluateEvery: '10.1s' },
    }).result;
    const steps = { rate: 2, offset: 20, ratio, variance: 0 };
    const expected = coupledError([1, 1 / 3, 1 / 3, -1 / 3], steps, [10, 20, 30]);
    for (const [k, value] of expected.entries()) {
      const found = (2 * samples[k].meanLoss!) / 3;
      assert.ok(Math.abs(found / value - 1) < 1e-4, `ratio ${ratio}: ${found}, must be ${value}`);
    }
  }
});

test('a ratio needs a model with the group theta; wrong settings are refused by name', async () => {
  const setting = { nodes: 4, capacity: 4, parameters: 1, rate: 0.1 };
  refused(() => algorithms.cdsa({ ratio: '0' }, setting), 'CONFIG_RANGE', 'cdsa: ratio', 'above 0');
  refused(() => algorithms.cdsa({ order: 'mix' }, setting), 'CONFIG_UNKNOWN_KEY', 'order');
  refused(
    () => algorithms.cdsa({ ratio: '2' }, { ...setting, layers: layers.slice(0, 1) }),
    'CONFIG_RANGE',
    "group 'theta'",
    'coupled',
  );
  await assert.rejects(simulate({ ...input, model: 'noise:4', nodes: 4, algorithm: 'cdsa:ratio=2', time: 2 }).result, {
    code: 'CONFIG_RANGE',
    message: /ratio is that of the group 'theta'/,
  });
});
