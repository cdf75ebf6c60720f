/** Characteristic roots: values worked out by hand, closed forms, residuals, and counts that no root lies farther right. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { characteristic, characteristicAt, newton, walk } from '../../../src/theory/delay/characteristic.js';
import { complex } from '../../../src/theory/delay/complex.js';
import { criticalDamping, largestDamping } from '../../../src/theory/delay/critical.js';
import { type Delay, exponentialDelay, fixedDelay, sampledDelay, shiftedDelay } from '../../../src/theory/delay/law.js';
import { dominantRoot } from '../../../src/theory/delay/root.js';
import { meanDelay, transform } from '../../../src/theory/delay/transform.js';
import { cases } from '../../support/cases.js';
import { refused } from '../../support/refused.js';
import { laws } from './laws.js';

const near = (found: number, expected: number, error: number) =>
  assert.ok(Math.abs(found - expected) <= error, `found ${found}, expected ${expected}`);
const dampings = fc.double({ min: -2.5, max: 1.5, noNaN: true }).map(power => 10 ** power);

test('fixed delays have the decay rates of the table, to three digits', () => {
  const table: [number, number][] = [
    [0.05, 1.054],
    [0.1, 1.118],
    [0.2, 1.296],
    [0.3, 1.631],
    [1 / Math.E, Math.E],
    [0.4, 2.36],
    [0.5, 1.588],
    [0.7, 0.807],
    [0.9, 0.435],
    [1, 0.318],
    [1.2, 0.159],
    [1.4, 0.058],
    [1.5, 0.022],
    [1.6, -0.008],
  ];
  for (const [z, rate] of table)
    for (const tau of [1, 0.02, 30]) {
      const root = dominantRoot(z / tau, fixedDelay(tau));
      near((-root.re * tau) / z, rate, 6e-4);
      if (Math.abs(z - 1 / Math.E) > 1e-9) assert.equal(root.im > 0, z > 1 / Math.E, `z = ${z}`);
    }
});

test('fixed delays: fastest at 1/e with rate 1/tau, at pi/2 a pure oscillation with a quarter of its period late', () => {
  near(dominantRoot(1 / Math.E, fixedDelay(1)).re, -1, 1e-7);
  const edge = dominantRoot(Math.PI / 2, fixedDelay(1));
  near(edge.re, 0, 1e-15);
  near(edge.im, Math.PI / 2, 1e-15);
  near(largestDamping(fixedDelay(3)), Math.PI / 6, 1e-15);
  near(criticalDamping(fixedDelay(3)).damping, 1 / (3 * Math.E), 1e-16);
});

test('exponential delays are always stable, critical at a tau = 1/4', () => {
  assert.equal(largestDamping(exponentialDelay(2)), Number.POSITIVE_INFINITY);
  assert.equal(criticalDamping(exponentialDelay(2)).damping, 1 / 8);
  fc.assert(
    fc.property(dampings, fc.double({ min: 0.01, max: 10, noNaN: true }), (a, mean) => {
      const { re, im } = dominantRoot(a, exponentialDelay(mean));
      assert.ok(re < 0);
      assert.equal(im > 0, a * mean > 1 / 4);
      // m s^2 + s + a
      near(mean * (re * re - im * im) + re + a, 0, 1e-12 * (1 + a));
      near(im * (2 * mean * re + 1), 0, 1e-12 * (1 + im));
    }),
    cases(500),
  );
});

test('a root solves the equation, for every law, and a count finds none farther right and one beside it, or a pair', () => {
  fc.assert(
    fc.property(dampings, laws, (perMean, law) => {
      const a = perMean / meanDelay(law);
      const root = dominantRoot(a, law);
      assert.ok(root.proved);
      const { value } = transform(law, complex(root.re, root.im));
      const scale = Math.hypot(root.re, root.im) + a * Math.hypot(value.re, value.im);
      near(root.re + a * value.re, 0, 1e-7 * scale);
      near(root.im + a * value.im, 0, 1e-7 * scale);
      const size = Math.hypot(root.re, root.im);
      const equation = characteristic(a, law);
      assert.equal(walk(equation, root.re + 1e-3 * size).zeros, 0);
      // an exponential part brings a pole, left of which the count is of the continued function
      const beside = walk(equation, root.re - 1e-3 * size).zeros;
      assert.ok(beside >= (root.im > 0 ? 2 : 1), `${beside} beside`);
    }),
    cases(600),
  );
});

test('no root of a shifted exponential farther right shows on a grid', () => {
  for (const [fixed, rate] of [
    [0.5, 2],
    [1, 0.5],
    [0.1, 1],
  ])
    for (const z of [0.1, 0.3, 0.5, 1, 2, 5]) {
      const law = shiftedDelay(fixed, rate);
      const a = z / meanDelay(law);
      const root = dominantRoot(a, law);
      const equation = characteristic(a, law);
      let found = Number.NEGATIVE_INFINITY;
      for (let x = root.re; x < a + 1; x += 0.1)
        for (let y = 0; y < 3 * a + 3; y += 0.1) found = Math.max(found, newton(equation, complex(x, y))?.re ?? found);
      assert.ok(found <= root.re + 1e-7, `${fixed} ${rate} ${z}: ${found} right of ${root.re}`);
      assert.ok(found > root.re - 1e-7, `${fixed} ${rate} ${z}: the grid finds ${root.re} only at ${found}`);
    }
});

test('the count is that of a known function: W has one zero after the other left of the dominant ones', () => {
  // zeros of s + e^-s: W_k(-1), whose real parts are -0.318, -2.062, -2.653, -3.020, ... in pairs
  const equation = characteristic(1, fixedDelay(1));
  assert.deepEqual(
    [-0.3, -0.4, -2, -2.1, -2.6, -2.7].map(line => walk(equation, line).zeros),
    [0, 2, 2, 4, 4, 6],
  );
  // zeros of s (1 + s) + 1/8: -0.146 and -0.854
  const exponential = characteristic(1 / 8, exponentialDelay(1));
  assert.deepEqual(
    [-0.1, -0.2, -0.8, -0.9].map(line => walk(exponential, line).zeros),
    [0, 1, 1, 2],
  );
  near(characteristicAt(equation, complex(2)).value.re, 2 + Math.exp(-2), 1e-15);
});

test('the dominant root stops being real at the critical damping, and decay ends at the largest, for every law', () => {
  fc.assert(
    fc.property(laws, law => {
      const { damping, rate } = criticalDamping(law);
      assert.equal(dominantRoot(damping * 0.999, law).im, 0);
      const beyond = dominantRoot(damping * 1.001, law);
      assert.ok(beyond.im > 0);
      near(-beyond.re, rate, 0.1 * rate);
      const largest = largestDamping(law);
      assert.ok(largest >= (1 / meanDelay(law)) * (1 - 1e-9) && largest > damping);
      fc.pre(largest < Number.POSITIVE_INFINITY);
      assert.ok(dominantRoot(largest * 0.99, law).re < 0);
      near(dominantRoot(largest, law).re * meanDelay(law), 0, 1e-9);
      for (const share of [0.2, 0.5, 0.8]) assert.ok(dominantRoot(largest * share, law).re < 0);
    }),
    cases(150),
  );
});

test('where delays differ much Newton from the mean would miss the dominant root', () => {
  // nearly all are short, some are long: the slow oscillation is that of the long ones
  const law = sampledDelay([...Array(9).fill(0.1), 20]);
  const mean = meanDelay(law);
  const a = 1 / mean;
  const root = dominantRoot(a, law);
  const naive = newton(
    characteristic(a, law),
    complex(dominantRoot(a, fixedDelay(mean)).re, dominantRoot(a, fixedDelay(mean)).im),
  );
  assert.ok(root.proved);
  assert.ok(!naive || naive.re < root.re - 1e-3, `${naive?.re} ${root.re}`);
});

test('samples of a law have nearly its root', () => {
  const quantiles = (law: Delay) =>
    Array.from({ length: 1000 }, (_, k) => -Math.log(1 - (k + 0.5) / 1000) * law.tail + law.starts[0]);
  for (const a of [0.2, 0.6, 1.5]) {
    const law = shiftedDelay(0.5, 2);
    const [exact, sampled] = [dominantRoot(a, law), dominantRoot(a, sampledDelay(quantiles(law)))];
    near(sampled.re, exact.re, 5e-3);
    near(sampled.im, exact.im, 5e-3);
  }
});

test('a delay-free direction decays at its damping, and dampings that are none are refused', () => {
  assert.deepEqual(dominantRoot(0.7, fixedDelay(0)), { re: -0.7, im: 0, proved: true });
  for (const a of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    refused(() => dominantRoot(a, fixedDelay(1)), 'CONFIG_RANGE', 'damping');
});
