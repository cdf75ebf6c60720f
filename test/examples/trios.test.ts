/** How to property-test an algorithm of one's own: rehearse it over the real rows, and say what it keeps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { driftBound, rehearse, sums } from 'hearsay/testing';
import trios from '../../examples/trios.js';
import { cases } from '../support/cases.js';

test('trios: the sum of all rows grows by exactly the local steps, up to rounding', () => {
  const nodes = fc.integer({ min: 1, max: 12 });
  const order = fc.array(fc.nat(), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(nodes, fc.integer({ min: 1, max: 40 }), order, fc.nat(), (n, parameters, events, seed) => {
      const stage = rehearse({
        algorithm: trios,
        options: { steps: '1' },
        nodes: n,
        parameters,
        seed,
        start: row => row,
        descent: weights => {
          weights[0] += 1;
        },
      });
      let commits = 0;
      for (const event of events) {
        const node = event % n;
        if (!stage.isPending(node)) stage.begin(node);
        else if (stage.finish(node)) commits++;
      }
      const rows = Array.from({ length: n }, (_, row) => stage.params(row));
      const expected = (n * (n - 1)) / 2;
      const bound = n * driftBound(n + commits, events.length);
      sums(rows).forEach((sum, k) => {
        assert.ok(Math.abs(sum - expected - (k === 0 ? commits : 0)) <= bound);
      });
      stage.requireClean();
    }),
    cases(2_000),
  );
});
