/** Progress that goes one edge a round, against a count of versions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { connectedGraph } from '../../src/testing/arbitraries.js';
import { graphRounds } from '../../src/theory/plan/arcs.js';
import { meanArrival, periodOf, type Rounds } from '../../src/theory/rounds.js';
import { topology } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';

/** Every node makes a version a round, and sends all that it knows: how many a node is behind after a round, over some rounds and all pairs. */
function counted({ nodes, receivers, period }: Rounds): number {
  let knows = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
  let [sum, count] = [0, 0];
  const first = 4 * nodes + period;
  for (let round = 0; round < first + 2 * period; round++) {
    for (let node = 0; node < nodes; node++) knows[node][node]++;
    const next = knows.map(row => [...row]);
    for (let node = 0; node < nodes; node++)
      for (const to of receivers(node, round)) next[to] = next[to].map((version, k) => Math.max(version, knows[node][k]));
    knows = next;
    if (round < first) continue;
    for (let i = 0; i < nodes; i++) for (let j = 0; j < nodes; j++) if (i !== j) sum += round + 1 - knows[i][j];
    count += nodes * (nodes - 1);
  }
  return sum / count;
}

test('on any graph versions are the mean distance behind, less one', () => {
  fc.assert(
    fc.property(
      connectedGraph(9).filter(({ nodes }) => nodes > 1),
      graph => {
        const rounds = graphRounds(graph);
        const { value, how } = meanArrival(rounds);
        assert.equal(how, 'exact');
        assert.ok(Math.abs(value - 1 - counted(rounds)) < 1e-9);
      },
    ),
    cases(60),
  );
});

test('one receiver in turn: averaged over the rounds of a period', () => {
  for (const [nodes, steps] of [
    [8, [1, 2, 4]],
    [7, [1, 3]],
    [6, [1]],
  ] as const) {
    const receivers = (node: number, round: number) => [(node + steps[round % steps.length]) % nodes];
    const rounds = { nodes, period: steps.length, receivers };
    assert.ok(Math.abs(meanArrival(rounds).value - 1 - counted(rounds)) < 1e-9);
  }
});

test('many nodes are sampled, and say so; who is never reached is without bound', () => {
  const ring = graphRounds(topology('ring:directed=true', 3000, 1));
  const { value, how, error } = meanArrival(ring);
  assert.equal(how, 'monte carlo');
  assert.ok(Math.abs(value - 1500) <= 1e-6 + 4 * error);
  assert.equal(meanArrival({ nodes: 3, period: 1, receivers: node => (node === 0 ? [1] : []) }).value, Number.POSITIVE_INFINITY);
});

test('a period is the least common multiple', () => {
  assert.equal(periodOf([1, 4, 6, 4]), 12);
  assert.equal(periodOf([0, 1]), 1);
  assert.throws(() => periodOf([11, 13, 17, 19]), /5040/);
});
