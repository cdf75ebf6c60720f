/** Exchanges of 2 and 3 bits: the rule, and where their noise stays bounded and where it does not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AlgorithmFactory } from '../../src/engine/algorithm.js';
import { swarm, weightOf } from '../../src/engine/algorithms/swarm.js';
import { limitOf, noiseOf, reachOf } from '../../src/engine/compress/few.js';
import { Thread, threadWord } from '../../src/engine/layout.js';
import { HearsayError } from '../../src/errors.js';
import { simulate } from '../../src/index.js';
import { normal, source, uniform } from '../../src/random.js';
import { play, schedule } from '../../src/testing/arbitraries.js';
import { type Rehearsal, type RehearsalOptions, rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';

const draws = source(8, 'few bits');
const rowsOf = (stage: Rehearsal, nodes: number) => Array.from({ length: nodes }, (_, row) => stage.params(row));
const counter = (stage: Rehearsal, word: number) => stage.words.load(threadWord(stage.arena.layout, 0, word));

/** Sum of the squared distances to the mean model, a coordinate. */
function gamma(rows: readonly Float32Array[]): number {
  const { length } = rows[0];
  let sum = 0;
  for (let k = 0; k < length; k++) {
    const mean = rows.reduce((total, row) => total + row[k], 0) / rows.length;
    for (const row of rows) sum += (row[k] - mean) ** 2 / length;
  }
  return sum;
}

/** Pairs with the weight, whatever swarm would say to it. */
const pairing =
  (bits: number | undefined, weight: number, order: 'mix' | 'commit' = 'mix'): AlgorithmFactory =>
  () => ({
    name: 'pairing',
    quantize: bits === undefined ? undefined : { bits, rounding: 'dither', rotation: true },
    begin: (node, rows) => rows.descend(node, { steps: 1 }),
    finish(node, rows, world) {
      rows.mixAndCommit(node, world.peer(node), weight, order);
      return true;
    },
  });

/** Gamma over time, when each piece of work is noise of variance 1. Ends where it has grown a millionfold. */
function wander(algorithm: AlgorithmFactory, parameters: number, exchanges: number, more: Partial<RehearsalOptions> = {}) {
  const nodes = 8;
  const stage = rehearse({
    ...{ algorithm, nodes, parameters },
    descent(weights, node, step) {
      for (let k = 0; k < weights.length; k++) weights[k] += normal(draws, node, step * parameters + k);
    },
    ...more,
  });
  const found: number[] = [];
  for (let t = 0; t < exchanges; t++) {
    const node = Math.floor(uniform(draws, 1000, t) * nodes);
    stage.begin(node);
    stage.finish(node);
    found.push(gamma(rowsOf(stage, nodes)));
    if (found[t] > 1e7) break;
  }
  stage.requireClean();
  const late = found.slice(found.length >> 2);
  return { last: found.at(-1)!, mean: late.reduce((sum, value) => sum + value, 0) / late.length, stage };
}

test('an exchange keeps the sum of both models, and moves each by the weight times the difference of what arrives', () => {
  const few = fc.record({ bits: fc.constantFrom('2', '3'), order: fc.constantFrom('mix', 'commit') });
  fc.assert(
    fc.property(few, schedule(4, 40), fc.integer({ min: 3, max: 70 }), (options, order, parameters) => {
      const stage = rehearse({
        ...{ algorithm: swarm, options: { steps: '1', ...options }, nodes: 4, parameters },
        start: (row, k) => uniform(draws, row, k),
        descent: weights => weights.set(weights.map(x => x + 0.25)),
      });
      const sums = () =>
        rowsOf(stage, 4).reduce<number[]>((total, row) => total.map((x, k) => x + row[k]), Array(parameters).fill(0));
      const before = sums();
      let pieces = 0;
      play(stage, order, () => pieces++);
      for (const [k, sum] of sums().entries()) assert.ok(Math.abs(sum - before[k] - 0.25 * pieces) < 1e-4 * (1 + pieces), `${k}`);
      stage.requireClean();
    }),
    cases(100),
  );
});

test('the same schedule gives the same bits with either set of kernels', () => {
  const few = fc.record({
    bits: fc.constantFrom('2', '3'),
    order: fc.constantFrom('mix', 'commit'),
    both: fc.constantFrom('false', 'true'),
  });
  fc.assert(
    fc.property(few, schedule(4, 25), (options, order) => {
      const [one, other] = (['simd', 'reference'] as const).map(kernels => {
        const stage = rehearse({
          ...{ algorithm: swarm, options: { steps: '1', ...options }, nodes: 4, parameters: 45, kernels },
          start: (row, k) => uniform(draws, 100, k) + 0.01 * uniform(draws, row, k),
        });
        play(stage, order);
        return [rowsOf(stage, 4), [Thread.Messages, Thread.Retries, Thread.Plain].map(word => counter(stage, word))];
      });
      assert.deepEqual(other, one);
    }),
    cases(60),
  );
});

