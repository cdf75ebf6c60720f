/** The part that a round of push-sum leaves, against push-sum itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { source, uniform } from '../../src/random.js';
import { graphRounds } from '../../src/theory/plan/arcs.js';
import { pushSumRadius } from '../../src/theory/pushsum.js';
import type { Rounds } from '../../src/theory/rounds.js';
import { topology } from '../../src/topology/topology.js';

const draws = source(4, 'push-sum');

/** Distances of the models to what they agree on, after each round. */
function distances({ nodes, receivers }: Rounds, rounds: number): number[] {
  let x = Array.from({ length: nodes }, (_, node) => uniform(draws, 0, node));
  let m = x.map(() => 1);
  const mean = x.reduce((sum, value) => sum + value, 0) / nodes;
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [nextX, nextM] = [x.map(() => 0), x.map(() => 0)];
    for (let node = 0; node < nodes; node++) {
      const to = [node, ...receivers(node, round)];
      for (const other of to) {
        nextX[other] += x[node] / to.length;
        nextM[other] += m[node] / to.length;
      }
    }
    [x, m] = [nextX, nextM];
    found.push(Math.sqrt(x.reduce((sum, value, k) => sum + (value / m[k] - mean) ** 2, 0)));
  }
  return found;
}

const lopsided: Rounds = { nodes: 5, period: 1, receivers: node => [[1], [2, 4], [0, 3], [4], [0]][node] };

for (const [name, rounds, length] of [
  ['a ring one way', graphRounds(topology('ring:directed=true', 7, 1)), 200],
  ['the exponential graph', graphRounds(topology('exponential:directed=true', 12, 1)), 30],
  ['a lopsided graph', lopsided, 60],
  ['a torus', graphRounds(topology('torus', 9, 1)), 40],
  [
    'two steps in turn',
    { nodes: 7, period: 2, receivers: (node: number, round: number) => [(node + 1 + 2 * (round % 2)) % 7] },
    60,
  ],
] as const)
  test(`${name}: the distance falls by that part a round, in the long run`, () => {
    const found = distances(rounds, length);
    const radius = pushSumRadius(rounds);
    // a pair of complex eigenvalues swings: over half of the rounds, the largest of a few
    const window = 6;
    const late = Math.max(...found.slice(-window));
    const early = Math.max(...found.slice(length / 2 - window, length / 2));
    const measured = (late / early) ** (1 / (length / 2));
    assert.ok(Math.abs(measured / radius - 1) < 0.04, `${measured}, said ${radius}`);
  });

test('one peer in turn on 2^k nodes makes all equal in k rounds, and halves of a ring never', () => {
  const receivers = (node: number, round: number) => [(node + 2 ** (round % 4)) % 16];
  assert.equal(pushSumRadius({ nodes: 16, period: 4, receivers }), 0);
  assert.equal(pushSumRadius(graphRounds(topology('complete', 6, 1))), 0);
  const apart = pushSumRadius({ nodes: 4, period: 1, receivers: node => [node ^ 1] });
  assert.ok(Math.abs(apart - 1) < 1e-9, `${apart}`);
});
