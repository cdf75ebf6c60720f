/** The recursion of second moments against runs drawn by hand, and its limits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normal, source } from '../../src/random.js';
import { coupledError } from '../../src/theory/coupled.js';
import { refused } from '../support/refused.js';

const steps = { rate: 2, offset: 20, ratio: 1.5, variance: 1 };
/** Of a ring of three, all weights 1/2 on itself and 1/4 on the others. */
const eigenvalues = [1, 0.25, 0.25];

test('rounds of three nodes, drawn many times, have the errors of the recursion', () => {
  const rounds = [1, 5, 40];
  const runs = 4000;
  const sums = rounds.map(() => 0);
  for (let run = 0; run < runs; run++) {
    const draws = source(run, 'test');
    let x = [0, 0, 0];
    let theta = [0, 0, 0];
    for (let k = 0; k < 40; k++) {
      const a = steps.rate / (k + steps.offset);
      const c = steps.ratio * a;
      const steppedX = x.map((value, i) => value - a * (value - theta[i] + normal(draws, i, 2 * k)));
      const steppedTheta = theta.map((value, i) => value - c * (value - 1 + normal(draws, i, 2 * k + 1)));
      const mix = (values: readonly number[]) =>
        values.map((own, i) => own / 2 + (values[(i + 1) % 3] + values[(i + 2) % 3]) / 4);
      [x, theta] = [mix(steppedX), mix(steppedTheta)];
      const at = rounds.indexOf(k + 1);
      if (at >= 0) sums[at] += x.reduce((sum, value) => sum + (value - 1) ** 2, 0) / 3;
    }
  }
  const exact = coupledError(eigenvalues, steps, rounds);
  for (const [k, sum] of sums.entries())
    assert.ok(Math.abs(sum / runs / exact[k] - 1) < 0.06, `${sum / runs}, must be ${exact[k]}`);
});

test('at the start it is 1; n k times it has a limit that n does not change', () => {
  assert.deepEqual(coupledError(eigenvalues, steps, [0]), [1]);
  const flat = (nodes: number) => {
    const alike = [1, ...new Array<number>(nodes - 1).fill(0)]; // the complete graph
    const [one, two] = coupledError(alike, { ...steps, ratio: 1 }, [50_000, 100_000]);
    assert.ok(Math.abs((2 * two) / one - 1) < 0.02);
    return nodes * 1e5 * two;
  };
  assert.ok(Math.abs(flat(16) / flat(1) - 1) < 0.02);
});

test('what is no mixing matrix is refused', () => {
  refused(() => coupledError([0.5, 0.5], steps, [1]), 'CONFIG_RANGE', 'eigenvalues');
  refused(() => coupledError([1, 1.5], steps, [1]), 'CONFIG_RANGE', 'eigenvalues');
  refused(() => coupledError([1], { ...steps, rate: 0 }, [1]), 'CONFIG_RANGE', 'rate');
});
