/** Lambert's W against its definition, its branches, and values known in closed form. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { add, type Complex, complex, exp, log, multiply, size, subtract } from '../../../src/theory/delay/complex.js';
import { lambertW } from '../../../src/theory/delay/lambertw.js';
import { cases } from '../../support/cases.js';
import { refused } from '../../support/refused.js';

const solves = (z: Complex, branch: number) => {
  const w = lambertW(z, branch);
  const off = size(subtract(multiply(w, exp(w)), z));
  assert.ok(off <= 1e-12 * size(z), `W_${branch}(${z.re} + ${z.im}i) = ${w.re} + ${w.im}i is ${off} off`);
  return w;
};

/** Any size, any angle, the cuts included. */
const numbers = fc
  .tuple(fc.double({ min: -30, max: 30, noNaN: true }), fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }))
  .map(([power, turn]) => complex(10 ** power * Math.cos(turn), Math.abs(turn) > 3.1 ? 0 : 10 ** power * Math.sin(turn)));
/** About the branch point, from a bit away to nowhere near. */
const near = fc
  .tuple(fc.double({ min: -17, max: 0, noNaN: true }), fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }))
  .map(([power, turn]) => complex(-1 / Math.E + 10 ** power * Math.cos(turn), 10 ** power * Math.sin(turn)));
const branches = fc.integer({ min: -20, max: 20 });

test('w e^w is z to 1e-12, on every branch, near the branch point and far from it', () => {
  fc.assert(
    fc.property(fc.oneof(numbers, near), branches, (z, branch) => void solves(z, branch)),
    cases(20_000),
  );
});

test('a value lies on its branch', () => {
  fc.assert(
    fc.property(fc.oneof(numbers, near), branches, (z, branch) => {
      const w = solves(z, branch);
      if (branch === 0) {
        // the region of W_0: right of the curve -y cot y
        assert.ok(Math.abs(w.im) < Math.PI);
        const edge = w.im === 0 ? -1 : -w.im / Math.tan(w.im);
        assert.ok(w.re >= edge - 1e-7 * (1 + Math.abs(edge)), `${w.re} left of ${edge}`);
        return;
      }
      // w + log w - log z is 2 pi i k, but for W_-1 on the cut between the branch point and 0
      const turns = subtract(add(w, log(w)), log(z)).im / (2 * Math.PI);
      const expected = branch === -1 && z.im === 0 && z.re < 0 && z.re >= -1 / Math.E ? 0 : branch;
      // within rounding of the negative axis both values of the angle of w are right
      const rim = Math.abs(w.im) < 1e-6 * size(w) && Math.abs(branch) === 1;
      assert.ok(Math.abs(turns - expected) < 1e-6 || rim, `branch ${branch}: ${turns} turns at ${z.re} + ${z.im}i`);
    }),
    cases(20_000),
  );
});

test('values in closed form: the omega constant, the branch point from both sides, the edge of stability', () => {
  const close = (w: Complex, re: number, im: number, within = 1e-15) =>
    assert.ok(Math.hypot(w.re - re, w.im - im) <= within, `${w.re} + ${w.im}i for ${re} + ${im}i`);
  close(lambertW(complex(1)), 0.5671432904097838, 0);
  close(lambertW(complex(Math.E)), 1, 0);
  close(lambertW(complex(0)), 0, 0);
  close(lambertW(complex(-Math.PI / 2)), 0, Math.PI / 2);
  close(lambertW(complex(-1 / Math.E)), -1, 0, 3e-8);
  close(lambertW(complex(-1 / Math.E), -1), -1, 0, 3e-8);
  close(lambertW(complex(-2 * Math.exp(-2)), -1), -2, 0, 1e-14);
  close(lambertW(complex(-0.5 * Math.exp(-0.5))), -0.5, 0);
  // both real branches reach the point where they meet from their own side
  fc.assert(
    fc.property(fc.double({ min: -15, max: -0.5, noNaN: true }), power => {
      const z = complex(-1 / Math.E + 10 ** power);
      const [upper, lower] = [lambertW(z), lambertW(z, -1)];
      assert.ok(upper.im === 0 && upper.re > -1, `${upper.re}`);
      assert.ok(lower.im === 0 && lower.re < -1, `${lower.re}`);
    }),
    cases(500),
  );
});

test('conjugates go to conjugates', () => {
  fc.assert(
    fc.property(numbers, branches, (z, branch) => {
      fc.pre(z.im !== 0);
      const [w, mirrored] = [lambertW(z, branch), lambertW(complex(z.re, -z.im), -branch)];
      assert.ok(Math.hypot(w.re - mirrored.re, w.im + mirrored.im) <= 1e-12 * size(w));
    }),
    cases(2000),
  );
});

test('arguments without a value are refused', () => {
  refused(() => lambertW(complex(0), 1), 'CONFIG_RANGE', 'Lambert W', 'found 0');
  refused(() => lambertW(complex(Number.NaN)), 'CONFIG_RANGE', 'found NaN');
  refused(() => lambertW(complex(1), 0.5), 'CONFIG_RANGE', 'branch');
  refused(() => lambertW(complex(Number.POSITIVE_INFINITY)), 'CONFIG_RANGE');
});
