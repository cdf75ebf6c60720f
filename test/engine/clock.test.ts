import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Clock, openClock } from '../../src/engine/clock.js';
import { openQueue, queueBytes } from '../../src/engine/queue.js';
import { HearsayError } from '../../src/errors.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';
import { kolmogorovSmirnov, moments, phi } from '../support/statistics.js';

const open = (text: string, seed = 1, trace = '') => openClock(text, { seed, purpose: 'test', read: () => trace });

/** Durations of many nodes, many of each. */
function durations(clock: Clock, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => clock.duration(i % 500, Math.floor(i / 500)));
}

const log = Math.log;
const lognormal = (mean: number, sigma: number) => (x: number) => phi((log(x / mean) + sigma ** 2 / 2) / sigma);
const pareto = (mean: number, shape: number) => (x: number) => 1 - ((mean * (shape - 1)) / shape / x) ** shape;

/** Each law with its mean and second moment by hand, and its distribution function. */
const laws: readonly [text: string, mean: number, secondMoment: number, distribution: (x: number) => number][] = [
  ['exponential', 1, 2, x => 1 - Math.exp(-x)],
  ['exponential:mean=0.25', 0.25, 0.125, x => 1 - Math.exp(-4 * x)],
  ['shifted', 1, 1.25, x => 1 - Math.exp(-2 * (x - 0.5))],
  ['shifted:c=2,mu=0.5', 4, 20, x => 1 - Math.exp(-0.5 * (x - 2))],
  ['lognormal', 1, Math.exp(0.25), lognormal(1, 0.5)],
  ['lognormal:mean=3,sigma=1', 3, 9 * Math.E, lognormal(3, 1)],
  ['pareto', 1, (0.6 ** 2 * 2.5) / 0.5, pareto(1, 2.5)],
  ['pareto:mean=2,shape=8', 2, (1.75 ** 2 * 8) / 6, pareto(2, 8)],
  ['pareto:mean=1,shape=1.1', 1, Number.POSITIVE_INFINITY, pareto(1, 1.1)],
];

test('every law has the mean, the second moment and the distribution that it says', () => {
  const count = 200_000;
  for (const [text, mean, secondMoment, distribution] of laws) {
    const clock = open(text);
    assert.equal(clock.name, text);
    assert.ok(Math.abs(clock.mean - mean) < 1e-12 * mean, text);
    assert.ok(clock.secondMoment === secondMoment || Math.abs(clock.secondMoment / secondMoment - 1) < 1e-12, text);
    const values = durations(clock, count);
    assert.ok(values.every(value => value > 0 && value < Number.POSITIVE_INFINITY));
    const p = kolmogorovSmirnov(values.slice(), distribution);
    assert.ok(p > 1e-3, `${text}: p = ${p}`);
    const found = moments(values);
    // A standard error needs a second moment, and that of the second a fourth.
    if (secondMoment < Number.POSITIVE_INFINITY)
      assert.ok(Math.abs(found.mean - mean) < 4 * Math.sqrt((secondMoment - mean ** 2) / count), `${text}: mean ${found.mean}`);
    if (text !== 'pareto' && secondMoment < Number.POSITIVE_INFINITY)
      assert.ok(
        Math.abs(found.secondMoment - secondMoment) < 4 * found.secondError,
        `${text}: second moment ${found.secondMoment}`,
      );
  }
});

test('a constant clock is constant', () => {
  const clock = open('constant:mean=0.1');
  assert.deepEqual([clock.mean, clock.secondMoment], [0.1, 0.1 * 0.1]);
  assert.ok(durations(clock, 5000).every(value => value === 0.1));
});

test('a duration is a function of seed, purpose, node and number, whatever was asked for before', () => {
  for (const text of [...laws.map(([text]) => text), 'trace:file']) {
    const trace = Array.from({ length: 97 }, (_, k) => `${k + 1}`).join('\n');
    const all = durations(open(text, 7, trace), 5000);
    const again = open(text, 7, trace);
    for (let i = 4999; i >= 0; i -= 7) assert.equal(again.duration(i % 500, Math.floor(i / 500)), all[i]);
    const differs = (other: Clock) => assert.notDeepEqual(durations(other, 5000), all, text);
    differs(open(text, 8, trace));
    differs(openClock(text, { seed: 7, purpose: 'other', read: () => trace }));
  }
});

