/**
 * Variance-corrected averages: the rule against plain numbers in every verb that averages, what it preserves, and the same bits on any
 * threads.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { readAverage } from '../../src/engine/averaging.js';
import { openCorrection } from '../../src/engine/correct.js';
import { replay, simulate, train } from '../../src/index.js';
import { normal, source } from '../../src/random.js';
import { type RehearsalOptions, rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const range = (n: number) => Array.from({ length: n }, (_, k) => k);
const add = (a: readonly number[], b: readonly number[]) => a.map((x, k) => x + b[k]);
const meanOf = (rows: readonly (readonly number[])[], weights = rows.map(() => 1 / rows.length)) =>
  rows[0].map((_, k) => rows.reduce((sum, row, r) => sum + weights[r] * row[k], 0));
const varianceOf = (x: readonly number[]) => {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1);
};

/** A matrix, a bias, a number that stands alone. */
const layers = [
  { name: 'a', offset: 0, shape: [6, 5] },
  { name: 'b', offset: 30, shape: [7] },
  { name: 'c', offset: 37, shape: [1] },
];
const parameters = 38;

function corrected(
  average: readonly number[],
  own: readonly number[],
  received: readonly (readonly number[])[],
  { own: c, eps }: { own: number; eps: number },
): number[] {
  const out = [...average];
  for (const { offset, shape } of layers) {
    const length = shape.reduce((a, b) => a * b);
    if (length === 1) continue;
    const part = (x: readonly number[]) => x.slice(offset, offset + length);
    const [mean] = meanOf(part(average).map(x => [x]));
    const others = received.reduce((sum, row) => sum + varianceOf(part(row)) / received.length, 0);
    const target = c * varianceOf(part(own)) + (1 - c) * others;
    const factor = Math.sqrt((target + eps) / (varianceOf(part(average)) + eps));
    for (let k = offset; k < offset + length; k++) out[k] = mean + (average[k] - mean) * factor;
  }
  return out;
}

const draws = (seed: number) => {
  const of = source(seed, 'test');
  return (row: number, k: number) => Math.fround((1 + row / 3) * normal(of, row, k) + 0.2 * row);
};
const learn = (node: number, k: number) => 0.125 * (node + 1) * ((k % 3) - 0.5);

function stage(algorithm: string, options: Record<string, string>, nodes: number, seed: number, average: string) {
  const descent: RehearsalOptions['descent'] = (weights, node) => {
    for (const k of weights.keys()) weights[k] += learn(node, k);
  };
  const given = { algorithm: algorithms[algorithm], options: { steps: '1', ...options }, nodes, parameters, seed, descent };
  return rehearse({ ...given, start: draws(seed), average, layers });
}

const close = (found: Float32Array, expected: readonly number[], what: string) => {
  for (const [k, value] of expected.entries())
    assert.ok(Math.abs(found[k] - value) <= 1e-5 * (1 + Math.abs(value)), `${what} ${k}: ${found[k]}, must be ${value}`);
};

const rule = fc.record({ own: fc.constantFrom(0, 0.5, 0.8, 1), eps: fc.constantFrom(1e-12, 0.001) });
const textOf = ({ own, eps }: { own: number; eps: number }) => `corrected:own=${own},eps=${eps.toFixed(12)}`;
const progress = (node: number) => range(parameters).map(k => learn(node, k));

