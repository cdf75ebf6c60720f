import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exponential, source } from '../../src/random.js';
import { Tally } from '../../src/theory/estimate.js';
import { deterministic, poisson, shiftedExponential, sourceAge, updateRate } from '../../src/theory/updates.js';
import { cases } from '../support/cases.js';

test('moments of a shifted exponential are those of its draws, and the age seen at random instants follows from them', () => {
  const draws = source(1, 'durations');
  const [mean, square] = [new Tally(), new Tally()];
  let [time, aged] = [0, 0];
  for (let k = 0; k < 200_000; k++) {
    const duration = 0.5 + exponential(draws, 0, k) / 2;
    mean.add(duration);
    square.add(duration * duration);
    time += duration;
    aged += (duration * duration) / 2; // the age is a saw tooth
  }
  const law = shiftedExponential(0.5, 2);
  assert.equal(law.mean, 1);
  assert.equal(law.meanSquare, 1.25);
  assert.ok(Math.abs(mean.estimate().value - law.mean) < 4 * mean.estimate().error);
  assert.ok(Math.abs(square.estimate().value - law.meanSquare) < 4 * square.estimate().error);
  assert.ok(Math.abs(sourceAge(law) - aged / time) < 0.01);
});

test('the memoryless law has the age of its mean, the punctual one half of it, and all lie between or above', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }), (rate, fixed) => {
      const near = (a: number, b: number) => assert.ok(Math.abs(a / b - 1) < 1e-12, `${a} for ${b}`);
      near(sourceAge(poisson(rate)), 1 / rate);
      near(sourceAge(deterministic(rate)), rate / 2);
      const law = shiftedExponential(fixed, rate);
      near(updateRate(law.mean) * law.mean, 1);
      assert.ok(sourceAge(law) >= (law.mean / 2) * (1 - 1e-12) && sourceAge(law) <= law.mean * (1 + 1e-12));
    }),
    cases(200),
  );
});

test('laws that are none are refused', () => {
  const wrong: (() => unknown)[] = [
    () => shiftedExponential(-1, 1),
    () => shiftedExponential(1, 0),
    () => shiftedExponential(Number.NaN, 1),
    () => poisson(Number.POSITIVE_INFINITY),
    () => deterministic(0),
    () => updateRate(-1),
    () => sourceAge({ mean: 0, meanSquare: 0 }),
    () => sourceAge({ mean: 2, meanSquare: 3.9 }),
  ];
  for (const make of wrong) assert.throws(make, { code: 'CONFIG_RANGE' });
});

test('the standard error of a tally is that of its samples', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 2, maxLength: 50 }), values => {
      const tally = new Tally();
      for (const value of values) tally.add(value);
      const { value, error, samples, how } = tally.estimate();
      const n = values.length;
      const mean = values.reduce((sum, x) => sum + x) / n;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
      assert.ok(Math.abs(value - mean) < 1e-9);
      assert.ok(Math.abs(error - Math.sqrt(variance / n)) < 1e-9);
      assert.deepEqual([samples, how], [n, 'monte carlo']);
    }),
    cases(200),
  );
});
