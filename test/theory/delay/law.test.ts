/** Laws of delays: their transforms against sums and integrals, their quantiles against their shares. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { complex } from '../../../src/theory/delay/complex.js';
import {
  delayQuantile,
  exponentialDelay,
  fixedDelay,
  sampledDelay,
  shiftedDelay,
  sumOfDelays,
  truncatedDelay,
  within,
} from '../../../src/theory/delay/law.js';
import { dispersion, meanDelay, transform } from '../../../src/theory/delay/transform.js';
import { cases } from '../../support/cases.js';
import { refused } from '../../support/refused.js';
import { laws } from './laws.js';

const near = (found: number, expected: number, error: number) =>
  assert.ok(Math.abs(found - expected) <= error, `found ${found}, expected ${expected}`);

test('a transform is the mean of e^(-s tau) over the quantiles of the law, and its slope that of -tau e^(-s tau)', () => {
  fc.assert(
    fc.property(laws, fc.double({ min: -0.1, max: 1, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), (law, x, y) => {
      const [value, slope] = [
        { re: 0, im: 0 },
        { re: 0, im: 0 },
      ];
      // midpoints in the share, so that every part of the law counts as it should
      const parts = law.tail > 0 ? 2000 : law.starts.length;
      let [mean, square] = [0, 0];
      for (let k = 0; k < parts; k++) {
        const tau = delayQuantile(law, (k + 0.5) / parts);
        const length = Math.exp(-x * tau) / parts;
        value.re += length * Math.cos(y * tau);
        value.im -= length * Math.sin(y * tau);
        slope.re -= tau * length * Math.cos(y * tau);
        slope.im += tau * length * Math.sin(y * tau);
        mean += tau / parts;
        square += tau ** 2 / parts;
      }
      const found = transform(law, complex(x, y));
      fc.pre(x * law.tail > -0.3); // near the pole a sum over quantiles says little
      const error = law.tail > 0 ? 8e-3 : 1e-12;
      near(found.value.re, value.re, error * (1 + Math.exp(10 * Math.max(0, -x))));
      near(found.value.im, value.im, error * (1 + Math.exp(10 * Math.max(0, -x))));
      near(meanDelay(law), mean, error * mean);
      near(dispersion(law), square / mean ** 2, 5 * error * dispersion(law));
      fc.pre(x >= 0);
      near(found.slope.re, slope.re, 4 * error * (1 + mean));
      near(found.slope.im, slope.im, 4 * error * (1 + mean));
    }),
    cases(80),
  );
});

test('the slope of a transform is its derivative, where the law is cut off and its terms cancel too', () => {
  fc.assert(
    fc.property(laws, fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), (law, x, y) => {
      fc.pre(law.limit < Number.POSITIVE_INFINITY || Math.abs(1 + x * law.tail) > 0.1);
      const h = 1e-5;
      const { value, slope } = transform(law, complex(x, y));
      const [right, left] = [transform(law, complex(x + h, y)).value, transform(law, complex(x - h, y)).value];
      const scale = 1e-4 * (1 + Math.hypot(value.re, value.im) + Math.hypot(slope.re, slope.im));
      near((right.re - left.re) / (2 * h), slope.re, scale);
      near((right.im - left.im) / (2 * h), slope.im, scale);
    }),
    cases(2000),
  );
});

test('means and dispersions have their closed forms', () => {
  near(meanDelay(shiftedDelay(0.5, 2)), 1, 1e-15);
  near(dispersion(shiftedDelay(0.5, 2)), 1.25, 1e-14);
  near(dispersion(exponentialDelay(3)), 2, 1e-14);
  near(dispersion(fixedDelay(3)), 1, 1e-15);
  near(dispersion(fixedDelay(0)), 1, 0);
  near(meanDelay(sampledDelay([3, 1, 2])), 2, 1e-15);
  // E[X; X <= t] of an exponential: (1 - e^-t (1 + t)) / (1 - e^-t)
  near(meanDelay(truncatedDelay(exponentialDelay(1), 2)), (1 - 3 * Math.exp(-2)) / (1 - Math.exp(-2)), 1e-15);
  const second = (2 - 10 * Math.exp(-2)) / (1 - Math.exp(-2));
  const cut = truncatedDelay(exponentialDelay(1), 2);
  near(dispersion(cut), second / meanDelay(cut) ** 2, 1e-9);
});

test('a share of all delays keeps the quantile of that share, and none of the later is left by a limit', () => {
  fc.assert(
    fc.property(laws, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (law, portion) => {
      const time = delayQuantile(law, portion);
      assert.ok(within(law, time) >= portion - 1e-12);
      assert.ok(within(law, time * (1 - 1e-9)) <= portion + 1e-6 || law.tail === 0 || law.starts.includes(time));
      if (law.tail === 0) assert.ok(law.starts.includes(time));
      fc.pre(time > 0 && within(law, time) > 0);
      const cut = truncatedDelay(law, time);
      assert.equal(within(cut, time), 1);
      near(within(cut, time / 2), within(law, time / 2) / within(law, time), 1e-12);
      near(delayQuantile(cut, 1), time, 1e-9 * time);
      assert.ok(meanDelay(cut) <= meanDelay(law) * (1 + 1e-12));
    }),
    cases(500),
  );
});

test('a sum of laws multiplies their transforms', () => {
  const [a, b] = [sampledDelay([0.3, 2, 1]), shiftedDelay(0.2, 4)];
  const s = complex(0.2, 1.3);
  const [x, y, z] = [a, b, sumOfDelays(a, b)].map(law => transform(law, s).value);
  near(z.re, x.re * y.re - x.im * y.im, 1e-15);
  near(z.im, x.re * y.im + x.im * y.re, 1e-15);
});

test('laws that are none are refused', () => {
  const two = exponentialDelay(1);
  refused(() => fixedDelay(-1), 'CONFIG_RANGE', 'delay', 'found -1');
  refused(() => exponentialDelay(0), 'CONFIG_RANGE', 'mean');
  refused(() => shiftedDelay(1, 0), 'CONFIG_RANGE', 'rate');
  refused(() => sampledDelay([]), 'CONFIG_RANGE', 'samples');
  refused(() => sampledDelay([1, Number.NaN]), 'CONFIG_RANGE', 'sample 1');
  refused(() => sampledDelay(new Float64Array(1025)), 'CONFIG_RANGE', '1024', 'quantiles');
  refused(() => sumOfDelays(two, two), 'CONFIG_RANGE', 'samples of the sum');
  refused(() => truncatedDelay(fixedDelay(2), 1), 'CONFIG_RANGE', 'found 1', 'from 2');
  refused(() => delayQuantile(two, 1), 'CONFIG_RANGE', 'portion');
});
