/** The stored means of the regressions are those of the naive simulation. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectations } from '../../src/reproduce/regressions.js';
import { expectation, runsOf } from '../support/naive/expectations.js';

test('some lines of the table are made again by the naive simulation', () => {
  for (const [task, nodes, rate] of [
    ['linear', 10, '0'],
    ['tanh', 10, '1'],
  ] as const) {
    const stored = expectations.find(line => line.task === task && line.nodes === nodes && line.rate === rate)!;
    const made = expectation(task, nodes, rate);
    assert.equal(made.runs, stored.runs);
    for (const [k, mean] of made.mean.entries()) {
      // logarithm and cosine of another engine may differ in their last bits
      assert.ok(Math.abs(mean / stored.mean[k] - 1) < 1e-3, `${task} ${rate}, mean ${k}: ${mean}, stored ${stored.mean[k]}`);
      assert.ok(Math.abs(made.deviation[k] / stored.deviation[k] - 1) < 1e-3, `${task} ${rate}, deviation ${k}`);
    }
  }
});

test('every task, size and rate has its line, of as many figures as there are', () => {
  assert.equal(expectations.length, 2 * 3 * 4);
  assert.equal(new Set(expectations.map(({ task, nodes, rate }) => `${task} ${nodes} ${rate}`)).size, 24);
  for (const { nodes, runs, mean, deviation } of expectations) {
    assert.equal(runs, runsOf(nodes));
    assert.deepEqual([mean.length, deviation.length], [12, 12]);
    for (const value of [...mean, ...deviation]) assert.ok(value > 0);
  }
});