test('every verb of two models gives the naive rule; what was learnt is added as it is', () => {
  fc.assert(
    fc.property(rule, fc.constantFrom(0.3, 0.5), fc.nat(1e6), (given, weight, seed) => {
      for (const [algorithm, options] of [
        ['swarm', {}],
        ['swarm', { order: 'commit' }],
        ['swarm', { both: 'true' }],
        ['swarm', { both: 'true', order: 'mix' }],
        ['swarm-pull', {}],
        ['gossip', { mix: 'push-pull' }],
        ['gossip', { mix: 'push' }],
      ] as [string, Record<string, string>][]) {
        const { begin, finish, tick, params } = stage(algorithm, { weight: String(weight), ...options }, 2, seed, textOf(given));
        const [x, y] = [0, 1].map(row => Array.from(params(row)));
        const blocking = options.both === 'true';
        begin(0);
        if (blocking) begin(1);
        finish(0);
        if (algorithm === 'gossip') tick(0, 0);
        const commits = algorithm !== 'swarm' || (options.order ?? (blocking ? 'commit' : 'mix')) === 'commit';
        const a = commits ? add(x, progress(0)) : x;
        const b = commits && blocking ? add(y, progress(1)) : y;
        let toA = corrected(meanOf([a, b], [1 - weight, weight]), a, [b], given);
        let toB = corrected(meanOf([a, b], [weight, 1 - weight]), b, [a], given);
        if (!commits) toA = add(toA, progress(0));
        if (!commits && blocking) toB = add(toB, progress(1));
        if (algorithm === 'swarm-pull') toB = y;
        if (options.mix === 'push') {
          toA = a;
          toB = corrected(meanOf([a, b], [weight, 1 - weight]), b, [a], given);
        }
        close(params(0), toA, `${algorithm} ${JSON.stringify(options)}: first`);
        close(params(1), toB, `${algorithm} ${JSON.stringify(options)}: second`);
      }
    }),
    cases(40),
  );
});

test('sums give the naive rule, with differences that are committed before, in the sum, or to a server', () => {
  fc.assert(
    fc.property(rule, fc.integer({ min: 2, max: 6 }), fc.nat(1e6), (given, nodes, seed) => {
      const round = (algorithm: string, options: Record<string, string>) => {
        const on = stage(algorithm, options, nodes, seed, textOf(given));
        const before = range(nodes + (algorithm === 'fedavg' ? 1 : 0)).map(row => Array.from(on.params(row)));
        for (const node of range(nodes)) on.begin(node);
        for (const node of range(nodes)) on.finish(node);
        assert.ok(on.meet());
        on.requireClean();
        return { on, before, learnt: range(nodes).map(node => add(before[node], progress(node))) };
      };
      const others = (rows: readonly number[][], node: number) => rows.filter((_, k) => k !== node);
      const local = round('local', {});
      for (const node of range(nodes)) {
        const { learnt } = local;
        close(local.on.params(node), corrected(meanOf(learnt), learnt[node], others(learnt, node), given), 'local');
      }
      const mix = round('dpsgd', { order: 'mix', weights: 'uniform' });
      for (const node of range(nodes)) {
        const { before } = mix;
        const expected = corrected(meanOf(before), before[node], others(before, node), given);
        close(mix.on.params(node), add(expected, progress(node)), 'dpsgd');
      }
      const server = round('fedavg', { p: '1' });
      const mean = corrected(meanOf(server.learnt), meanOf(server.learnt), server.learnt, { ...given, own: 0 });
      close(server.on.params(nodes), mean, 'server'); // it has no variance of its own
    }),
    cases(40),
  );
});

test('two models that know nothing of each other: the factor is sqrt 2, the mean of a layer stays, its variance is that of the models (10.2)', () => {
  const length = 4000;
  const memory = new SharedArrayBuffer(3 * 4 * length);
  const [a, b, average] = [0, 1, 2].map(row => new Float32Array(memory, row * 4 * length, length));
  const draw = source(5, 'test');
  for (const k of range(length)) {
    a[k] = normal(draw, 0, k) + 0.5;
    b[k] = normal(draw, 1, k) - 0.25;
    average[k] = (a[k] + b[k]) / 2;
  }
  const before = average.slice();
  const { of, correct } = openCorrection(memory, [{ name: 'w', offset: 0, shape: [length] }], { own: 0.5, eps: 0 });
  const [plain] = of(average.byteOffset);
  assert.ok(Math.abs(plain - 0.5) < 0.05, `${plain}`);
  correct(average.byteOffset, of(a.byteOffset), [of(b.byteOffset)]);
  const mean = (x: Float32Array) => x.reduce((sum, value) => sum + value, 0) / length;
  assert.ok(Math.abs(mean(average) - mean(before)) < 1e-6);
  const factor = (average[7] - mean(before)) / (before[7] - mean(before));
  assert.ok(Math.abs(factor - Math.SQRT2) < 0.05, `${factor}`);
  const target = (of(a.byteOffset)[0] + of(b.byteOffset)[0]) / 2;
  assert.ok(Math.abs(of(average.byteOffset)[0] / target - 1) < 1e-6);
});

