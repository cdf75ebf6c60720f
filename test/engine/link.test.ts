import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { openLines } from '../../src/engine/lines.js';
import { type Link, moduleLink, namedLink } from '../../src/engine/link.js';
import { simulate } from '../../src/threads/train.js';
import { refused } from '../support/refused.js';
import { kolmogorovSmirnov, moments } from '../support/statistics.js';

const open = (text: string, seed = 1) => namedLink(text, { seed, nodes: 16 });

/** Delays of messages between many pairs, many of each. */
function delays(link: Link, count: number, bytes = 100): Float64Array {
  return Float64Array.from({ length: count }, (_, i) =>
    link.delay(i % 10, 10 + (Math.floor(i / 10) % 10), Math.floor(i / 100), bytes),
  );
}

test('an ideal link delivers at once', () => {
  const link = open('ideal');
  assert.deepEqual([link.ideal, link.name], [true, 'ideal']);
  assert.ok(delays(link, 1000).every(delay => delay === 0));
  for (const text of ['delay', 'delay:mean=0', 'delay:law=exponential']) {
    assert.ok(open(text).ideal && delays(open(text), 1000).every(delay => delay === 0), text);
  }
});

test('delays follow their law', () => {
  const count = 100_000;
  const laws: readonly [string, number, number][] = [
    ['delay:mean=0.1', 0.1, 0],
    ['delay:mean=0.1,law=exponential', 0.1, 0.01],
    ['delay:law=shifted,c=0.02,mu=10', 0.12, 0.01],
    ['delay:mean=2,law=lognormal,sigma=0.5', 2, 4 * (Math.exp(0.25) - 1)],
    ['delay:mean=1,law=pareto,shape=3', 1, ((2 / 3) ** 2 * 3) / 1 - 1],
  ];
  for (const [text, mean, variance] of laws) {
    const link = open(text);
    assert.ok(!link.ideal);
    const found = moments(delays(link, count));
    assert.ok(Math.abs(found.mean - mean) <= 4 * Math.sqrt(variance / count) + 1e-12, `${text}: ${found.mean}`);
  }
  const p = kolmogorovSmirnov(delays(open('delay:mean=0.1,law=exponential'), count), x => 1 - Math.exp(-10 * x));
  assert.ok(p > 1e-3, `p = ${p}`);
});

test('a line takes one message after another, at its bandwidth', () => {
  assert.deepEqual([open('delay:bandwidth=1000').ideal, open('delay:bandwidth=1000').bandwidth], [false, 1000]);
  const free = new Float64Array(2);
  const lines = openLines(free, 1000);
  assert.equal(lines.take(0, 500, 10), 0.5);
  assert.equal(lines.take(0, 500, 10), 1, 'the second waits for the first');
  assert.equal(lines.take(1, 500, 10), 0.5, 'on its own line');
  assert.equal(lines.take(0, 500, 10.75), 0.75);
  assert.equal(lines.take(0, 500, 20), 0.5, 'free again');
  lines.take(0, 1e6, 20);
  lines.clear(0);
  assert.equal(lines.take(0, 500, 20), 0.5);
  assert.equal(openLines(free).take(0, 1e9, 0), 0);
});

test('however often a node wants to send, no more goes out than its bandwidth', async () => {
  const input: ExperimentInput = {
    ...{ data: 'none', model: 'noise:250', batch: 1, nodes: 4, track: 0, time: 50, evaluateEvery: '50s', parallel: 'never' },
    ...{ algorithm: 'gossip:rate=5', link: 'delay:bandwidth=2000', slots: 2000, threads: 1 }, // two messages a second
  };
  const { done } = await simulate(input).result;
  assert.ok(done.exchanges <= 4 * 2 * 50 && done.exchanges > 0.95 * 4 * 2 * 50, `${done.exchanges}`);
  const pulls = (await simulate({ ...input, slots: null, algorithm: 'gossip:rate=5,mix=pull' }).result).done;
  assert.ok(pulls.exchanges <= 4 * 2 * 50, `${pulls.exchanges}`);
});

