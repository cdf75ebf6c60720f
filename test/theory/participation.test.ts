/** Where federated rounds settle, against all sets of nodes that may be heard, and against rounds played by hand. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { source, uniform } from '../../src/random.js';
import { averagingSettles, averagingWeights, postponedSettles } from '../../src/theory/participation.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const chance = fc.double({ min: 0.01, max: 1, noNaN: true });

test('the weights of FedAvg are those of all sets that may be heard, counted one by one', () => {
  fc.assert(
    fc.property(fc.array(chance, { minLength: 1, maxLength: 8 }), chances => {
      const weights = chances.map(() => 0);
      let somebody = 0;
      for (let set = 1; set < 2 ** chances.length; set++) {
        const heard = chances.map((_, i) => (set >> i) & 1);
        const size = heard.reduce((sum, bit) => sum + bit, 0);
        const odds = chances.reduce((product, p, i) => product * (heard[i] ? p : 1 - p), 1);
        somebody += odds;
        for (const [i, bit] of heard.entries()) weights[i] += (bit * odds) / size;
      }
      const found = averagingWeights(chances);
      for (const [i, weight] of weights.entries()) assert.ok(Math.abs(found[i] - weight / somebody) < 1e-9);
      assert.ok(Math.abs(found.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-9);
    }),
    cases(60),
  );
});

const optima = Array.from({ length: 100 }, (_, i) => i / 99);
const chances = optima.map(u => 0.1 + 0.8 * u);

test('with 100 nodes FedAvg settles near sum p u / sum p, and the server of FedPBC at 0.565, 0.520, 0.505', () => {
  const ratio = optima.reduce((sum, u, i) => sum + u * chances[i], 0) / chances.reduce((sum, p) => sum + p, 0);
  assert.ok(Math.abs(averagingSettles({ optima, chances }) - ratio) < 2e-3);
  for (const [rate, server] of [
    [0.05, 0.565],
    [0.01, 0.52],
    [0.002, 0.505],
  ]) {
    const found = postponedSettles({ optima, chances }, (1 - rate) ** 5);
    assert.ok(Math.abs(found.server - server) < 2e-3, `${rate}: ${found.server}`);
    assert.ok(Math.abs(found.mean - 0.5) < 1e-12);
  }
});

test('rounds played by hand settle where they must', () => {
  const draws = source(5, 'rounds');
  const kept = 0.6;
  const x = optima.map(() => 0);
  let [server, mean, count] = [0, 0, 0];
  for (let round = 0; round < 6000; round++) {
    for (let i = 0; i < x.length; i++) x[i] = optima[i] + kept * (x[i] - optima[i]);
    const heard = [...x.keys()].filter(i => uniform(draws, i, round) < chances[i]);
    const average = heard.reduce((sum, i) => sum + x[i], 0) / heard.length;
    for (const i of heard) x[i] = average;
    if (round < 100) continue;
    server += average;
    mean += x.reduce((sum, value) => sum + value, 0) / x.length;
    count++;
  }
  const expected = postponedSettles({ optima, chances }, kept);
  assert.ok(Math.abs(server / count - expected.server) < 0.004, `${server / count}, ${expected.server}`);
  assert.ok(Math.abs(mean / count - expected.mean) < 1e-6);
});

test('equal chances bias nothing, and what is none is refused', () => {
  const equal = { optima: [1, 2, 6], chances: [0.3, 0.3, 0.3] };
  assert.ok(Math.abs(averagingSettles(equal) - 3) < 1e-9);
  assert.ok(Math.abs(postponedSettles(equal, 0.5).server - 3) < 1e-9);
  refused(() => averagingWeights([0.5, 0]), 'CONFIG_RANGE', 'node 1');
  refused(() => averagingWeights([]), 'CONFIG_RANGE', 'nodes');
  refused(() => averagingSettles({ optima: [1], chances: [0.5, 0.5] }), 'CONFIG_RANGE', '1 optima');
  refused(() => postponedSettles(equal, 1), 'CONFIG_RANGE', 'kept');
});
