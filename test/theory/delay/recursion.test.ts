/** The recursion's bounds: printed values, both sides of each by running it, and its roots. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedDelay } from '../../../src/theory/delay/law.js';
import { largestSmoothStep, largestStableStep, settlingUpdates } from '../../../src/theory/delay/recursion.js';
import { dominantRoot } from '../../../src/theory/delay/root.js';
import { workerSweep } from '../../../src/theory/delay/workers.js';
import { refused } from '../../support/refused.js';

test('the bounds have the values that were worked out', () => {
  const table: [number, number, number][] = [
    [0, 1, 2],
    [1, 0.25, 1],
    [2, 0.148148, 0.618034],
    [3, 0.105469, 0.445042],
    [5, 0.06698, 0.28463],
    [7, 0.049087, 0.209057],
    [10, 0.035049, 0.14946],
    [15, 0.023738, 0.101298],
    [20, 0.017947, 0.076605],
    [31, 0.011679, 0.049861],
    [50, 0.007285, 0.031104],
    [100, 0.003661, 0.01563],
  ];
  for (const [delay, smooth, stable] of table) {
    assert.ok(Math.abs(largestSmoothStep(delay) - smooth) <= 5.1e-7, `p_osc(${delay}) = ${largestSmoothStep(delay)}`);
    assert.ok(Math.abs(largestStableStep(delay) - stable) <= 5.1e-7, `p_stab(${delay}) = ${largestStableStep(delay)}`);
  }
});

/** Largest |x| over the last 2 (d + 1) of `updates`, and the first update at which x was negative. */
function play(step: number, delay: number, updates: number, history: (k: number) => number = () => 1) {
  const x = Float64Array.from({ length: delay + 1 }, (_, k) => history(k));
  const values = [...x];
  for (let k = delay; k < delay + updates; k++) values.push(values[k] - step * values[k - delay]);
  const last = values.slice(-2 * (delay + 1));
  return { size: Math.max(...last.map(Math.abs)), crossed: values.findIndex(value => value < 0) };
}

test('3 % below the bound of stability the recursion dies out, 3 % above it grows', () => {
  for (const delay of [0, 1, 2, 3, 5, 7, 10, 20, 50]) {
    const bound = largestStableStep(delay);
    const updates = 2000 * (delay + 1);
    const start = play(bound, delay, 50 * (delay + 1)).size;
    assert.ok(play(0.97 * bound, delay, updates).size < 1e-3 * start, `d = ${delay}, below`);
    assert.ok(play(1.03 * bound, delay, updates).size > 1e3 * start, `d = ${delay}, above`);
    assert.equal(settlingUpdates({ step: 1.0001 * bound, delay, accuracy: 0.1 }), Number.POSITIVE_INFINITY);
    assert.ok(settlingUpdates({ step: 0.97 * bound, delay, accuracy: 0.1 }) < updates);
  }
});

test('up to the bound of oscillation some solution keeps its sign, a little above none does', () => {
  for (const delay of [1, 2, 5, 10, 30]) {
    const bound = largestSmoothStep(delay);
    // the solution r^k of the double root r = d / (d + 1) at the bound; below it the larger root
    const r = delay / (delay + 1);
    assert.equal(play(0.999 * bound, delay, 40 * (delay + 1), k => r ** k).crossed, -1, `d = ${delay}, below`);
    assert.ok(play(1.02 * bound, delay, 200 * (delay + 1), k => r ** k).crossed > 0, `d = ${delay}, above`);
  }
});

test('updates until the distance stays small are those of running it to the end', () => {
  for (const [step, delay] of [
    [0.3, 0],
    [0.2, 2],
    [0.1, 12],
    [0.02, 30],
    [0.05, 25],
  ]) {
    const values = Array(delay + 1).fill(1);
    for (let k = delay; k < 20_000; k++) values.push(values[k] - step * values[k - delay]);
    const expected = values.findLastIndex(value => Math.abs(value) > 0.01) + 1 - delay;
    assert.equal(settlingUpdates({ step, delay, accuracy: 0.01 }), expected);
  }
});

test('the sweep of workers: more are faster up to 24, then slower, then too many', () => {
  const counts = [1, 2, 4, 8, 16, 19, 24, 32, 48, 64, 70];
  const rows = workerSweep(0.02, counts, 1e-3);
  assert.deepEqual(
    rows.map(row => row.updates),
    [342, 335, 321, 290, 212, 162, 171, 326, 917, 2858, 5481],
  );
  const rounds = rows.map(row => row.rounds);
  assert.equal(rounds.indexOf(Math.min(...rounds)), counts.indexOf(24));
  // 79 is below the bound by 5 in 10,000, and takes for ever in practice; 80 is beyond
  assert.ok(0.02 < largestStableStep(78) && 0.02 > largestStableStep(79));
  const [edge, beyond] = workerSweep(0.02, [79, 80], 1e-3, 1e6);
  assert.ok(edge.updates > 100_000 && beyond.updates === Number.POSITIVE_INFINITY);
});

test('for small steps the recursion decays as the continuous equation says', () => {
  for (const z of [0.1, 0.2, 0.3, 0.6, 1]) {
    const step = 0.01;
    const delay = Math.round(z / step);
    const rate = -dominantRoot(step, fixedDelay(delay + 0.5)).re; // an update is a half more than d late, on average over its step
    const measured = Math.log(play(step, delay, 10_00 + delay).size / play(step, delay, 20_00 + delay).size) / 1000;
    assert.ok(Math.abs(measured / rate - 1) < 0.03, `z = ${z}: ${measured} for ${rate}`);
  }
});

test('what is no recursion is refused', () => {
  refused(() => largestStableStep(-1), 'CONFIG_RANGE', 'delay');
  refused(() => largestSmoothStep(0.5), 'CONFIG_RANGE', 'delay');
  refused(() => settlingUpdates({ step: 0, delay: 1, accuracy: 0.1 }), 'CONFIG_RANGE', 'step');
  refused(() => settlingUpdates({ step: 0.1, delay: 1, accuracy: 1 }), 'CONFIG_RANGE', 'accuracy');
  refused(() => settlingUpdates({ step: 0.1, delay: 1, accuracy: 0.1, most: 0 }), 'CONFIG_RANGE', 'updates');
  refused(() => workerSweep(0.1, [0], 0.1), 'CONFIG_RANGE', 'workers');
});
