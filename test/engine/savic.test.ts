/** SAVIC: each rule against plain arithmetic, its bounds, whose diagonal is whose, and what it is good for. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { planeNamed } from '../../src/engine/layout.js';
import { sideOf } from '../../src/engine/sides.js';
import { replay, simulate, train } from '../../src/index.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const range = (n: number) => Array.from({ length: n }, (_, k) => k);
const rules = ['rmsprop', 'adam', 'oasis', 'adahessian'] as const;

/**
 * Node i has the loss sum over k of a_k/2 (x_k - apart i)^2, of which it sees a gradient and a curvature that are off by a little, anew at
 * each step.
 */
interface Problem {
  readonly nodes: number;
  readonly a: readonly number[];
  readonly apart: number;
  readonly noise: number;
  readonly gamma: number;
}

const start = (_row: number, k: number) => 1 + k / 4;

function gradientOf({ a, apart, noise }: Problem, x: ArrayLike<number>, node: number, step: number): number[] {
  return a.map((a, k) => a * (x[k] - apart * node) + noise * Math.sin(3 * node + 7 * step + 11 * k));
}

function curvatureOf({ a, noise }: Problem, node: number, step: number): number[] {
  return a.map((a, k) => a + noise * Math.cos(5 * node + 2 * step + 3 * k));
}

function stageOf(problem: Problem, options: Readonly<Record<string, string>>, seed = 1): Rehearsal {
  const begun = new Map<number, number>();
  const beta1 = Number(options.beta1 ?? 0);
  const stage: Rehearsal = rehearse({
    ...{ algorithm: algorithms.savic, options, nodes: problem.nodes, parameters: problem.a.length, start, seed },
    descent(weights, node, step, { divide, moment, gradient, curvature }) {
      const g = gradientOf(problem, weights, node, step);
      if (begun.get(node) !== stage.world.pieces(node)) {
        begun.set(node, stage.world.pieces(node));
        gradient?.set(g);
        curvature?.set(curvatureOf(problem, node, step));
      }
      if (divide?.[0] === Number.POSITIVE_INFINITY) return;
      for (const [k, value] of g.entries()) {
        if (moment) moment[k] = beta1 * moment[k] + (1 - beta1) * value;
        weights[k] -= problem.gamma * ((moment?.[k] ?? value) / (divide?.[k] || 1));
      }
    },
  });
  return stage;
}

function planeOf({ arena, words }: Rehearsal, row: number, name: string): Float32Array {
  const plane = planeNamed(arena.layout, name)!;
  const at = sideOf(words, arena.layout, row, plane);
  return new Float32Array(arena.memory.buffer, at, plane.width ?? arena.layout.shape.parameters).slice();
}

function round(stage: Rehearsal, nodes: number): void {
  for (const node of range(nodes)) stage.begin(node);
  for (const node of range(nodes)) assert.ok(stage.finish(node));
  assert.ok(stage.meet());
  stage.requireClean();
}

interface Settings {
  readonly rule: (typeof rules)[number];
  readonly steps: number;
  readonly b: number;
  readonly alpha: number;
  readonly clip: 'max' | 'add';
  readonly every: number;
  readonly scaling: 'global' | 'local';
  readonly beta1: number;
}

const written = (settings: Settings) => Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, `${value}`]));

