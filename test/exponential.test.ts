import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exp } from '../src/exponential.js';
import { logarithm } from '../src/logarithm.js';
import { source, uniform, word } from '../src/random.js';
import { cases } from './support/cases.js';

// The oracle: fixed point with 320 binary places.
const places = 320n;
const one = 1n << places;

/** mantissa x 2^exponent, exactly. */
function exact(x: number): { mantissa: bigint; exponent: number } {
  const float = new Float64Array([x]);
  const bits = new BigUint64Array(float.buffer)[0];
  const field = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = field === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(field, 1) - 1075 };
}

function shifted(value: bigint, by: number): bigint {
  return by >= 0 ? value << BigInt(by) : value >> BigInt(-by);
}

/** ln 2 = sum over k >= 1 of 1 / (k 2^k). */
const ln2 = (() => {
  let sum = 0n;
  for (let k = 1n; k <= places; k++) sum += one / (k << k);
  return sum;
})();

/** The distance of `found` from e^x, in units of the last place of a double of that size. */
function error(x: number, found: number): number {
  const { mantissa, exponent } = exact(x);
  const fixed = shifted(mantissa, exponent + Number(places));
  const k = Math.round(x / Math.LN2);
  const r = fixed - BigInt(k) * ln2;
  let term = one;
  let sum = one;
  for (let n = 1n; term !== 0n && term !== -1n; n++) sum += term = (term * r) / (one * n);
  // e^x = sum x 2^k; the unit is 2^unit.
  const whole = sum >= one ? k : k - 1;
  const unit = Math.max(whole - 52, -1074);
  const result = exact(found);
  const difference = shifted(result.mantissa, result.exponent - k + Number(places)) - sum;
  return Math.abs(Number(shifted(difference, 64)) / Number(shifted(one, unit - k + 64)));
}

test('the oracle knows e, and finds a neighbour one unit off', () => {
  assert.ok(error(1, Math.E) <= 0.5);
  assert.ok(error(0, 1) === 0);
  assert.ok(Math.abs(error(0, 1 + 2 ** -52) - 1) < 1e-9);
  assert.ok(Math.abs(error(0, 1 + 2 ** -50) - 4) < 1e-9);
});

test('the exponential is within 0.85 units in the last place, small, large and where numbers thin out', () => {
  let worst = 0;
  const check = (x: number) => {
    const off = error(x, exp(x));
    worst = Math.max(worst, off);
    assert.ok(off < 0.85, `e^${x}: ${exp(x)} is ${off} units off`);
  };
  const edges = [0, 1, -1, 0.5, 1e-300, -1e-300, 5e-324, 2 ** -54, 709.782712893384, -708.3964185322641, -745.1332191019411];
  for (let k = -1070; k <= 1020; k += 5) edges.push((k + 0.5) * Math.LN2, k * Math.LN2);
  edges.forEach(check);
  const s = source(1, 'exponential');
  for (let i = 0; i < 20_000; i++) {
    check((uniform(s, 0, i) - 0.5) * 2 * 700);
    check((uniform(s, 1, i) - 0.5) * 2 ** -(word(s, 2, i) % 60));
    check(-700 - 45 * uniform(s, 3, i));
  }
  fc.assert(fc.property(fc.double({ min: -745, max: 709, noNaN: true }), check), cases(2000));
  assert.ok(worst > 0.4, 'an error below half a unit everywhere would be an oracle that is the function');
});

test('the ends: 0, Infinity and NaN', () => {
  assert.equal(exp(0), 1);
  assert.equal(exp(-0), 1);
  assert.equal(exp(709.782712893384), Math.exp(709.782712893384));
  for (const x of [709.7827128933841, 709.9, 710, 1e9, Number.POSITIVE_INFINITY]) assert.equal(exp(x), Number.POSITIVE_INFINITY);
  for (const x of [-745.2, -745.9, -746, -1e9, Number.NEGATIVE_INFINITY]) assert.ok(Object.is(exp(x), 0), `${x}`);
  assert.ok(Number.isNaN(exp(Number.NaN)));
});

test('it grows, and undoes the logarithm', () => {
  const grows = (a: number, b: number) => a > b || exp(a) <= exp(b);
  fc.assert(
    fc.property(fc.double({ min: -745, max: 710, noNaN: true }), fc.double({ min: -745, max: 710, noNaN: true }), grows),
    cases(1000),
  );
  const undoes = (x: number) => Math.abs(exp(logarithm(x)) / x - 1) < 2e-13;
  fc.assert(fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), undoes), cases(1000));
});
