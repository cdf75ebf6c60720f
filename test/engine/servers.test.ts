/** Methods around one row, and the one-sided swarm: each step against plain arithmetic, and what theory says of their delays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { simulate } from '../../src/index.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';

const f32 = Math.fround;
const start = (row: number, k: number) => f32(Math.cos(row * 17 + k * 3));
const learn = (weights: Float32Array, node: number) => weights.set(weights.map(x => f32(x + 0.25 * (node + 1))));
const close = (a: ArrayLike<number>, b: ArrayLike<number>, what: string) => {
  for (let k = 0; k < a.length; k++) assert.ok(Math.abs(a[k] - b[k]) <= 2 ** -20, `${what}: ${a[k]}, must be ${b[k]}`);
};
const order = fc.array(fc.nat(3), { minLength: 1, maxLength: 20 });

test('easgd: a worker and the centre move towards each other, and their sum stays', () => {
  fc.assert(
    fc.property(order, fc.double({ min: 0, max: 1, noNaN: true }), (nodes, alpha) => {
      const options = { alpha: alpha.toFixed(6), steps: '1' };
      const a = Number(options.alpha);
      const stage = rehearse({ algorithm: algorithms.easgd, options, nodes: 4, parameters: 5, start, descent: learn });
      for (const node of nodes) {
        stage.begin(node);
        const x = Array.from(stage.params(node), value => value + 0.25 * (node + 1));
        const centre = Array.from(stage.params(4));
        stage.finish(node);
        close(
          stage.params(node),
          x.map((value, k) => value - a * (value - centre[k])),
          'worker',
        );
        close(
          stage.params(4),
          centre.map((value, k) => value + a * (x[k] - value)),
          'centre',
        );
      }
      stage.requireClean();
    }),
    cases(200),
  );
});

test('asgd: what was learnt from an old model is added to the one of now', () => {
  fc.assert(
    fc.property(order, nodes => {
      const stage = rehearse({ algorithm: algorithms.asgd, nodes: 4, parameters: 5, start, descent: learn });
      let model = Array.from(stage.params(4));
      for (let node = 0; node < 4; node++) stage.begin(node);
      for (const node of nodes) {
        stage.finish(node);
        model = model.map(x => x + 0.25 * (node + 1));
        close(stage.params(4), model, 'model');
        stage.begin(node);
      }
    }),
    cases(200),
  );
});

for (const mode of ['racy', 'guarded']) {
  test(`hogwild, ${mode}: all learn into the one model`, () => {
    fc.assert(
      fc.property(order, nodes => {
        const stage = rehearse({
          algorithm: algorithms.hogwild,
          options: { mode },
          nodes: 4,
          parameters: 5,
          start,
          descent: learn,
        });
        let model = Array.from(stage.params(4));
        for (const node of nodes) {
          stage.begin(node);
          stage.finish(node);
          model = model.map(x => x + 0.25 * (node + 1));
          close(stage.params(4), model, 'model');
          close(
            stage.params(node),
            Array.from({ length: 5 }, (_, k) => start(node, k)),
            'own row',
          );
        }
      }),
      cases(100),
    );
  });
}

test('asgd: with M workers an update is M - 1 updates old on average, whatever the law of their times', async () => {
  for (const clock of ['exponential:mean=1', 'shifted:c=0.5,mu=2', 'pareto:shape=2.5']) {
    const { done } = await simulate({
      ...{ data: 'none', model: 'noise:3', nodes: 12, algorithm: 'asgd', clock, steps: 20_000, parallel: 'never' },
    }).result;
    // Staleness counts ops: the snapshots of the others too. The first updates are younger.
    assert.ok(Math.abs(done.staleness.mean / 2 - 11) < 0.15, `${clock}: ${done.staleness.mean}`);
  }
});

test('swarm-pull: the mean with a neighbour, which keeps its own', () => {
  fc.assert(
    fc.property(order, fc.constantFrom('0.5', '0.25', '1'), (nodes, weight) => {
      const stage = rehearse({
        algorithm: algorithms['swarm-pull'],
        options: { weight },
        nodes: 4,
        parameters: 5,
        start,
        descent: learn,
      });
      const w = Number(weight);
      for (const node of nodes) {
        const before = [0, 1, 2, 3].map(stage.params);
        stage.begin(node);
        stage.finish(node);
        const after = [0, 1, 2, 3].map(stage.params);
        for (const other of [0, 1, 2, 3]) if (other !== node) assert.deepEqual(after[other], before[other]);
        const own = before[node].map(x => f32(x + 0.25 * (node + 1)));
        const partners = [0, 1, 2, 3].filter(other => other !== node);
        const fits = partners.filter(j =>
          before[j].every((x, k) => Math.abs((1 - w) * own[k] + w * x - after[node][k]) < 2 ** -20),
        );
        assert.ok(fits.length >= 1, `node ${node} has averaged with nobody`);
      }
    }),
    cases(200),
  );
});
