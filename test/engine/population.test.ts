/** Who leaves hands over what it has: over the real rows, with the change of the population in the hands of the test. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { massOf } from '../../src/engine/mass.js';
import { openPopulation } from '../../src/engine/population.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';

const nodes = 5;
const parameters = 7;

/** These nodes leave the stage, one after the other. Each is inherited by the lowest that is left. */
function leave(stage: Rehearsal, gone: readonly number[]): number[] {
  const live = Array.from({ length: nodes }, (_, node) => node);
  const { rows, words, world, algorithm, arena } = stage;
  const population = openPopulation({
    layout: arena.layout,
    timeline: {
      ...{ queue: { has: () => false, push() {} }, scalars: new Float64Array(16) },
      ...{ nodes: new Int32Array(4 * nodes), onItsWay: new Int32Array(nodes) },
    } as never,
    partners: {
      live,
      isLive: (node: number) => live.includes(node),
      choose: (node: number) => live.find(other => other !== node)!,
      leave: (node: number) => live.splice(live.indexOf(node), 1),
    } as never,
    lines: { clear() {} } as never,
    nature: {
      seed: 1,
      churn: {
        time: (k: number) => (k < gone.length ? k : Number.POSITIVE_INFINITY),
        kind: () => 'leave',
        node: (k: number) => gone[k],
        draw: () => 0,
      },
    } as never,
    seat: { rows, words, world, recipe: { algorithm } } as never,
    ids: { clock: 0, delivery: 0 } as never,
    pair: () => assert.fail('an average of two rows knows no mass'),
    start() {},
    departed() {},
  });
  for (const _ of gone) population.change();
  return live;
}

test('by push-sum, masses and the sum of m x over those who stay are kept by leaving', () => {
  const course = fc.array(fc.nat(nodes - 1), { maxLength: 40 });
  const leavers = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(course, leavers, (turns, gone) => {
      const start = (row: number, k: number) => Math.fround(((row + 2) * (k - 3)) / 7);
      const stage = rehearse({ algorithm: algorithms.sgp, options: { overlap: 'true' }, nodes, parameters, start });
      for (const node of turns) {
        stage.begin(node);
        stage.finish(node);
      }
      const mass = (row: number) => massOf(stage.words, stage.arena.layout, row);
      const total = (rows: readonly number[], of: (row: number) => number) => rows.reduce((sum, row) => sum + of(row), 0);
      const all = [0, 1, 2, 3, 4];
      const before = Array.from({ length: parameters }, (_, k) => total(all, row => mass(row) * stage.params(row)[k]));
      const left = leave(stage, gone);
      assert.equal(left.length, nodes - gone.length);
      assert.ok(Math.abs(total(left, mass) - nodes) < 1e-5, `${total(left, mass)}`);
      before.forEach((sum, k) => {
        const found = total(left, row => mass(row) * stage.params(row)[k]);
        assert.ok(Math.abs(found - sum) < 1e-5 * (1 + Math.abs(sum)), `${found}, must be ${sum}`);
      });
      stage.requireClean();
    }),
    cases(100),
  );
});