test('the bits of the draws are the same on every machine', () => {
  let hash = 0;
  for (const [text] of laws) {
    for (const half of new Int32Array(durations(open(text, 2024), 10_000).buffer)) hash = (Math.imul(hash, 31) + half) | 0;
  }
  assert.equal(hash, -1465562285);
});

test('nodes draw apart from each other', () => {
  const clock = open('exponential');
  const [n, values] = [20_000, (node: number) => Float64Array.from({ length: 20_000 }, (_, k) => clock.duration(node, k) - 1)];
  for (const [a, b] of [
    [0, 1],
    [1, 2],
    [5, 1_000_005],
    [0, 2 ** 24],
  ]) {
    const [x, y] = [values(a), values(b)];
    const correlation = x.reduce((sum, value, k) => sum + value * y[k], 0) / n;
    const lagged = x.reduce((sum, value, k) => sum + value * (y[k + 1] ?? 0), 0) / n;
    assert.ok(
      Math.abs(correlation) < 4 / Math.sqrt(n) && Math.abs(lagged) < 4 / Math.sqrt(n),
      `${a} ${b}: ${correlation} ${lagged}`,
    );
  }
});

test('exponential clocks of many nodes through the queue are one Poisson process', () => {
  for (let seed = 0; seed < 3; seed++) {
    const nodes = 200;
    const clock = open('exponential:mean=4', seed);
    const queue = openQueue(new ArrayBuffer(queueBytes(nodes)), 0, nodes);
    const drawn = new Uint32Array(nodes);
    for (let node = 0; node < nodes; node++) queue.push(node, clock.duration(node, drawn[node]++));
    const gaps = new Float64Array(100_000);
    let now = 0;
    for (let event = 0; event < gaps.length; event++) {
      const node = queue.pop();
      gaps[event] = queue.timeOf(node) - now;
      now = queue.timeOf(node);
      queue.push(node, now + clock.duration(node, drawn[node]++));
    }
    const p = kolmogorovSmirnov(gaps, x => 1 - Math.exp((-nodes / 4) * x));
    assert.ok(p > 1e-3, `seed ${seed}: p = ${p}`);
  }
});

test('speeds divide durations and leave the draws alone', () => {
  const speeds = Float64Array.of(1, 2, 0.5);
  const plain = open('lognormal');
  const fast = openClock('lognormal', { seed: 1, purpose: 'test', speeds });
  assert.deepEqual([fast.mean, fast.secondMoment], [plain.mean, plain.secondMoment]);
  for (let k = 0; k < 100; k++)
    for (let node = 0; node < 3; node++) assert.equal(fast.duration(node, k), plain.duration(node, k) / speeds[node]);
});

test('a trace goes round from a line drawn for each node', () => {
  const clock = open('trace:some/file', 3, '# seconds\n1\n 2 \n\n4 # slow\r\n8\n');
  assert.deepEqual([clock.name, clock.mean, clock.secondMoment], ['trace:some/file', 3.75, 85 / 4]);
  const begins = new Map<number, number>();
  for (let node = 0; node < 4000; node++) {
    const [first, ...rest] = Array.from({ length: 9 }, (_, k) => clock.duration(node, k));
    begins.set(first, (begins.get(first) ?? 0) + 1);
    let value = first;
    for (const next of rest) {
      assert.equal(next, value === 8 ? 1 : 2 * value);
      value = next;
    }
  }
  for (const count of begins.values()) assert.ok(Math.abs(count - 1000) < 5 * Math.sqrt(750));
  assert.equal(begins.size, 4);
});

