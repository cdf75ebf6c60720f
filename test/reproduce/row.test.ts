import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normal, source } from '../../src/random.js';
import { meanOf, meanOfSeries, median } from '../../src/reproduce/measured.js';
import { agrees, between, near, shown } from '../../src/reproduce/row.js';

const at = (value: number) => ({ value, error: 0.1 });

test('near: within a share of what is expected, bounds included', () => {
  for (const [measured, passed] of [
    [9.5, true],
    [10.5, true],
    [9.49, false],
    [10.51, false],
    [Number.NaN, false],
  ] as const)
    assert.equal(near('', at(measured), 10, 0.05).passed, passed, `${measured}`);
  assert.equal(near('', at(-10.4), -10, 0.05).passed, true);
  assert.equal(near('', at(10), 10, 0.05).tolerance, '5 %');
});

test('agrees: so many standard errors of the difference', () => {
  const naive = { value: 2, error: 0.1 };
  assert.equal(agrees('', at(2.39), naive, 4).passed, true);
  assert.equal(agrees('', at(2.41), naive, 4).passed, false);
  assert.deepEqual([agrees('', at(2), naive, 4, 7).beside, agrees('', at(2), naive, 4).tolerance], [7, '20 %']);
});

test('between: one bound or two; not a number is never between', () => {
  assert.equal(between('', at(3), 2, null).passed, true);
  assert.equal(between('', at(3), null, 2).passed, false);
  assert.equal(between('', at(Number.NaN), null, null).passed, false);
  assert.equal(between('', at(3), 2, 4).tolerance, 'at least 2, at most 4');
  assert.equal(shown('', at(3)).passed, true);
  assert.equal(shown('', { value: 3, error: Number.NaN }).error, null);
});

test('the error of a mean covers what it says, also where values follow each other slowly', () => {
  const draws = source(7, 'noise');
  let inside = 0;
  for (let run = 0; run < 200; run++) {
    let value = 0;
    const series = Array.from({ length: 4000 }, (_, k) => (value = 0.9 * value + normal(draws, run, k)));
    const { value: mean, error } = meanOfSeries(series);
    if (Math.abs(mean) < 2 * error) inside++;
  }
  assert.ok(inside > 165 && inside < 198, `${inside} of 200 within two standard errors`); // of 6 parts: 90 % are
  const { value, error } = meanOf([1, 2, 3, 4]);
  assert.deepEqual([value, error.toFixed(6)], [2.5, (Math.sqrt(5 / 3) / 2).toFixed(6)]);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

test('the error of a mean is right on average, even where a run is only thirty memories long', () => {
  const draws = source(7, 'memory');
  const memory = Math.exp(-30 / 4000);
  let [said, found] = [0, 0];
  for (let run = 0; run < 300; run++) {
    let value = 0;
    for (let k = 0; k < 400; k++) value = memory * value + normal(draws, run, 1e6 + k);
    const series = Array.from({ length: 4000 }, (_, k) => (value = memory * value + normal(draws, run, k)));
    const { value: mean, error } = meanOfSeries(series);
    said += error ** 2;
    found += mean ** 2;
  }
  const share = Math.sqrt(said / found);
  assert.ok(share > 0.78 && share < 1.05, `${share}`);
});
