/** One message to all neighbours, each with a way of its own; clocks that tick at even times; counters. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { namedLink } from '../../src/engine/link.js';
import { simulate } from '../../src/index.js';
import { rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';
import radio, { arrivals, ticks } from '../support/radio.js';

const algorithm = new URL('../support/radio.js', import.meta.url).href;
const nodes = 6;
const input: ExperimentInput = {
  ...{ data: 'none', model: 'noise:3', batch: 1, nodes, topology: 'ring', track: 0, parallel: 'never', threads: 1 },
  ...{ evaluateEvery: '100s', clock: 'constant:mean=1000' },
};

test('a broadcast reaches every neighbour once, after the time of the link between them, though it lies in one slot', async () => {
  arrivals.length = ticks.length = 0;
  const link = 'delay:mean=0.6,law=exponential,loss=0.2';
  const { done } = await simulate({ ...input, algorithm, link, time: 20, seed: 5, slots: 200 }).result;
  const { delay } = namedLink(link, { seed: 5, nodes });
  const expected: string[] = [];
  let lost = 0;
  for (let node = 0; node < nodes; node++) {
    let asked = 0;
    for (let time = 1; time <= 20; time++) {
      for (const to of [(node + nodes - 1) % nodes, (node + 1) % nodes].sort((a, b) => a - b)) {
        const took = delay(node, to, asked++, 12);
        if (took < 0) lost++;
        else if (time + took <= 20) expected.push(`${(time + took).toFixed(9)} ${node} to ${to} ${took.toFixed(9)}`);
      }
    }
  }
  const found = arrivals.map(({ node, time, age, from }) => `${time.toFixed(9)} ${from} to ${node} ${age.toFixed(9)}`);
  assert.deepEqual(found.sort(), expected.sort());
  assert.equal(done.virtual!.lost, lost);
  assert.equal(done.exchanges, found.length);
});

test('slots are given back: a broadcast takes one of them, however many hear it', async () => {
  for (const topology of ['ring', 'complete']) {
    const { done } = await simulate({ ...input, topology, algorithm, time: 50, slots: 1 }).result; // at once: one after the other
    assert.equal(done.exchanges, 50 * nodes * (topology === 'ring' ? 2 : nodes - 1));
  }
  const late = { ...input, algorithm, link: 'delay:mean=0.5', time: 50 };
  assert.equal((await simulate({ ...late, slots: 2 * nodes }).result).done.exchanges, 49 * nodes * 2);
  await assert.rejects(simulate({ ...late, slots: 2 * nodes - 1 }).result, {
    code: 'SLOTS_EXHAUSTED',
    message: /--slots: try \d+/,
  });
});

test('a broadcast takes the line of its node once', async () => {
  arrivals.length = 0;
  await simulate({ ...input, topology: 'complete', algorithm, link: 'delay:bandwidth=32', time: 3, slots: 100 }).result;
  assert.ok(arrivals.length > 0);
  for (const { age } of arrivals) assert.equal(age, 0.5); // 12 bytes, and 4 that go along
});

test('a regular clock ticks at whole numbers of its period, those of newcomers too', async () => {
  ticks.length = 0;
  await simulate({ ...input, algorithm: `${algorithm}:rate=0.4`, time: 100, churn: 'rates:join=.05,crash=.05' }).result;
  const known = new Set(ticks.map(({ node }) => node));
  assert.ok(known.size > nodes);
  for (const { time, number } of ticks) assert.equal(time, number / 0.4);
  const first = ticks.filter(({ node }) => node === 0);
  for (const [k, { number }] of first.entries()) if (k > 0) assert.ok(number > first[k - 1].number);
});

test('counters count apart from each other, and stay from 0 to 65535', () => {
  const { world } = rehearse({ algorithm: radio, nodes: 3, parameters: 1 });
  const naive = Array.from({ length: 3 }, () => [0, 0, 0, 0]);
  const change = fc.record({ node: fc.nat(2), counter: fc.nat(3), by: fc.integer({ min: -70_000, max: 70_000 }) });
  fc.assert(
    fc.property(fc.array(change), changes => {
      for (const { node, counter, by } of changes) {
        naive[node][counter] = Math.min(65535, Math.max(0, naive[node][counter] + by));
        assert.equal(world.count(node, counter, by), naive[node][counter]);
      }
      for (const node of [0, 1, 2])
        assert.deepEqual(
          [0, 1, 2, 3].map(counter => world.count(node, counter, 0)),
          naive[node],
        );
    }),
    cases(100),
  );
});
