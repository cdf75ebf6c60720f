import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wideSpread } from '../../src/engine/staleness.js';
import { cases } from '../support/cases.js';

test('the spread of some numbers is that of the sorted ones, however many are equal', () => {
  const few = fc.integer({ min: 0, max: 3 });
  const any = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 });
  const numbers = fc.oneof(fc.array(few, { minLength: 1, maxLength: 300 }), fc.array(any, { minLength: 1, maxLength: 300 }));
  fc.assert(
    fc.property(numbers, values => {
      const sorted = Float64Array.from(values).sort();
      const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
      const found = wideSpread(Float64Array.from(values));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      // -0 and 0 are equal, and come in any order
      const plain = ({ p50, p99, max }: { p50: number; p99: number; max: number }) => [p50 + 0, p99 + 0, max + 0];
      assert.deepEqual(plain(found), plain({ p50: at(0.5), p99: at(0.99), max: sorted[sorted.length - 1] }));
      assert.equal(found.mean + 0, mean + 0);
    }),
    cases(2000),
  );
});
