/** Gossip that weighs models by the steps that they have seen, against plain numbers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { massOf } from '../../src/engine/mass.js';
import { rehearse } from '../../src/testing.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const range = (n: number) => Array.from({ length: n }, (_, k) => k);

test('whatever is learnt and sent: models and ages are those of the formula', () => {
  const act = fc.record({ what: fc.constantFrom('work', 'send'), node: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.constantFrom('1', '3'), (acts, steps) => {
      const graph = topology('ring:directed=true', 5, 1); // so that who gets a message is known
      const stage = rehearse({
        ...{ algorithm: algorithms.gossip, options: { merge: 'age', steps }, nodes: 5, parameters: 4, graph },
        start: row => row,
        descent: (weights, node) => void (weights[2] += node + 1),
      });
      const models = range(5).map(Number);
      const ages = range(5).map(() => 1);
      for (const { what, node } of acts) {
        if (what === 'work') {
          stage.begin(node);
          stage.finish(node);
          models[node] += Number(steps) * (node + 1);
          ages[node] += Number(steps);
        } else {
          stage.tick(node, 0);
          const to = (node + 1) % 5;
          models[to] = (ages[to] * models[to] + ages[node] * models[node]) / (ages[to] + ages[node]);
          ages[to] = Math.max(ages[to], ages[node]);
        }
        for (const row of range(5)) {
          assert.ok(Math.abs(stage.params(row)[2] - models[row]) <= 1e-5 * (1 + Math.abs(models[row])));
          assert.equal(massOf(stage.words, stage.arena.layout, row), ages[row]);
        }
      }
      stage.requireClean();
    }),
    cases(300),
  );
});

test('wrong settings are refused by name', () => {
  const setting = { nodes: 4, capacity: 4, parameters: 1, rate: 1 };
  refused(
    () => algorithms.gossip({ merge: 'age', mix: 'pull' }, setting),
    'CONFIG_RANGE',
    'merge=age belongs to mix=push',
    'leave it',
  );
  refused(() => algorithms.gossip({ merge: 'age', weight: '0.5' }, setting), 'CONFIG_RANGE', 'weight belongs to merge=average');
  refused(() => algorithms.gossip({ merge: 'old' }, setting), 'CONFIG_RANGE', 'average | age');
  refused(() => algorithms.timely({ merge: 'age' }, setting), 'CONFIG_UNKNOWN_KEY', 'merge');
});
