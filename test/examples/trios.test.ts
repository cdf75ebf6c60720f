/** How to property-test an algorithm of one's own: rehearse it over the real rows, on any graph, in any order, and say what it keeps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { connectedGraph, driftBound, play, rehearse, schedule, sums } from 'hearsay/testing';
import trios from '../../examples/trios.js';
import { cases } from '../support/cases.js';

test('trios: the sum of all rows grows by exactly the local steps, up to rounding', () => {
  const setting = connectedGraph(12).chain(graph => fc.record({ graph: fc.constant(graph), order: schedule(graph.nodes) }));
  fc.assert(
    fc.property(setting, fc.integer({ min: 1, max: 40 }), fc.nat(), ({ graph, order }, parameters, seed) => {
      const { nodes } = graph;
      const stage = rehearse({
        algorithm: trios,
        options: { steps: '1' },
        nodes,
        parameters,
        graph,
        seed,
        start: row => row,
        descent: weights => {
          weights[0] += 1;
        },
      });
      let commits = 0;
      play(stage, order, () => commits++);
      const rows = Array.from({ length: nodes }, (_, row) => stage.params(row));
      const expected = (nodes * (nodes - 1)) / 2;
      const bound = nodes * driftBound(nodes + commits, order.length);
      sums(rows).forEach((sum, k) => {
        assert.ok(Math.abs(sum - expected - (k === 0 ? commits : 0)) <= bound);
      });
      stage.requireClean();
    }),
    cases(2_000),
  );
});