/** The same in plain numbers: models, moments and scales after so many meetings. */
function naive(problem: Problem, { rule, steps, b, alpha, clip, every, scaling, beta1 }: Settings, meetings: number) {
  const { nodes, a, gamma } = problem;
  let x = a.map((_, k) => start(0, k));
  let m = a.map(() => 0);
  let d: number[][] = range(nodes).map(() => []);
  let t = 0;
  let step = 0;
  const scaleOf = (d: number) => (clip === 'max' ? Math.max(alpha, Math.abs(d)) : Math.abs(d) + alpha);
  const mean = (rows: number[][]) => a.map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
  for (let meeting = 0; meeting < meetings; meeting++) {
    if (meeting % (1 + every) === 0) {
      const bent = rule === 'oasis' || rule === 'adahessian';
      let h = range(nodes).map(node => (bent ? curvatureOf(problem, node, step) : gradientOf(problem, x, node, step)));
      if (scaling === 'global') h = h.map(() => mean(h));
      const corrected = (b - b ** (t + 1)) / (1 - b ** (t + 1));
      const bt = t === 0 ? 0 : rule === 'adam' || rule === 'adahessian' ? corrected : b;
      d = h.map((h, node) =>
        h.map((h, k) => {
          const old = d[node][k] ?? 0;
          return rule === 'oasis' ? bt * old + (1 - bt) * h : Math.sqrt(bt * old ** 2 + (1 - bt) * h ** 2);
        }),
      );
      t++;
      step++;
      continue;
    }
    const moved = range(nodes).map(node => {
      let w = x;
      let along = m;
      for (let k = 0; k < steps; k++) {
        const g = gradientOf(problem, w, node, step + k);
        along = along.map((old, k) => beta1 * old + (1 - beta1) * g[k]);
        w = w.map((w, k) => w - (gamma * along[k]) / scaleOf(d[node][k]));
      }
      return { w, along };
    });
    step += steps;
    x = mean(moved.map(({ w }) => w));
    m = mean(moved.map(({ along }) => along));
  }
  return { x, m, scales: d.map(row => row.map(scaleOf)) };
}

const problems = fc.record<Problem>({
  nodes: fc.integer({ min: 1, max: 5 }),
  a: fc.array(fc.double({ min: 0.1, max: 8, noNaN: true }), { minLength: 1, maxLength: 40 }),
  apart: fc.constantFrom(0, 0.25),
  noise: fc.constantFrom(0, 0.05),
  gamma: fc.constant(0.1),
});
const settings = fc.record<Settings>({
  rule: fc.constantFrom(...rules),
  steps: fc.integer({ min: 1, max: 4 }),
  b: fc.constantFrom(0.5, 0.9, 0.999),
  alpha: fc.constantFrom(0.2, 1),
  clip: fc.constantFrom('max', 'add'),
  every: fc.integer({ min: 1, max: 3 }),
  scaling: fc.constantFrom('global', 'local'),
  beta1: fc.constantFrom(0, 0.5, 0.9),
});

const close = (found: ArrayLike<number>, expected: readonly number[], what: string) => {
  for (const [k, value] of expected.entries())
    assert.ok(Math.abs(found[k] - value) <= 2e-5 * (1 + Math.abs(value)), `${what} ${k}: ${found[k]}, must be ${value}`);
};

test('every rule is the naive one, in models, moments and scales, and keeps the scale above alpha (13.20)', () => {
  fc.assert(
    fc.property(problems, settings, fc.integer({ min: 2, max: 9 }), (problem, given, meetings) => {
      const stage = stageOf(problem, written(given));
      for (let k = 0; k < meetings; k++) round(stage, problem.nodes);
      const { x, m, scales } = naive(problem, given, meetings);
      for (const node of range(problem.nodes)) {
        close(stage.params(node), x, 'model');
        if (given.beta1 > 0) close(stage.plane(node, 'moment'), m, 'moment');
        if ((meetings - 1) % (1 + given.every) === 0) continue; // the scale of what has just been measured comes next
        const scale = planeOf(stage, node, 'scale');
        close(scale, scales[node], 'scale');
        assert.ok(scale.every(value => value >= Math.fround(given.alpha)));
      }
    }),
    cases(200),
  );
});

test('between two meetings the scale has the same bits on all nodes; with scaling=local it has not (13.20)', () => {
  const problem = { nodes: 5, a: [0.3, 1, 5, 2], apart: 0.5, noise: 0.1, gamma: 0.1 };
  for (const rule of rules)
    for (const scaling of ['global', 'local']) {
      const stage = stageOf(problem, { rule, scaling, b: '0.7' });
      for (let k = 0; k < 8; k++) {
        round(stage, problem.nodes);
        const [first, ...others] = range(problem.nodes).map(node => planeOf(stage, node, 'scale'));
        const isSame = others.every(other => Buffer.from(other.buffer).equals(Buffer.from(first.buffer)));
        assert.equal(isSame, scaling === 'global' || k % 2 === 0, `${rule} ${scaling} after ${k + 1} meetings`);
      }
    }
});

