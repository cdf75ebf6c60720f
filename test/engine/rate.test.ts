import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRate } from '../../src/engine/rate.js';
import { refused } from '../support/refused.js';

test('a rate is a number, ln n or n', () => {
  assert.equal(readRate('2.5', 100), 2.5);
  assert.equal(readRate('n', 100), 100);
  for (const nodes of [2, 10, 1000, 1e6]) assert.ok(Math.abs(readRate('log', nodes) - Math.log(nodes)) < 1e-14 * nodes);
});

test('one node has the rates of two: a rate is never 0', () => {
  assert.deepEqual([readRate('n', 1), readRate('log', 1)], [2, readRate('log', 2)]);
});

test('a bad rate is refused', () => {
  for (const text of ['', '0', '-1', 'NaN', 'Infinity', '1e10', 'ln', 'N', '0x1', '1 '])
    refused(() => readRate(text, 10, '--gossip-rate'), 'CONFIG_RANGE', '--gossip-rate', `'${text}'`, 'a number above 0');
});