test('models that are equal, layers without variance, and averages that take nothing, stay as they are, bit for bit', () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.constantFrom('swarm', 'local', 'gossip'), (seed, algorithm) => {
      const values = draws(seed);
      const start = (_row: number, k: number) => (k < 30 ? values(0, k) : 0.25);
      const nodes = 4; // 1/4 is exact
      const options = { steps: '1', ...(algorithm === 'gossip' && { mix: 'push-pull' }) };
      const on = rehearse({
        algorithm: algorithms[algorithm],
        options,
        nodes,
        parameters,
        seed,
        start,
        average: 'corrected',
        layers,
      });
      for (const node of range(nodes)) on.begin(node);
      for (const node of range(nodes)) {
        on.finish(node);
        if (algorithm === 'gossip') on.tick(node, 0);
      }
      on.meet();
      for (const node of range(nodes))
        assert.deepEqual(
          [...on.params(node)],
          range(parameters).map(k => start(node, k)),
        );
    }),
    cases(60),
  );
  for (const weight of ['0', '1']) {
    const plain = stage('gossip', { mix: 'push-pull', weight }, 2, 3, 'plain');
    plain.tick(0, 0);
    const expected = [0, 1].map(plain.params);
    const on = stage('gossip', { mix: 'push-pull', weight }, 2, 3, 'corrected');
    on.tick(0, 0);
    assert.deepEqual([0, 1].map(on.params), expected);
  }
});

test('the bytes are the same on any number of threads, live behind a barrier, in virtual time, and from a recording', {
  timeout: 120_000,
}, async () => {
  // Kernels by name: auto may take others for each run.
  const input = { data: 'digits:400', model: 'mlp:8', nodes: 5, steps: 100, average: 'corrected', kernels: 'simd' } as const;
  for (const algorithm of ['local:steps=2', 'dpsgd']) {
    const live = async (threads: number) => (await train({ ...input, algorithm, threads }).result).done.parametersHash;
    const alone = await live(1);
    for (const threads of [2, 4]) assert.equal(await live(threads), alone, `${algorithm}, ${threads} threads`);
    assert.notEqual((await train({ ...input, average: 'plain', algorithm, threads: 1 }).result).done.parametersHash, alone);
  }
  for (const algorithm of ['swarm:both=true', 'gossip:mix=push', 'local', 'sgp', 'savic:over=gossip']) {
    const hash = async (parallel: 'never' | 'always', threads: number) =>
      (await simulate({ ...input, algorithm, parallel, threads }).result).done.parametersHash;
    const alone = await hash('never', 1);
    assert.equal(await hash('always', 3), alone, algorithm);
    const file = join(folder, 'run.hearsay');
    const { done } = await train({ ...input, algorithm, threads: 2 }, { record: file }).result;
    assert.equal((await replay(file, { threads: 2 }).result).parametersHash, done.parametersHash);
  }
});

test('what averages no models is refused, and so are wrong settings', async () => {
  for (const algorithm of ['none', 'hogwild', 'asgd', 'choco', 'adagossip', 'draco']) {
    const running = train({ data: 'none', model: 'noise:4', batch: 1, steps: 1, algorithm, average: 'corrected' });
    await assert.rejects(running.result, {
      code: 'CONFIG_RANGE',
      message: new RegExp(`average: .*${algorithm} averages no models`),
    });
  }
  assert.equal(readAverage('plain'), undefined);
  assert.deepEqual(readAverage('corrected:own=0.25'), { kind: 'corrected', own: 0.25, eps: 1e-12 });
  refused(() => readAverage('correct'), 'CONFIG_RANGE', 'average', 'corrected');
  refused(() => readAverage('corrected:own=2'), 'CONFIG_RANGE', 'own');
  refused(() => readAverage('plain:own=1'), 'CONFIG_UNKNOWN_KEY', 'own');
});
