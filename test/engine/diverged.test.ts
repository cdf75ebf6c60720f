/**
 * Pieces of work that are not finite: found at the node that made them, whatever is wrong, and dropped; the others never see them. The rules
 * against plain numbers, and the same bytes live, in virtual time, on any number of threads, and from a history.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { Control, controlWord } from '../../src/engine/layout.js';
import { HearsayError } from '../../src/errors.js';
import { type RehearsalOptions, rehearse } from '../../src/testing/rehearsal.js';
import { replay } from '../../src/threads/replay.js';
import { simulate, train } from '../../src/threads/train.js';
import { cases } from '../support/cases.js';
import { poisons } from '../support/poison.js';
import { timeless } from '../support/timeless.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.hearsay');
const poison = new URL('../support/poison.js', import.meta.url).href;

const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 100, -(2 ** 127), 3e38);

test('a pair in plain numbers: skip keeps the model, reset takes that of the neighbour, and both take part in the average', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('skip', 'reset'),
      fc.constantFrom(0.25, 0.5),
      fc.constantFrom('mix', 'commit'),
      fc.array(fc.record({ node: fc.nat(1), wrong: fc.option(bad, { nil: 0 }) }), { minLength: 1, maxLength: 30 }),
      fc.nat(8),
      (drops, weight, order, pieces, where) => {
        let wrong = 0;
        const rehearsal = rehearse({
          algorithm: algorithms.swarm,
          options: { steps: '1', weight: String(weight), order },
          ...{ nodes: 2, parameters: 9, drops, start: (row: number, k: number) => row + k / 8 },
          state: [{ name: 'momentum', keep: 1 }],
          descent(weights, node, _step, _beside, [momentum]) {
            for (const k of weights.keys()) weights[k] += momentum[k] += (node + 1) / 64;
            if (wrong !== 0) weights[where] = wrong;
          },
        });
        const models = [0, 1].map(row => Array.from({ length: 9 }, (_, k) => row + k / 8));
        const momenta = [0, 1].map(() => new Array<number>(9).fill(0));
        const [taken, since] = [
          [0, 0],
          [0, 0],
        ];
        const { layout, memory } = rehearsal.arena;
        const ints = new Int32Array(memory.buffer);
        for (const { node, wrong: value } of pieces) {
          wrong = value;
          rehearsal.begin(node);
          assert.ok(rehearsal.finish(node));
          const [x, y] = [models[node], models[1 - node]];
          taken[node]++;
          if (value !== 0) {
            if (drops === 'reset') {
              since[node] = taken[node];
              models[node] = [...y];
              momenta[node].fill(0);
            }
          } else for (const k of x.keys()) momenta[node][k] += (node + 1) / 64;
          const d = (k: number) => (value !== 0 ? 0 : momenta[node][k]);
          const own = [...models[node]];
          for (const k of own.keys()) {
            const first = order === 'commit' ? own[k] + d(k) : own[k];
            models[node][k] = (1 - weight) * first + weight * y[k] + (order === 'commit' ? 0 : d(k));
            models[1 - node][k] = weight * first + (1 - weight) * y[k];
          }
          for (const row of [0, 1]) {
            assert.equal(ints[controlWord(layout, row, Control.Since)], since[row], 'the age of its state');
            for (const [k, value] of rehearsal.params(row).entries())
              assert.ok(Math.abs(value - models[row][k]) < 1e-5 * (1 + Math.abs(models[row][k])), `row ${row}, ${k}: ${value}`);
            assert.deepEqual(Array.from(rehearsal.plane(row, 'momentum')), momenta[row].map(Math.fround));
          }
        }
        rehearsal.requireClean();
      },
    ),
    cases(60),
  );
});

test('whatever a piece goes wrong by, no plane of any row ever holds what is not finite, by any algorithm', () => {
  const some = [
    'swarm',
    'swarm-pull',
    'adpsgd',
    'gossip',
    'local',
    'dpsgd',
    'sgp',
    'choco',
    'adagossip',
    'fedavg',
    'fedpbc',
    'easgd',
    'asgd',
  ];
  const more = ['savic', 'stardust', 'draco', 'cdsa', 'none'];
  fc.assert(
    fc.property(
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...some, ...more) }, { weight: 1, arbitrary: fc.constant('swarm') }),
      fc.constantFrom('skip', 'reset'),
      fc.constantFrom('weights', 'state', 'left'),
      fc.boolean(),
      fc.integer({ min: 2, max: 5 }),
      fc.array(fc.record({ node: fc.nat(4), wrong: fc.option(bad, { nil: 0, freq: 2 }) }), { minLength: 5, maxLength: 40 }),
      (name, drops, where, isOdd, nodes, pieces) => {
        let wrong = 0;
        // A node whose model is another than it has learnt: what it keeps beside it goes on.
        const attack: RehearsalOptions['attack'] = ({ memory }) => ({
          has: node => node === 1,
          strike: (_node, work) => void new Float32Array(memory.buffer, work, 33).fill(0.5),
        });
        const rehearsal = rehearse({
          algorithm: algorithms[name],
          ...{ nodes, parameters: 33, drops, rate: 0.1, start: (row: number, k: number) => (row - k) / 16 },
          state:
            name === 'savic' || name === 'stardust'
              ? []
              : [{ name: 'square', travels: name === 'swarm', keep: 0.5, isSquare: !isOdd }],
          ...(isOdd && { attack }),
          descent(weights, node, _step, beside, [square]) {
            for (const k of weights.keys()) {
              weights[k] += (node - 1) / 64;
              if (square) square[k] = 0.5 * square[k] + 0.01;
            }
            for (const what of ['gradient', 'curvature']) beside[what]?.fill(0.1);
            const planes = { weights, state: square ?? weights, left: beside.gradient ?? beside.curvature ?? weights };
            if (wrong !== 0) planes[where][7] = wrong;
          },
        });
        const planes = rehearsal.arena.layout.planes.filter(({ sides }) => sides === 2).map(plane => plane.name);
        const rows = nodes + (rehearsal.algorithm.extraRows ?? 0);
        for (const { node: drawn, wrong: value } of pieces) {
          const node = drawn % nodes;
          wrong = value;
          if (rehearsal.hasArrived(node)) for (const one of Array.from({ length: nodes }, (_, k) => k)) serve(one);
          else serve(node);
          rehearsal.meet();
          for (const plane of planes)
            for (let row = 0; row < rows; row++)
              for (const [k, number] of rehearsal.plane(row, plane).entries())
                assert.ok(
                  Number.isFinite(number) || (plane === 'scale' && number > 0),
                  `${name}: ${plane} of row ${row}, ${k}: ${number}`,
                );
        }
        function serve(node: number): void {
          if (rehearsal.hasArrived(node)) return;
          if (!rehearsal.isPending(node)) rehearsal.begin(node);
          rehearsal.finish(node);
          for (const [clock, { rate }] of (rehearsal.algorithm.clocks ?? []).entries()) if (rate > 0) rehearsal.tick(node, clock);
        }
      },
    ),
    cases(120),
  );
});

test('a node that learns on the row of another has no model to begin again with: its own row stays', () => {
  const rehearsal = rehearse({
    ...{ algorithm: algorithms.asgd, nodes: 3, parameters: 5, drops: 'reset', start: (row: number) => row },
    descent(weights) {
      weights[2] = Number.NaN;
    },
  });
  const rows = [...Array(3 + (rehearsal.algorithm.extraRows ?? 0)).keys()];
  const models = () => rows.map(row => Array.from(rehearsal.params(row)));
  const before = models();
  for (const node of [0, 1, 2, 1]) {
    rehearsal.begin(node);
    rehearsal.finish(node);
    assert.deepEqual(models(), before);
  }
});

const poisoned = (how: keyof typeof poisons, more: Partial<ExperimentInput> = {}): ExperimentInput => ({
  ...{ data: 'synthetic:rows=60,features=3,test=5', model: `${poison}:how=${how},node=1,every=7`, batch: 2, nodes: 5 },
  ...{
    optimizer: how === 'late' ? 'adam:rate=0.01' : 'sgd:rate=0.05,momentum=0.5',
    steps: 300,
    evaluateEvery: 100,
    kernels: 'simd',
  },
  ...more,
});

for (const diverged of ['skip', 'reset'] as const) {
  test(`${diverged}: the same bytes in virtual time on any threads and from a history, live from its history, whatever goes wrong`, {
    timeout: 300_000,
  }, async () => {
    // What a piece goes wrong by is looked at before anybody asks for the policy: one of them goes through all.
    const ways = diverged === 'skip' ? (Object.keys(poisons) as (keyof typeof poisons)[]) : (['nan', 'late'] as const);
    for (const how of ways) {
      const others = diverged === 'skip' ? ['swarm:both=true', 'dpsgd:steps=2'] : ['gossip', 'choco:compress=topk:0.5'];
      for (const algorithm of ['swarm:steps=2', ...(how === 'nan' ? others : [])]) {
        const input = poisoned(how, { algorithm, diverged });
        const alone = await simulate({ ...input, parallel: 'never' }).result;
        const { resets, skips } = alone.done.diverged!;
        assert.ok((diverged === 'skip' ? skips : resets) > 3 && Math.min(resets, skips) === 0, `${resets}, ${skips}`);
        assert.ok(Number.isFinite(alone.done.worstLoss) && Number.isFinite(alone.done.trainLoss!));
        for (const threads of algorithm === 'swarm:steps=2' && how === 'nan' ? [2, 8] : [2]) {
          const pool = await simulate({ ...input, threads, parallel: 'always' }, { record: file }).result;
          assert.deepEqual(timeless(pool), timeless(alone), `${how}, ${algorithm}, ${threads} threads`);
        }
        assert.equal((await replay(file, { threads: 2 }).result).parametersHash, alone.done.parametersHash);
        // The thread of one node may come too late for so short a run: here any node goes wrong.
        const live = { ...input, model: `${poison}:how=${how},node=any,every=7`, threads: 2 };
        const { done } = await train(live, { record: file }).result;
        assert.ok(done.diverged!.resets + done.diverged!.skips > 0 && Number.isFinite(done.worstLoss));
        assert.equal(
          (await replay(file, { threads: 2 }).result).parametersHash,
          done.parametersHash,
          `live ${how}, ${algorithm}`,
        );
      }
    }
  });
}

test('quantized pairs and state that travels go on too, and come to the same bytes', { timeout: 120_000 }, async () => {
  for (const diverged of ['skip', 'reset'] as const) {
    for (const more of [
      { algorithm: 'swarm:bits=8' },
      { algorithm: 'swarm:bits=3' },
      { algorithm: 'swarm', optimizer: 'adam:rate=0.01,travels=all' },
    ]) {
      const input = poisoned('nan', { ...more, diverged });
      const alone = await simulate({ ...input, parallel: 'never' }).result;
      assert.ok(Number.isFinite(alone.done.worstLoss) && alone.done.diverged);
      const pool = await simulate({ ...input, threads: 2, parallel: 'always' }).result;
      assert.deepEqual(timeless(pool), timeless(alone));
      const { done } = await train({ ...input, threads: 2 }, { record: file }).result;
      assert.equal((await replay(file, { threads: 1 }).result).parametersHash, done.parametersHash);
    }
  }
});

test('stop says the last finite loss and the node; nothing is dropped in place on the row of all', {
  timeout: 60_000,
}, async () => {
  for (const how of ['nan', 'loss', 'huge', 'late'] as const) {
    for (const run of [train, simulate]) {
      const error = await run(poisoned(how)).result.then(
        () => assert.fail('it must diverge'),
        (error: unknown) => error,
      );
      assert.ok(error instanceof HearsayError);
      assert.equal(error.code, 'DIVERGED');
      assert.match(error.message, /node 1: .* its last finite loss was \d/);
      assert.match(error.message, /no other node has seen it.* --diverged skip, or reset/);
    }
  }
  // Steps that are taken many at a time.
  const sparse = join(folder, 'rows.svm');
  writeFileSync(sparse, Array.from({ length: 60 }, (_, k) => `${(k % 7) + 0.25} ${1 + (k % 5)}:1 ${7 + (k % 3)}:2\n`).join(''));
  const ridge = { data: sparse, model: 'ridge', nodes: 2, batch: 1, steps: 4000, optimizer: 'sgd:rate=1.5', threads: 1 };
  await assert.rejects(train(ridge).result, { code: 'DIVERGED', message: /its last finite loss was \d/ });
  const racy = train(poisoned('nan', { algorithm: 'hogwild', optimizer: 'sgd', diverged: 'skip' }));
  await assert.rejects(racy.result, { code: 'CONFIG_RANGE', message: /diverged: found 'skip', but algorithm hogwild/ });
});

test('a run without such pieces says nothing of them, and has the bytes of one that would stop', {
  timeout: 60_000,
}, async () => {
  const input = { data: 'synthetic:rows=60,test=9', model: 'linear', batch: 2, nodes: 4, steps: 200, parallel: 'never' } as const;
  const stop = await simulate(input).result;
  const skip = await simulate({ ...input, diverged: 'skip' }).result;
  assert.equal(skip.done.diverged, undefined);
  assert.deepEqual(timeless(skip), timeless(stop));
  // It takes turns behind every piece, and so changes staleness, but no model.
  for (const parallel of ['never', 'always'] as const) {
    const { done } = await simulate({ ...input, diverged: 'reset', parallel, threads: 2 }).result;
    assert.deepEqual([done.parametersHash, done.diverged], [stop.done.parametersHash, undefined]);
  }
});
