/** Threads that die at any instruction: no node, no step and no lock is lost, and the sum is exact. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '../../src/index.js';
import type * as Threads from '../../src/threads/train.js';
import { train } from '../../src/threads/train.js';
import { copyProgram, type Patch } from '../support/mutant.js';
import { allServed, type Death, deathsOf, started, torment } from '../support/ordeal.js';

const model = new URL('../support/counting.js', import.meta.url);
const parameters = 65536;
const isLong = Number(process.env.HEARSAY_LONG ?? 1) > 1;
const deaths = isLong ? 400 : 100;

/** Runs sixteen counting nodes on three threads and terminates threads `count` times, at random moments. */
async function ordeal(
  start: typeof Threads.train,
  count: number,
  algorithm = 'swarm:steps=1,weight=1',
  more: Partial<Parameters<typeof train>[0]> = {},
): Promise<{ result: Result; told: Death[]; wrong: number }> {
  const run = start({
    data: 'digits:600',
    model: `${model.href}:parameters=${parameters}`,
    optimizer: 'sgd:rate=1',
    algorithm,
    nodes: 16,
    threads: 3,
    batch: 1,
    seconds: 600,
    evaluateEvery: '600s',
    kernels: 'simd',
    ...more,
  });
  await started(run);
  await torment(run, 3, count);
  await allServed(run);
  run.stop();
  const result = await run.result; // it rejects when a lock or an intent was left
  // The mean of sixteen rows, times sixteen: exact, as all numbers are small integers.
  let wrong = 0;
  for (const value of result.model.weights) if (value * 16 !== result.done.steps) wrong++;
  return { result, told: await deathsOf(run), wrong };
}

test(`${deaths} deaths of threads leave every sum exact`, { timeout: 200_000 }, async t => {
  const { result, told, wrong } = await ordeal(train, deaths);
  assert.equal(wrong, 0, `${wrong} of ${parameters} sums are wrong`);
  assert.equal(result.done.deaths, deaths);
  assert.equal(told.length, deaths, 'each death is told of');
  assert.ok(told.every(({ asked, quarantined }) => asked && !quarantined));
  const count = (which: (death: Death) => boolean) => told.filter(which).length;
  const [working, holding, completed] = [
    count(({ node }) => node !== null),
    count(({ freed }) => freed > 0),
    count(({ completed }) => completed),
  ];
  t.diagnostic(
    `${working} died at a node, ${holding} held rows, ${completed} had committed an op; ${result.done.steps} steps, 0 of ${parameters} sums wrong`,
  );
  assert.ok(working > 0.8 * deaths && holding > 0.05 * deaths, 'they died in the middle of work');
});

/**
 * Rounded at random, whole numbers on a lattice whose side is a power of two up to 1 stay what they are: then a swap through the lattice
 * is a swap. Each of its messages is counted once, whoever died on the way.
 */
test('deaths of threads leave sums and counts of quantized exchanges exact', { timeout: 200_000 }, async () => {
  const { result, wrong } = await ordeal(train, isLong ? 400 : 30, 'swarm:steps=1,weight=1,bits=16,rounding=stochastic');
  const { done } = result;
  assert.equal(wrong, 0, `${wrong} of ${parameters} sums are wrong`);
  const { retries, plain } = done.quantizer!;
  const message = 2 * parameters + 12;
  const messages = (done.bytes - plain * 4 * parameters) / message;
  assert.ok(messages > 2 * plain, 'most were quantized');
  // two arrive for each exchange; exchanges themselves are counted after the op, and a death may come in between
  const arrived = messages - retries + plain;
  assert.ok(Number.isInteger(arrived) && arrived % 2 === 0);
  assert.ok(arrived / 2 >= done.exchanges && arrived / 2 <= done.exchanges + done.deaths);
});

/** The columns of a meeting are summed by all, and its leader may die over them: corrected, too, where that is not a pass over columns. */
test('deaths of threads leave the sums of meetings exact, corrected or not', { timeout: 200_000 }, async () => {
  for (const average of ['plain', 'corrected'] as const) {
    const { wrong } = await ordeal(train, isLong ? 60 : 12, 'dpsgd:order=mix', { average });
    assert.equal(wrong, 0, `${average}: ${wrong} of ${parameters} sums are wrong`);
  }
});

/** A slowed node's piece waits for its time, and under the blocking rule for a partner's: whoever served it may die meanwhile. */
test('deaths of threads leave the sums exact where pieces are pending', { timeout: 200_000 }, async () => {
  const stragglers = [3, 8].map(node => ({ node, factor: 10 }));
  for (const rule of ['', ',both=true']) {
    const { wrong } = await ordeal(train, isLong ? 60 : 12, `swarm:steps=1,weight=1${rule}`, { stragglers });
    assert.equal(wrong, 0, `${wrong} of ${parameters} sums are wrong`);
  }
});

/** Between COMMIT and the last target lie a few machine instructions: here they take long, so that many die among them. */
const lingering: Patch = [
  'engine/intent',
  'fulfil(words, words.get(start + 2 + 2 * k), words.get(start + 3 + 2 * k));',
  '{ fulfil(words, words.get(start + 2 + 2 * k), words.get(start + 3 + 2 * k)); for (const end = performance.now() + 0.3; performance.now() < end; ); }',
];

test('ops of the dead that had committed are completed, and without that sums are lost', { timeout: 100_000 }, async t => {
  for (const [name, patches] of [
    ['sound', []],
    ['no-redo', [['engine/intent', 'if (committed && !isDone)', 'if (false)']]],
  ] as [string, Patch[]][]) {
    const { folder, close } = copyProgram(name, [lingering, ...patches]);
    t.after(close);
    const { train }: typeof Threads = await import(new URL('threads/train.js', folder).href);
    const { told, wrong } = await ordeal(train, 20);
    const completed = told.filter(death => death.completed).length;
    t.diagnostic(`${name}: ${completed} of ${told.length} had committed an op; ${wrong} of ${parameters} sums wrong`);
    assert.ok(completed > 0);
    assert.equal(wrong > 0, name === 'no-redo');
  }
});

/** Rows written in place, with nothing to redo: what the intent and the turn-over are there to prevent. */
const inPlace: readonly Patch[] = [
  ['engine/op', 'sideOf(words, layout, row, plane, 1)', 'sideOf(words, layout, row, plane, 0)'],
  ['engine/sides', 'plane.bit < 0 ? 0 : 1 << plane.bit', '0'],
  ['engine/intent', 'if (committed && !isDone)', 'if (false)'],
];

test('without the intent the same ordeal is caught', { timeout: 200_000 }, async t => {
  const { folder, close } = copyProgram('in-place', inPlace);
  t.after(close);
  const mutant: typeof Threads = await import(new URL('threads/train.js', folder).href);
  let [wrong, died] = [0, 0];
  for (; died < deaths && wrong === 0; died += 10) wrong = (await ordeal(mutant.train, 10)).wrong;
  t.diagnostic(`${wrong} of ${parameters} sums wrong after ${died} deaths`);
  assert.ok(wrong > 0, `rows written in place lost nothing in ${deaths} deaths`);
});
