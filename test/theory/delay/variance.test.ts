/** The stationary variance against closed forms, and against the equation played with noise. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normal, source } from '../../../src/random.js';
import { type Delay, exponentialDelay, fixedDelay, sampledDelay, shiftedDelay } from '../../../src/theory/delay/law.js';
import { meanDelay } from '../../../src/theory/delay/transform.js';
import { stationaryVariance } from '../../../src/theory/delay/variance.js';
import { Tally } from '../../../src/theory/estimate.js';
import { cases } from '../../support/cases.js';
import { refused } from '../../support/refused.js';

const near = (found: number, expected: number, error: number) =>
  assert.ok(Math.abs(found / expected - 1) <= error, `found ${found}, expected ${expected}`);

test('a fixed delay of one decay time gives 1.70 c^2, and none gives c^2 / 2a', () => {
  assert.equal(stationaryVariance(1, fixedDelay(1)).toFixed(3), '1.704');
  near(stationaryVariance(0.4, fixedDelay(0), 3), 9 / 0.8, 1e-15);
  assert.equal(stationaryVariance(Math.PI / 2 + 1e-12, fixedDelay(1)), Number.POSITIVE_INFINITY);
  assert.equal(stationaryVariance(4, sampledDelay([1, 1.1])), Number.POSITIVE_INFINITY);
});

test('the integral for any law has the closed forms where there are some', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.02, max: 1.5, noNaN: true }), fc.double({ min: 0.1, max: 10, noNaN: true }), (z, mean) => {
      // a law that is nearly fixed or nearly exponential goes the general way
      const fixed = sampledDelay([mean, mean * (1 + 1e-9)]);
      near(stationaryVariance(z / mean, fixed), (mean / (2 * z)) * ((1 + Math.sin(z)) / Math.cos(z)), 1e-4);
      const exponential = shiftedDelay(1e-9 * mean, 1 / mean);
      near(stationaryVariance(z / mean, exponential), (mean / (2 * z)) * (1 + z), 1e-4);
      near(stationaryVariance(z / mean, exponentialDelay(mean), 2), 4 * (mean / (2 * z)) * (1 + z), 1e-14);
    }),
    cases(60),
  );
});

test('the equation played in small steps has the variance of the theory', () => {
  plays(1, fixedDelay(1), 1.704);
  plays(0.5, fixedDelay(1));
  plays(1, sampledDelay([0.2, 0.5, 2]));
});

/** Euler's scheme with steps of 1/100, in 40 stretches; its own error is some 1 % at z = 1. */
function plays(damping: number, law: Delay, expected = stationaryVariance(damping, law)): void {
  const h = 0.01;
  const lags = Array.from(law.starts, start => Math.round(start / h));
  const kept = 2 ** Math.ceil(Math.log2(Math.max(...lags) + 1));
  const past = new Float64Array(kept);
  const draws = source(5, 'noise');
  const tally = new Tally();
  let x = 0;
  let k = 0;
  for (; k < 20 / h; k++) step();
  for (let stretch = 0; stretch < 40; stretch++) {
    let sum = 0;
    const end = k + 400 / h;
    for (; k < end; k++) {
      step();
      sum += x * x;
    }
    tally.add(sum / (400 / h));
  }
  const { value, error } = tally.estimate();
  assert.ok(error < 0.03 * expected, `error ${error}`);
  assert.ok(
    Math.abs(value - expected) < 4 * error + 0.015 * expected,
    `a E[tau] = ${damping * meanDelay(law)}: ${value} for ${expected}`,
  );

  function step(): void {
    past[k % kept] = x;
    let late = 0;
    for (const lag of lags) late += past[(k - lag + kept) % kept] / lags.length;
    x += -damping * h * late + Math.sqrt(h) * normal(draws, 0, k);
  }
}

test('noise and dampings that are none are refused', () => {
  refused(() => stationaryVariance(0, fixedDelay(1)), 'CONFIG_RANGE', 'damping');
  refused(() => stationaryVariance(1, fixedDelay(1), -1), 'CONFIG_RANGE', 'noise');
});