test('messages are lost as often as is said, and the others come as they would', () => {
  const count = 100_000;
  const lossy = delays(open('delay:mean=0.1,law=exponential,loss=0.05'), count);
  const sure = delays(open('delay:mean=0.1,law=exponential'), count);
  const lost = lossy.filter(delay => delay === -1).length;
  assert.ok(Math.abs(lost - 0.05 * count) < 4 * Math.sqrt(0.05 * 0.95 * count), `${lost}`);
  assert.ok(lossy.every((delay, i) => delay === -1 || delay === sure[i]));
  const { mean, meanError } = moments(lossy.filter(delay => delay >= 0)); // a loss doesn't choose the slow ones, nor the fast
  assert.ok(Math.abs(mean - 0.1) < 4 * meanError, `${mean}`);
  assert.ok(delays(open('delay:loss=1'), 1000).every(delay => delay === -1));
});

test('a delay is a function of seed, pair and message, whatever was asked for before', () => {
  const text = 'delay:mean=1,law=exponential,loss=0.2';
  const all = delays(open(text, 5), 5000);
  const link = open(text, 5);
  for (let i = 4999; i >= 0; i -= 11)
    assert.equal(link.delay(i % 10, 10 + (Math.floor(i / 10) % 10), Math.floor(i / 100), 100), all[i]);
  assert.notDeepEqual(delays(open(text, 6), 5000), all);
  const one = open('delay:law=exponential,mean=1');
  const drawn = [
    one.delay(1, 2, 0, 0),
    one.delay(2, 1, 0, 0),
    one.delay(1, 3, 0, 0),
    one.delay(1, 2, 1, 0),
    one.delay(0, 2, 0, 0),
  ];
  assert.equal(new Set(drawn).size, drawn.length);
});

test('bad links are refused, each with its code', () => {
  const range = [
    ...[
      '',
      'perfect',
      'ideal:1',
      'delay:0.1',
      'delay:mean=-1',
      'delay:mean=nan',
      'delay:mean=1e10',
      'delay:law=gamma',
      'delay:law=',
    ],
    ...[
      'delay:loss=-0.1',
      'delay:loss=1.1',
      'delay:loss=x',
      'delay:bandwidth=0',
      'delay:bandwidth=-5',
      'delay:bandwidth=Infinity',
    ],
    ...['delay:law=shifted,mu=0', 'delay:law=pareto,shape=1', 'delay:law=lognormal,sigma=-1', './mine.js'],
  ];
  for (const text of range) refused(() => namedLink(text, { seed: 1, nodes: 2 }, '--link'), 'CONFIG_RANGE', '--link');
  for (const text of [
    'delay:speed=1',
    'delay:shape=2',
    'delay:law=shifted,mean=1',
    'delay:law=exponential,sigma=1',
    'ideal:loss=1',
  ])
    refused(() => open(text), 'CONFIG_UNKNOWN_KEY', 'link');
});

test("a user's link is watched", () => {
  for (const returned of [
    undefined,
    null,
    5,
    {},
    { name: 'x', ideal: true },
    { name: 1, ideal: true, delay() {} },
    { name: 'x', delay() {} },
  ])
    refused(() => moduleLink(returned, './mine.js'), 'MODULE_INVALID', 'link ./mine.js', 'must return a Link');
  const returning = (value: unknown) => moduleLink({ name: 'mine', ideal: false, delay: () => value as number }, './mine.js');
  for (const value of [0, -1, 0.5, 1e300]) assert.equal(returning(value).delay(0, 1, 2, 3), value);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -0.5, -2, undefined, '1'])
    refused(() => returning(value).delay(0, 1, 2, 3), 'MODULE_INVALID', 'delay(0, 1, 2, 3)', `found ${value}`);
  const narrow = { name: 'narrow', ideal: false, bandwidth: 0, delay: () => 0 };
  refused(() => moduleLink(narrow, './mine.js'), 'MODULE_INVALID', 'found bandwidth 0');
  const own = { name: 'own', ideal: false, factor: 3, delay: (from: number, to: number) => from + to };
  const bound = {
    ...own,
    delay(this: typeof own, from: number) {
      return from * this.factor;
    },
  };
  assert.equal(moduleLink(own, 'x').delay(1, 2, 0, 0), 3);
  assert.equal(moduleLink(bound, 'x').delay(2, 2, 0, 0), 6);
});