test('D changes only when all have met, and slowly: each coordinate by at most the factor that theory gives (5.3)', () => {
  const alpha = 0.1;
  const b = 0.8;
  fc.assert(
    fc.property(problems, fc.constantFrom(...rules), (problem, rule) => {
      const stage = stageOf(problem, { rule, alpha: String(alpha), b: String(b), every: '2' });
      const seen: Float32Array[] = [];
      for (let k = 0; k < 12; k++) {
        round(stage, problem.nodes);
        if (k % 3 !== 0) seen.push(planeOf(stage, 0, 'scale'));
      }
      // What is measured lies between -G and G: nobody is farther than 20 from where it is pulled to.
      const G = 8.1 * 20;
      const C = rule === 'oasis' ? (2 * G) / alpha : G ** 2 / (2 * alpha ** 2);
      for (let k = 1; k < seen.length; k++) {
        if (k % 2 === 1) assert.deepEqual(seen[k], seen[k - 1]);
        for (const [c, value] of seen[k].entries()) {
          assert.ok(value >= Math.fround(alpha) && value <= G);
          assert.ok(value <= (1 + (1 - b) * C) * seen[k - 1][c] * (1 + 1e-5));
        }
      }
    }),
    cases(100),
  );
});

test('OASIS with the exact diagonal of a quadratic takes every coordinate down by 1 - gamma, however ill-conditioned it is', () => {
  const a = range(12).map(k => 10 ** (k / 2 - 2)); // from 0.01 to 3162
  const gamma = 0.25;
  const stage = stageOf({ nodes: 3, a, apart: 0, noise: 0, gamma }, { rule: 'oasis', alpha: '0.0001', steps: '2' });
  for (let k = 0; k < 6; k++) round(stage, 3);
  close(planeOf(stage, 0, 'scale'), a, 'scale');
  close(
    stage.params(0),
    a.map((_, k) => start(0, k) * (1 - gamma) ** 6),
    'model',
  );
});

test('with D = 1 it is local SGD, bit for bit (13.20)', { timeout: 60_000 }, async () => {
  const problem = { nodes: 4, a: [0.3, 1, 5, 2], apart: 0.5, noise: 0, gamma: 0.1 };
  const local = (nodes: number) =>
    rehearse({
      ...{ algorithm: algorithms.local, options: { steps: '3' }, nodes, parameters: problem.a.length, start },
      descent(weights, node, step) {
        for (const [k, g] of gradientOf(problem, weights, node, step).entries()) weights[k] -= problem.gamma * g;
      },
    });
  const plain = local(problem.nodes);
  for (let k = 0; k < 5; k++) round(plain, problem.nodes);
  const expected = range(problem.nodes).map(node => plain.params(node));
  for (const [options, rounds] of [
    [{ rule: 'identity', steps: '3' }, 5],
    [{ rule: 'adam', alpha: '1000', steps: '3' }, 5 + 5], // a scale of 1000 everywhere, against steps 1000 times as large
  ] as const) {
    const gamma = options.rule === 'adam' ? 1000 * problem.gamma : problem.gamma;
    const stage = stageOf({ ...problem, gamma }, options);
    for (let k = 0; k < rounds; k++) round(stage, problem.nodes);
    for (const node of range(problem.nodes))
      if (options.rule === 'identity') assert.deepEqual(stage.params(node), expected[node]);
      else close(stage.params(node), [...expected[node]], 'model');
  }
  const input = { data: 'digits:400', model: 'mlp:6', nodes: 3, steps: 60, deterministic: true, threads: 2 } as const;
  const hash = async (algorithm: string) => (await train({ ...input, algorithm }).result).done.parametersHash;
  assert.equal(await hash('savic:rule=identity,steps=2'), await hash('local:steps=2'));
});

