import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Churn, openChurn } from '../../src/engine/churn.js';
import { HearsayError } from '../../src/errors.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';
import { kolmogorovSmirnov } from '../support/statistics.js';

const open = (text: string, seed = 1, trace = '') => openChurn(text, { seed, nodes: 90, capacity: 100, read: () => trace });
const event = (churn: Churn, k: number) => [churn.time(k), churn.kind(k), churn.node(k), churn.draw(k)];

test('none never comes', () => {
  assert.equal(open('none').time(0), Number.POSITIVE_INFINITY);
});

test('rates are a Poisson process of each kind, with draws for the node', () => {
  const count = 100_000;
  for (let seed = 0; seed < 3; seed++) {
    const churn = open('rates:join=3,leave=1,crash=0.5', seed);
    const gaps = Float64Array.from({ length: count }, (_, k) => churn.time(k) - (k > 0 ? churn.time(k - 1) : 0));
    const draws = Float64Array.from({ length: count }, (_, k) => churn.draw(k));
    assert.ok(gaps.every(gap => gap >= 0) && draws.every(draw => draw >= 0 && draw < 1));
    const mean = churn.time(count - 1) / count;
    assert.ok(Math.abs(mean - 1 / 4.5) < 4 / 4.5 / Math.sqrt(count), `${mean}`);
    assert.ok(kolmogorovSmirnov(gaps, x => 1 - Math.exp(-4.5 * x)) > 1e-3);
    assert.ok(kolmogorovSmirnov(draws, x => x) > 1e-3);
    const crashes: number[] = [];
    const counts = { join: 0, leave: 0, crash: 0 };
    for (let k = 0; k < count; k++) {
      counts[churn.kind(k)]++;
      if (churn.kind(k) === 'crash') crashes.push(churn.time(k));
      assert.equal(churn.node(k), -1);
    }
    for (const [kind, share] of [
      ['join', 3 / 4.5],
      ['leave', 1 / 4.5],
      ['crash', 0.5 / 4.5],
    ] as const)
      assert.ok(Math.abs(counts[kind] - share * count) < 4 * Math.sqrt(share * (1 - share) * count), `${kind}: ${counts[kind]}`);
    const between = Float64Array.from(crashes, (time, k) => time - (crashes[k - 1] ?? 0));
    assert.ok(kolmogorovSmirnov(between, x => 1 - Math.exp(-0.5 * x)) > 1e-3);
  }
});

test('a rate of 0 gives no such event', () => {
  for (const [text, kind] of [
    ['rates:crash=2', 'crash'],
    ['rates:leave=0.1', 'leave'],
    ['rates:join=1,crash=0', 'join'],
  ])
    for (let k = 0; k < 2000; k++) assert.equal(open(text).kind(k), kind);
});

test('an event is a function of seed and number, whatever was asked for before', () => {
  const text = 'rates:join=1,leave=1,crash=1';
  const all = Array.from({ length: 400 }, (_, k) => event(open(text, 9), k));
  const churn = open(text, 9);
  fc.assert(
    fc.property(fc.nat(399), k => assert.deepEqual(event(churn, k), all[k])),
    cases(300),
  );
  assert.notDeepEqual(event(open(text, 10), 0), all[0]);
});

test('a trace is what it says, then nothing', () => {
  const churn = open('trace:events.txt', 1, '# time kind node\n0 join 97\n1.5 crash 3 # gone\n\n1.5\tleave 89\r\n');
  assert.deepEqual(
    [0, 1, 2].map(k => event(churn, k)),
    [
      [0, 'join', 97, 0],
      [1.5, 'crash', 3, 0],
      [1.5, 'leave', 89, 0],
    ],
  );
  assert.deepEqual([churn.time(3), churn.time(1e9), churn.node(3)], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1]);
});

test('bad churn is refused, each with its code', () => {
  const range = [
    ...[
      '',
      'some',
      'none:1',
      'rates',
      'rates:join=0',
      'rates:join=0,crash=0',
      'rates:join=-1',
      'rates:crash=NaN',
      'rates:leave=1e10',
    ],
    ...['rates:1,2,3', 'trace', 'trace:'],
  ];
  for (const text of range)
    refused(() => openChurn(text, { seed: 1, nodes: 4, capacity: 4 }, '--churn'), 'CONFIG_RANGE', '--churn');
  refused(() => open('rates:die=1'), 'CONFIG_UNKNOWN_KEY', 'churn');
  refused(() => open('none:join=1'), 'CONFIG_UNKNOWN_KEY', 'churn');
  refused(() => openChurn('trace:./no.txt', { seed: 1, nodes: 4, capacity: 4 }), 'DATA_NOT_FOUND', './no.txt');
  const bad = (line: string, code: HearsayError['code'], word: string) =>
    refused(() => open('trace:t.txt', 1, `1 join 91\n${line}\n2 join 92`), code, 'churn: trace t.txt, line 2', word);
  bad('1.5 crash', 'DATA_CORRUPT', 'time kind node');
  bad('1.5 crash 3 4', 'DATA_CORRUPT', 'time kind node');
  bad('x crash 3', 'DATA_CORRUPT', 'a time from 0');
  bad('-1 crash 3', 'DATA_CORRUPT', 'a time from 0');
  bad('1e13 crash 3', 'DATA_CORRUPT', 'a time from 0');
  bad('nan crash 3', 'DATA_NONFINITE', 'a finite time');
  bad('inf crash 3', 'DATA_NONFINITE', 'a finite time');
  bad('0.5 crash 3', 'DATA_CORRUPT', 'a time from 1, that of the line before');
  bad('1.5 die 3', 'DATA_CORRUPT', 'join | leave | crash');
  bad('1.5 crash 100', 'DATA_CORRUPT', 'a node from 0 to 99');
  bad('1.5 crash 1.5', 'DATA_CORRUPT', 'a node from 0 to 99');
  bad('1.5 crash -1', 'DATA_CORRUPT', 'a node from 0 to 99');
  bad('1.5 join 3', 'DATA_CORRUPT', 'a node that is not there yet');
  bad('1.5 join 91', 'DATA_CORRUPT', 'a node that is not there yet');
  bad('1.5 crash 95', 'DATA_CORRUPT', 'a node that is there');
  const everybody = Array.from({ length: 90 }, (_, node) => `1 leave ${node}`).join('\n');
  refused(() => open('trace:t.txt', 1, everybody), 'DATA_CORRUPT', 'line 90', 'any but the last node');
  refused(() => open('trace:t.txt', 1, '# none\n'), 'DATA_TOO_SMALL', 'found no event');
  refused(() => open('trace:t.txt', 1, '1 crash 1\n1 join 1\n'.repeat(2 ** 21 + 1)), 'DATA_TOO_LARGE', 'more than 4194304');
});

test('any trace is a churn or a named error', () => {
  const word = fc.constantFrom('0', '1', '2.5', '-1', 'join', 'leave', 'crash', '99', '100', 'nan', '#', ' ', '\n', '\t', '\r\n');
  const total = (words: string[]) => {
    try {
      assert.ok(open('trace:x', 1, words.join('')).time(0) >= 0);
    } catch (error) {
      assert.ok(error instanceof HearsayError, `${error}`);
    }
  };
  fc.assert(fc.property(fc.array(word, { maxLength: 20 }), total), cases(2000));
});
