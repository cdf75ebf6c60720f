import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSpeeds } from '../../src/engine/speeds.js';
import { refused } from '../support/refused.js';
import { kolmogorovSmirnov, moments, phi } from '../support/statistics.js';

const n = 100_000;

test('the same speed is 1', () => {
  assert.deepEqual([...openSpeeds('same', 3, 1)], [1, 1, 1]);
});

test('drawn speeds have mean 1, and their distribution', () => {
  const laws: readonly [string, number, (x: number) => number][] = [
    ['uniform:spread=0.5', 0.5 ** 2 / 3, x => x - 0.5],
    ['uniform:spread=0.9', 0.9 ** 2 / 3, x => (x - 0.1) / 1.8],
    ['lognormal:sigma=1', Math.E - 1, x => phi(Math.log(x) + 0.5)],
  ];
  for (const [text, variance, distribution] of laws) {
    const speeds = openSpeeds(text, n, 1);
    const { mean } = moments(speeds);
    assert.ok(Math.abs(mean - 1) < 4 * Math.sqrt(variance / n), `${text}: ${mean}`);
    assert.ok(speeds.every(speed => speed > 0));
    assert.ok(kolmogorovSmirnov(speeds, distribution) > 1e-3, text);
  }
});

test('a speed is a function of seed and node: more nodes leave it as it was', () => {
  for (const text of ['uniform:spread=0.5', 'lognormal:sigma=0.3']) {
    assert.deepEqual(openSpeeds(text, 50, 4), openSpeeds(text, 500, 4).slice(0, 50));
    assert.notDeepEqual(openSpeeds(text, 50, 4), openSpeeds(text, 50, 5));
  }
  assert.deepEqual(openSpeeds('uniform', 5, 1), openSpeeds('uniform:spread=0.5', 5, 1));
});

test('measured speeds are divided by their mean, whatever their unit', () => {
  const read = () => '10 # samples a second\n20\n30\n1000\n';
  assert.deepEqual([...openSpeeds('./speeds.txt', 3, 1, read)], [0.5, 1, 1.5]);
});

test('bad speeds are refused, each with its code', () => {
  for (const text of [
    '',
    'fast',
    'uniform:spread=1',
    'uniform:spread=-0.1',
    'uniform:spread=x',
    'lognormal:sigma=4',
    'uniform:0.5',
    'same:1',
  ])
    refused(() => openSpeeds(text, 4, 1, undefined, '--speeds'), 'CONFIG_RANGE', '--speeds');
  for (const text of ['uniform:sigma=1', 'lognormal:spread=1', 'same:spread=1'])
    refused(() => openSpeeds(text, 4, 1), 'CONFIG_UNKNOWN_KEY', 'speeds');
  refused(() => openSpeeds('./none.txt', 4, 1), 'DATA_NOT_FOUND', './none.txt');
  const file = (text: string) => () => openSpeeds('a.txt', 2, 1, () => text);
  refused(file('1\n'), 'DATA_TOO_SMALL', 'found 1 speeds, allowed are 2 or more');
  refused(file(''), 'DATA_TOO_SMALL', 'a.txt');
  refused(file('1\n0\n'), 'DATA_CORRUPT', 'line 2');
  refused(file('1\nnan\n'), 'DATA_NONFINITE', 'line 2');
});