test('over gossip D is averaged with the models, and who has measured nothing has no say in it', () => {
  const problem = { nodes: 4, a: [0.3, 1, 5, 2], apart: 0.5, noise: 0.1, gamma: 0.1 };
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 20, maxLength: 80 }), fc.nat(1000), (events, seed) => {
      const stage = stageOf(problem, { over: 'gossip', rule: 'oasis', b: '0.9', steps: '1' }, seed);
      for (const node of events) {
        const before = range(4).map(row => planeOf(stage, row, 'sum'));
        const weights = range(4).map(row => planeOf(stage, row, 'weight')[0]);
        if (!stage.isPending(node)) {
          stage.begin(node);
          continue;
        }
        const measured = stage.world.pieces(node) % 2 === 0;
        stage.finish(node);
        const changed = range(4).filter(row => !planeOf(stage, row, 'sum').every((value, k) => value === before[row][k]));
        if (measured) assert.deepEqual(changed, []);
        for (const row of changed) {
          const partner = changed.find(other => other !== row) ?? row;
          close(
            planeOf(stage, row, 'sum'),
            [...before[row]].map((value, k) => (value + before[partner][k]) / 2),
            'sum',
          );
          assert.ok(planeOf(stage, row, 'weight')[0] <= Math.max(...weights));
        }
      }
      for (const row of range(4)) {
        const weight = planeOf(stage, row, 'weight')[0];
        const d = planeOf(stage, row, 'sum').map(value => value / weight);
        // The noise is 0.1 at most, and who has measured nothing has no say.
        if (weight > 0) for (const [k, value] of d.entries()) assert.ok(Math.abs(value - problem.a[k]) < 0.11, `${value}`);
      }
      stage.requireClean();
    }),
    cases(100),
  );
});

test('over gossip the moment is averaged with the models, and what steps have added to it meanwhile is not lost', () => {
  const problem = { nodes: 4, a: [0.3, 1, 5, 2], apart: 0.5, noise: 0.1, gamma: 0.1 };
  const beta1 = 0.8;
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 20, maxLength: 80 }), fc.nat(1000), (events, seed) => {
      const stage = stageOf(problem, { over: 'gossip', rule: 'identity', beta1: String(beta1), steps: '2' }, seed);
      const x = range(4).map(node => problem.a.map((_, k) => start(node, k)));
      const m = range(4).map(() => problem.a.map(() => 0));
      const learnt = range(4).map(() => ({ x: [] as number[], m: [] as number[] }));
      const steps = [0, 0, 0, 0];
      for (const node of events) {
        if (!stage.isPending(node)) {
          stage.begin(node);
          let [w, along] = [x[node], m[node]];
          for (let k = 0; k < 2; k++) {
            const g = gradientOf(problem, w, node, steps[node]++);
            along = along.map((old, k) => beta1 * old + (1 - beta1) * g[k]);
            w = w.map((w, k) => w - problem.gamma * along[k]);
          }
          learnt[node] = { x: w.map((w, k) => w - x[node][k]), m: along.map((value, k) => value - m[node][k]) };
          continue;
        }
        const turns = range(4).map(row => stage.turn(row));
        stage.finish(node);
        const partner = range(4).find(row => row !== node && stage.turn(row) !== turns[row])!;
        for (const [rows, gained] of [
          [x, learnt[node].x],
          [m, learnt[node].m],
        ] as const) {
          const middle = rows[node].map((value, k) => (value + rows[partner][k]) / 2);
          rows[node] = middle.map((value, k) => value + gained[k]);
          rows[partner] = middle;
        }
        for (const row of range(4)) {
          close(stage.params(row), x[row], 'model');
          close(stage.plane(row, 'moment'), m[row], 'moment');
        }
      }
      stage.requireClean();
    }),
    cases(200),
  );
});

test('with D = 1 and one step a round, the moment of all is that of heavy balls on every node: the mean of sums', {
  timeout: 60_000,
}, async () => {
  const input = { data: 'digits:400', model: 'mlp:6', nodes: 3, steps: 90, deterministic: true, threads: 2 } as const;
  const loss = async (algorithm: string, optimizer: string) => (await train({ ...input, algorithm, optimizer }).result).done.loss;
  const heavy = await loss('local:steps=1', 'sgd:rate=0.02,momentum=0.8');
  const moment = await loss('savic:rule=identity,steps=1,beta1=0.8', 'sgd:rate=0.1');
  assert.ok(Math.abs(moment - heavy) <= 1e-5 * heavy, `${moment}, must be ${heavy}`);
});

