import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { harmonic } from '../../src/theory/harmonic.js';
import { cases } from '../support/cases.js';

const digits = 10n ** 40n;

/** 1/first + ... + 1/last in whole numbers, rounded once; the truncations stay below 2^-100. */
function summed(last: number, first: number): number {
  let sum = 0n;
  for (let k = first; k <= last; k++) sum += digits / BigInt(k);
  return Number(`${sum}e-40`);
}

test('sums of reciprocals are those of 40-digit arithmetic, to the last bit', () => {
  for (let last = 0, sum = 0n; last <= 3000; sum += digits / BigInt(++last))
    assert.equal(harmonic(last), Number(`${sum}e-40`), `H_${last}`);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e7 }), fc.nat(2000), (first, terms) => {
      assert.equal(harmonic(first + terms - 1, first), summed(first + terms - 1, first));
    }),
    cases(100),
  );
});

test('the largest harmonic number agrees with its asymptotic series', () => {
  const n = 2 ** 25;
  const series = Math.log(n) + 0.5772156649015329 + 1 / (2 * n) - 1 / (12 * n * n);
  assert.ok(Math.abs(harmonic(n) / series - 1) < 3e-16, `${harmonic(n)} for ${series}`);
});

test('bounds that are none are refused', () => {
  for (const [last, first] of [[-1], [1.5], [Number.NaN], [2 ** 25 + 1], [3, 0], [3, 5], [3, 1.5]])
    assert.throws(() => harmonic(last, first), { code: 'CONFIG_RANGE' });
  assert.equal(harmonic(3, 4), 0);
});