test('a trace is read from its file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trace-'));
  try {
    writeFileSync(join(folder, 'a=b,c.txt'), '0.5\n');
    assert.equal(openClock(`trace:${join(folder, 'a=b,c.txt')}`, { seed: 1, purpose: 'test' }).duration(3, 9), 0.5);
    refused(() => openClock(`trace:${folder}/none`, { seed: 1, purpose: 'test' }), 'DATA_NOT_FOUND', 'none', 'check the path');
    refused(() => openClock(`trace:${folder}`, { seed: 1, purpose: 'test' }), 'DATA_NOT_FOUND', 'not a plain file');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('bad clocks are refused, each with its code', () => {
  const range = [
    ...['', 'exponental', 'Exponential', 'gamma:shape=2', './mine.js', 'constructor', '__proto__', 'trace', 'trace:'],
    ...[
      'exponential:mean=0',
      'exponential:mean=-1',
      'exponential:mean=NaN',
      'exponential:mean=Infinity',
      'exponential:mean=1e10',
    ],
    ...[
      'exponential:mean=0x1',
      'exponential:mean=',
      'exponential:1',
      'constant:mean=0',
      'constant:mean=-0.1',
      'constant:mean=1e-10',
    ],
    ...['shifted:c=-1', 'shifted:mu=0', 'shifted:mu=-2', 'lognormal:mean=0', 'lognormal:sigma=-1', 'lognormal:sigma=6'],
    ...['pareto:shape=1', 'pareto:shape=0.5', 'pareto:shape=-2', 'pareto:mean=0', 'pareto:shape=101'],
  ];
  for (const text of range)
    refused(() => openClock(text, { seed: 1, purpose: 'x' }, '--clock'), 'CONFIG_RANGE', '--clock', /found|no |an /);
  for (const text of ['exponential:rate=1', 'constant:shape=2', 'shifted:mean=1', 'pareto:__proto__=2', 'lognormal:Mean=1'])
    refused(() => open(text), 'CONFIG_UNKNOWN_KEY', 'clock');
  refused(() => open('exponential:mean=1,mean=2'), 'CONFIG_TYPE', 'twice');
  refused(() => open('exponental'), 'CONFIG_RANGE', 'did you mean exponential?');
  refused(() => open('pareto:shape=1'), 'CONFIG_RANGE', 'clock: pareto: shape', "found '1'", 'allowed is a number above 1');
});

test('bad traces are refused, each with its code and line', () => {
  const bad = (text: string, code: HearsayError['code'], ...words: string[]) =>
    refused(() => open('trace:my.txt', 1, text), code, 'clock: trace my.txt', ...words);
  bad('', 'DATA_TOO_SMALL', 'found no number');
  bad('# nothing\n\n  \n', 'DATA_TOO_SMALL', 'found no number');
  for (const line of ['nan', 'NaN', 'Infinity', '-inf']) bad(`1\n2\n${line}\n`, 'DATA_NONFINITE', 'line 3', line);
  for (const line of ['0', '-1', '1e10', '1e-10', '1e999', 'one', '0x10', '1 2', '1,5', "'1'"])
    bad(`1\n${line}`, 'DATA_CORRUPT', 'line 2', 'found');
  bad('1\n'.repeat(2 ** 22 + 1), 'DATA_TOO_LARGE', 'more than 4194304');
});

test('any text is a clock or a named error', () => {
  const total = (text: string, trace: string) => {
    try {
      assert.ok(open(text, 1, trace).duration(0, 0) > 0);
    } catch (error) {
      assert.ok(error instanceof HearsayError, `${error}`);
    }
  };
  const name = fc.constantFrom('exponential', 'constant', 'shifted', 'lognormal', 'pareto', 'trace', '');
  const part = fc.constantFrom(':', ',', '=', 'mean', 'c', 'mu', 'sigma', 'shape', '1', '2.5', '-1', '1e9', ' ', 'x');
  const written = fc.tuple(name, fc.array(part, { maxLength: 8 })).map(([name, parts]) => name + parts.join(''));
  const line = fc.oneof(fc.double().map(String), fc.string(), fc.constantFrom('1', '2.5', '# x', ''));
  const trace = fc.array(line, { maxLength: 6 }).map(lines => lines.join('\n'));
  fc.assert(fc.property(fc.oneof(written, fc.string()), trace, total), cases(3000));
});