for (const bits of [2, 3])
  for (const parameters of [60, 700])
    test(`${bits} bits, ${parameters} parameters: bounded by what is derived with the default weight, and unbounded beyond the limit`, () => {
      const padded = 2 ** Math.ceil(Math.log2(parameters));
      const k = noiseOf(bits, padded);
      let floats = 0;
      for (const order of ['commit', 'mix'] as const) {
        floats = wander(pairing(undefined, 0.5, order), parameters, 1500).mean;
        const known = 7 * (order === 'mix' ? 7 / 8 : 3 / 8); // (n-1)(1-1/n) of the noise, (n-1)(1/2-1/n)
        assert.ok(Math.abs(floats / known - 1) < 0.08, `floats, ${order}: ${floats}, ${known}`);
        const coded = wander(swarm, parameters, 1500, { options: { steps: '1', bits: String(bits), order } });
        const most = 7 * ((7 / 8) * (1 + k) - (order === 'mix' ? 0 : 1 / 2));
        assert.ok(coded.mean > known * 0.95 && coded.mean < most * 1.15, `${order}: ${coded.mean} in ${known}..${most}, k ${k}`);
        const messages = counter(coded.stage, Thread.Messages);
        assert.ok(counter(coded.stage, Thread.Retries) < 0.1 * messages && messages > 2500);
      }
      // with the least side that a radius asks for, k is a quarter: from there on every exchange adds more than it takes
      const beyond = 1 / (1 + k / 4);
      assert.ok(wander(pairing(bits, Math.min(1, 1.15 * beyond)), parameters, 1500).last > 1e6);
      assert.ok(wander(pairing(bits, 0.95 * limitOf(bits, padded)), parameters, 1500).last < floats * 40);
    });

test('the average of what both sides see in place of the difference of it has no weight that is stable with 2 bits', () => {
  // Q(x) and Q(y) in the place of x and y: of the own noise (1-w) is taken, of both s^2/12 ((1-w)^2 + w^2), never below that of w = 1/2
  const least = (2 * reachOf(2 ** 17)) / 3;
  for (let weight = 0.01; weight < 1; weight += 0.01)
    assert.ok((2 * least ** 2 * ((1 - weight) ** 2 + weight ** 2)) / 12 > 2 * weight * (1 - weight), `${weight}`);
});

test('of normal numbers hardly any set has a larger one than the reach', () => {
  for (const n of [64, 1024, 65_536]) {
    let beyond = 0;
    const sets = n > 10_000 ? 30 : 400;
    for (let set = 0; set < sets; set++) {
      let most = 0;
      for (let k = 0; k < n; k++) most = Math.max(most, Math.abs(normal(draws, n + set, k)));
      if (most > reachOf(n)) beyond++;
    }
    assert.ok(beyond / sets < 0.2, `${beyond} of ${sets} at ${n}`);
  }
});

test('what few bits need is said', () => {
  const setting = { nodes: 2, capacity: 2, parameters: 101_770, rate: 1 };
  for (const [options, message] of [
    [
      { bits: '2', weight: '0.5' },
      /weight: found 0.5 with bits=2, allowed is below 0.119 for 101770 parameters.*leave weight out \(0.0596\), or take bits=4$/,
    ],
    [{ bits: '3', weight: '0.5' }, /allowed is below 0.424 /],
    [{ bits: '3', rotation: 'false' }, /found rotation=false with bits=3, .* take bits=4$/],
    [{ bits: '2', rounding: 'stochastic' }, /found rounding=stochastic with bits=2/],
    [{ bits: '1' }, /2 to 16/],
  ] as const)
    assert.throws(
      () => swarm(options, setting),
      (error: unknown) => error instanceof HearsayError && error.code === 'CONFIG_RANGE' && message.test(error.message),
      JSON.stringify(options),
    );
  assert.equal(weightOf({ bits: 3, weight: 0.3 }, 101_770), 0.3);
  assert.equal(weightOf({ bits: 2, weight: 0.5 }, 1), 0.5); // of a model that is not known yet
  assert.equal(weightOf({ bits: 4, weight: undefined }, 101_770), 0.5);
});

test('variance-corrected averages refuse the noise of few bits', async () => {
  const run = simulate({
    data: 'digits:600',
    model: 'mlp:8',
    nodes: 2,
    algorithm: 'swarm:bits=2',
    average: 'corrected',
    epochs: 1,
  });
  await assert.rejects(
    run.result,
    (error: unknown) => error instanceof HearsayError && /with models of 2 bits/.test(error.message),
  );
});

test('digits: with 2 and 3 bits the loss comes near that of floats, for a fraction of the bytes', {
  timeout: 120_000,
}, async () => {
  const learn = async (algorithm: string) =>
    (
      await simulate({
        ...{ data: 'digits:1500', model: 'mlp:32', nodes: 8, epochs: 8, optimizer: 'sgd:rate=0.1', seed: 3, track: 0 },
        ...{ algorithm, deterministic: true },
      }).result
    ).samples.at(-1)!;
  const floats = await learn('swarm');
  for (const [bits, share, loss] of [
    [2, 0.16, 1.5],
    [3, 0.2, 1.25],
  ]) {
    const coded = await learn(`swarm:bits=${bits}`);
    assert.ok(coded.loss < floats.loss * loss, `${bits}: ${coded.loss} for ${floats.loss}`);
    assert.ok(coded.bytes < floats.bytes * share, `${bits}: ${coded.bytes} for ${floats.bytes}`);
  }
});
