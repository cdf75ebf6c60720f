/** The stored means of the regressions and of compressed consensus are those of the naive simulations. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decays, rounds } from '../../src/reproduce/decays.js';
import { expectations } from '../../src/reproduce/regressions.js';
import { figures } from '../support/naive/decays.js';
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

test('some figures of compressed consensus are made again by the naive simulation', () => {
  for (const [rule, gamma] of [
    ['choco', 0.2],
    ['adagossip', 0.003],
  ] as const) {
    const stored = decays.find(line => line.rule === rule && line.gamma === gamma)!;
    const made = figures(stored, rounds.slice(0, 1));
    for (const [t, mean] of made.mean.entries()) {
      assert.ok(Math.abs(mean - stored.mean[t]) < 1e-3, `${rule} ${gamma}: ${mean}, stored ${stored.mean[t]}`);
      assert.ok(Math.abs(made.deviation[t] - stored.deviation[t]) < 1e-3, `${rule} ${gamma}: deviation ${made.deviation[t]}`);
    }
  }
  for (const { mean, deviation, check, runs } of decays) {
    assert.deepEqual([mean.length, deviation.length, check.length, runs], [rounds.length, rounds.length, rounds.length, 16]);
    assert.ok(deviation.every(value => value > 0));
  }
});
