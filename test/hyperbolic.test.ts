import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hyperbolicTangent } from '../src/hyperbolic.js';
import { source, uniform } from '../src/random.js';
import { cases } from './support/cases.js';

/** Fixed point with 300 binary places. */
const places = 300n;
const one = 1n << places;

/** tanh x for 1e-12 < x < 30, by the power series of e^(2x / 2^10) squared ten times. */
function exact(x: number): bigint {
  let exponent = 0;
  while (!Number.isInteger(x)) {
    x *= 2;
    exponent++;
  }
  const y = ((BigInt(x) << (places + 1n)) >> BigInt(exponent)) >> 10n;
  let [power, term] = [one, one];
  for (let n = 1n; term > 0n; n++) {
    term = ((term * y) >> places) / n;
    power += term;
  }
  for (let k = 0; k < 10; k++) power = (power * power) >> places;
  return ((power - one) << places) / (power + one);
}

/** Distance between `found` and the exact value, in units in the last place of `found`. */
function error(x: number): number {
  const found = hyperbolicTangent(x);
  const unit = 2 ** (Math.floor(Math.log2(found)) - 52);
  const scaled = BigInt(found / unit) * (one / BigInt(1 / unit));
  return Math.abs(Number(scaled - exact(x)) / (Number(one) * unit));
}

test('the error stays below 3 units in the last place', t => {
  let worst = 0;
  const check = (x: number) => {
    const found = error(x);
    worst = Math.max(worst, found);
    assert.ok(found < 3, `tanh ${x} = ${hyperbolicTangent(x)} is ${found} units off`);
  };
  [1e-10, 0.1, 0.1732867951399863, 0.17328679513998635, 0.3465735902799726, 0.5, 1, 2, 5, 10, 18.9, 19.9].forEach(check);
  const draws = source(1, 'hyperbolic');
  for (let i = 0; i < 3000; i++) {
    check(uniform(draws, 0, i) * 2 + 1e-9);
    check(uniform(draws, 1, i) * 20 + 1e-9);
    check((uniform(draws, 2, i) + 1e-3) * 2 ** -(i % 30));
  }
  fc.assert(fc.property(fc.double({ min: 1e-9, max: 20, noNaN: true }), check), cases(500));
  t.diagnostic(`worst error ${worst.toFixed(2)} units`);
});

test('odd, within -1..1, never decreasing, and itself at both ends', () => {
  for (const [x, y] of [
    [0, 0],
    [-0, -0],
    [5e-324, 5e-324],
    [-1e-300, -1e-300],
    [Number.POSITIVE_INFINITY, 1],
    [Number.NEGATIVE_INFINITY, -1],
    [1e308, 1],
    [Number.NaN, Number.NaN],
  ])
    assert.ok(Object.is(hyperbolicTangent(x), y), `tanh ${x} is ${hyperbolicTangent(x)}`);
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ min: 1e-6, max: 1, noNaN: true }), (x, step) => {
      const y = hyperbolicTangent(x);
      assert.ok(Object.is(hyperbolicTangent(-x), -y) && Math.abs(y) <= 1);
      assert.ok(hyperbolicTangent(x + step) >= y);
    }),
    cases(1000),
  );
});

test('the same bits in every engine', () => {
  const values = Float64Array.from({ length: 20_000 }, (_, i) => hyperbolicTangent((i - 10_000) / 777));
  const hash = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
  assert.equal(hash, 'fa7c80bce90ecd58133266c178ae39f97aeb78addc10646119e61be7a4d02b0c');
});