test('a piece that measures moves nothing: no weight by momentum or decay, and no momentum', { timeout: 60_000 }, async () => {
  for (const optimizer of [
    'sgd:rate=0.01,momentum=.9,decay=.1',
    'sgd:rate=0.01,momentum=.5,nesterov=true',
    'sgd:rate=0.01,decay=.1',
  ])
    for (const rule of rules) {
      const until = async (time: number) =>
        (
          await simulate({
            ...{
              data: 'digits:200',
              model: 'softmax',
              nodes: 3,
              batch: 4,
              algorithm: `savic:steps=2,rule=${rule}`,
              optimizer,
              time,
            },
            ...{ clock: 'constant:mean=1', evaluateEvery: '10s', parallel: 'never', track: 0 },
          }).result
        ).done;
      // Rounds end at each second; the first and the third measure.
      const [learnt, measured, again] = [await until(2.5), await until(3.5), await until(4.5)];
      const what = `${rule}, ${optimizer}`;
      assert.equal(measured.steps, learnt.steps + 3, what);
      assert.equal(measured.parametersHash, learnt.parametersHash, what);
      assert.equal(measured.planeHashes.momentum, learnt.planeHashes.momentum, what);
      assert.notEqual(measured.planeHashes.scale, learnt.planeHashes.scale, what);
      assert.notEqual(again.parametersHash, measured.parametersHash, what);
      assert.equal(again.planeHashes.momentum === measured.planeHashes.momentum, !optimizer.includes('momentum'), what);
    }
});

test('it learns the digits live, in virtual time, and again from a recording', { timeout: 60_000 }, async () => {
  const input = { data: 'digits:1500', model: 'softmax', nodes: 4, epochs: 4, batch: 16, optimizer: 'sgd:rate=0.005' };
  const file = join(folder, 'run.hearsay');
  for (const algorithm of [
    ...['savic:every=4', 'savic:rule=oasis,over=gossip', 'savic:rule=adahessian,scaling=local'],
    ...['savic:beta1=0.9,every=4', 'savic:rule=rmsprop,beta1=0.5,over=gossip'],
  ]) {
    const live = (await train({ ...input, algorithm, threads: 2 }, { record: file }).result).done;
    assert.ok(live.loss < Math.log(10) / 2, `${algorithm}: ${live.loss}`);
    for (const threads of [1, 2]) assert.equal((await replay(file, { threads }).result).parametersHash, live.parametersHash);
    const virtual = (await simulate({ ...input, algorithm }).result).done;
    assert.ok(virtual.loss < Math.log(10) / 2, `${algorithm}: ${virtual.loss}`);
  }
});

test('nodes that join, leave and crash change nothing of that: the scale is one and the same', { timeout: 60_000 }, async () => {
  const { done } = await simulate({
    ...{ data: 'digits:400', model: 'softmax', nodes: 5, time: 200, batch: 8, algorithm: 'savic:steps=2', threads: 1 },
    ...{ churn: 'rates:join=.3,leave=.2,crash=.2', optimizer: 'sgd:rate=0.005', parallel: 'never' },
  }).result;
  assert.ok(done.virtual!.joined > 3 && done.virtual!.crashed > 3);
  assert.ok(done.loss < Math.log(10) / 2, `${done.loss}`);
});

test('wrong settings are refused by name', () => {
  const setting = { nodes: 4, capacity: 4, parameters: 1, rate: 0.1 };
  for (const [options, words] of [
    [{ rule: 'adagrad' }, 'adam | rmsprop'],
    [{ b: '1' }, 'b'],
    [{ alpha: '0' }, 'alpha'],
    [{ every: '0' }, 'every'],
    [{ over: 'push' }, 'barrier | gossip'],
    [{ rule: 'identity', b: '0.9' }, 'found b with rule=identity'],
    [{ rule: 'identity', alpha: '0.01' }, 'found alpha with'],
    [{ rule: 'identity', clip: 'max' }, 'found clip with'],
    [{ rule: 'identity', every: '1' }, 'found every with'],
    [{ rule: 'identity', scaling: 'global' }, 'found scaling with'],
    [{ beta1: '1' }, 'beta1'],
    [{ beta1: '-0.1' }, 'beta1'],
  ] as const)
    refused(() => algorithms.savic(options, setting), 'CONFIG_RANGE', 'savic', words);
  const two = { ...setting, momentum: true };
  refused(() => algorithms.savic({ beta1: '0.9' }, two), 'CONFIG_RANGE', 'savic: found beta1=0.9', 'sgd:rate=R');
  algorithms.savic({ beta1: '0' }, two);
});
