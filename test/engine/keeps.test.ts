/** What an algorithm says that it keeps, it keeps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlgorithmFactory } from '../../src/engine/algorithm.js';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { below, source } from '../../src/random.js';
import { driftBound, hull, type Rehearsal, rehearse, sums } from '../../src/testing.js';

const parameters = 3;

interface Outcome {
  readonly stage: Rehearsal;
  /** All rows of models: those of the nodes, then the extra ones. */
  readonly before: Float32Array[];
  readonly after: Float32Array[];
  /** What all nodes have learnt together, in each parameter. */
  readonly learnt: number;
}

/** A run in any order: event e is of node e mod n, which ticks its clocks when e is odd. A local step adds `step` to every parameter. */
function run(factory: AlgorithmFactory, nodes: number, events: readonly number[], step: number, seed: number): Outcome {
  const start = (row: number, k: number) => ((7 * row + 3 * k) % 11) - 5;
  const descent = (weights: Float32Array) => {
    for (let k = 0; k < parameters; k++) weights[k] += step;
  };
  const stage = rehearse({ algorithm: factory, nodes, parameters, seed, start, descent });
  const { clocks = [], extraRows = 0 } = stage.algorithm;
  const rows = () => Array.from({ length: nodes + extraRows }, (_, row) => stage.params(row));
  const before = rows();
  for (const event of events) {
    const node = event % nodes;
    if (stage.hasArrived(node) && !stage.meet()) continue;
    if (!stage.isPending(node)) stage.begin(node);
    else stage.finish(node);
    if (event % 2 === 1) for (const clock of clocks.keys()) stage.tick(node, clock);
  }
  for (let node = 0; node < nodes; node++) if (stage.isPending(node)) assert.ok(stage.finish(node));
  stage.requireClean();
  const steps = Array.from({ length: nodes }, (_, node) => stage.steps(node)).reduce((a, b) => a + b, 0);
  return { stage, before, after: rows(), learnt: steps * step };
}

const runs = fc.tuple(fc.integer({ min: 2, max: 8 }), fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }), fc.nat(1e6));

const checks: Readonly<Record<string, (factory: AlgorithmFactory) => void>> = {
  mean: factory => keepsSum(factory, (rows, nodes) => rows.slice(0, nodes)),
  sums: factory => keepsSum(factory, rows => rows),
  'mean in expectation'(factory) {
    const nodes = 5;
    const moves = Array.from({ length: 400 }, (_, seed) => {
      const draws = source(seed, 'events'); // each node is as likely to act as any other
      const events = Array.from({ length: 20 }, (_, k) => below(draws, 0, k, 1000));
      const { before, after } = run(factory, nodes, events, 0, seed);
      return sums(after.slice(0, nodes))[0] - sums(before.slice(0, nodes))[0];
    });
    const mean = moves.reduce((a, b) => a + b, 0) / moves.length;
    const variance = moves.reduce((sum, move) => sum + (move - mean) ** 2, 0) / (moves.length - 1);
    assert.ok(variance > 0, 'it keeps the mean itself: say so');
    assert.ok(Math.abs(mean) < 4.5 * Math.sqrt(variance / moves.length), `moves by ${mean}`);
  },
  hull(factory) {
    fc.assert(
      fc.property(runs, ([nodes, events, seed]) => {
        const { before, after } = run(factory, nodes, events, 0, seed);
        const [all, left] = [hull(before), hull(after)];
        for (let k = 0; k < parameters; k++)
          assert.ok(all.low[k] - 1e-5 <= left.low[k] && left.high[k] <= all.high[k] + 1e-5, `parameter ${k} leaves its range`);
      }),
      { numRuns: 60 },
    );
  },
};

function keepsSum(factory: AlgorithmFactory, ofRows: (rows: Float32Array[], nodes: number) => Float32Array[]): void {
  fc.assert(
    fc.property(runs, fc.integer({ min: -2, max: 2 }), ([nodes, events, seed], step) => {
      const { before, after, learnt } = run(factory, nodes, events, step, seed);
      const [sum, moved] = [sums(ofRows(before, nodes)), sums(ofRows(after, nodes))];
      const allowed = driftBound(5 * nodes + Math.abs(learnt), nodes * events.length) * nodes;
      for (let k = 0; k < parameters; k++)
        assert.ok(Math.abs(moved[k] - sum[k] - learnt) <= allowed, `${moved[k]} for ${sum[k] + learnt}`);
    }),
    { numRuns: 60 },
  );
}

for (const [name, factory] of Object.entries(algorithms)) {
  for (const kept of factory.keeps.what) test(`${name} keeps what it says: ${kept}`, () => checks[kept](factory));
}

test('who keeps nothing is not taken for one who does', () => {
  assert.throws(() => checks.mean(algorithms['swarm-pull']));
  assert.throws(() => checks.sums(algorithms.fedavg));
  assert.throws(() => checks['mean in expectation'](algorithms.swarm), /say so/);
  const beyond: AlgorithmFactory = () => ({
    name: 'beyond',
    begin: (node, rows) => rows.descend(node, { steps: 1 }),
    finish(node, rows, world) {
      rows.combine([node], [node, world.neighbours(node)[0], rows.delta(node)], [1.5, -0.5, 1]);
      return true;
    },
  });
  assert.throws(() => checks.hull(beyond));
  const hidden: AlgorithmFactory = (options, setting) => ({
    ...algorithms.swarm(options, setting),
    finish(node, rows, world) {
      rows.commit(node);
      rows.pull(node, world.peer(node), 0.9);
      return true;
    },
  });
  assert.throws(() => checks.mean(hidden));
});

test('each says where it comes from', () => {
  for (const [name, { about, source }] of Object.entries(algorithms)) {
    assert.ok(about.length > 10 && about.length < 80 && !/[.|]/.test(about), name);
    assert.ok(source.provenance.length > 10, name);
    assert.ok(source.authors !== undefined || /our own|standard/.test(source.provenance), name);
    if (source.authors !== undefined) assert.ok(source.year! > 1950 && source.year! < 2100, name);
    if (source.arxiv !== undefined) assert.match(source.arxiv, /^\d{4}\.\d{4,5}$/);
  }
});
