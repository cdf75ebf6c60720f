import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sineOfTurns } from '../src/sine.js';
import { cases } from './support/cases.js';

test('the sine of turns is the sine', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e4, max: 1e4, noNaN: true }), x => {
      assert.ok(Math.abs(sineOfTurns(x) - Math.sin(2 * Math.PI * (x - Math.floor(x)))) < 2e-15, `${x}`);
    }),
    cases(2000),
  );
  for (const [turns, sine] of [
    [0, 0],
    [0.25, 1],
    [0.5, 0],
    [0.75, -1],
    [-3.75, 1],
  ])
    assert.equal(Math.abs(sineOfTurns(turns) - sine), 0);
});
