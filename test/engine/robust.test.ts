/**
 * Robust averages: each rule against plain numbers in every verb that has it, what it keeps, how many bad models it bears, and what is
 * refused; nodes that attack, by their rules.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { type AttackSettings, attackKinds, openAttack, readAttack } from '../../src/engine/attack.js';
import { readAverage, requireNeighbours } from '../../src/engine/averaging.js';
import { type ExperimentInput, parseExperiment } from '../../src/engine/experiment.js';
import { replay, simulate, train } from '../../src/index.js';
import { normal, source } from '../../src/random.js';
import { type RehearsalOptions, rehearse } from '../../src/testing/rehearsal.js';
import { topology as graphNamed } from '../../src/topology/topology.js';
import { cases } from '../support/cases.js';
import { refused } from '../support/refused.js';
import { timeless } from '../support/timeless.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.hearsay');

const range = (n: number) => Array.from({ length: n }, (_, k) => k);
type Vector = readonly number[];
const add = (a: Vector, b: Vector) => a.map((x, k) => x + b[k]);
const distance = (a: Vector, b: Vector) => Math.sqrt(a.reduce((sum, x, k) => sum + (x - b[k]) ** 2, 0));
const parameters = 7;
const learn = (node: number, k: number) => 0.125 * (node + 1) * ((k % 3) - 0.5);
const progress = (node: number) => range(parameters).map(k => learn(node, k));

/** w clip(b - a), by hand. */
function clip(a: Vector, b: Vector, radius: number, w: number): Vector {
  const far = distance(a, b);
  if (!Number.isFinite(far)) return a.map(() => 0);
  return a.map((x, k) => w * (b[k] - x) * Math.min(1, radius / far));
}

const middle = (values: readonly number[], cut: number) => {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const out = Math.min(cut, Math.floor((sorted.length - 1) / 2));
  const left = sorted.slice(out, sorted.length - out);
  return left.reduce((a, b) => a + b, 0) / left.length;
};

function stage(
  algorithm: string,
  options: Record<string, string>,
  nodes: number,
  average: string,
  more: Partial<RehearsalOptions> = {},
) {
  const draw = source(nodes, 'test');
  return rehearse({
    ...{ algorithm: algorithms[algorithm], options, nodes, parameters, average, drops: 'skip' },
    start: (row, k) => normal(draw, row, k),
    descent(weights, node) {
      for (const k of weights.keys()) weights[k] += learn(node, k);
    },
    ...more,
  });
}

const close = (found: Iterable<number>, expected: Vector, what: string) => {
  for (const [k, value] of [...found].entries())
    assert.ok(
      Math.abs(value - expected[k]) <= 1e-5 * (1 + Math.abs(expected[k])),
      `${what} ${k}: ${value}, must be ${expected[k]}`,
    );
};

test('a pair takes no more than w radius of each other, and what one takes the other gives: by every verb of two', () => {
  fc.assert(
    fc.property(fc.constantFrom(0.25, 0.5), fc.double({ min: 0.01, max: 8, noNaN: true }), fc.nat(1e6), (weight, tau, seed) => {
      const radius = Math.fround(tau);
      for (const [algorithm, options] of [
        ['swarm', {}],
        ['swarm', { order: 'commit' }],
        ['swarm', { both: 'true' }],
        ['swarm', { both: 'true', order: 'mix' }],
        ['swarm-pull', {}],
        ['adpsgd', {}],
        ['gossip', { mix: 'push-pull' }],
        ['gossip', { mix: 'push' }],
      ] as [string, Record<string, string>][]) {
        const draw = source(seed, 'test');
        const on = stage(
          algorithm,
          { weight: String(weight), ...(algorithm !== 'adpsgd' && { steps: '1' }), ...options },
          2,
          `clipped:radius=${radius}`,
          {
            start: (row, k) => normal(draw, row, k),
          },
        );
        const [x, y] = [0, 1].map(row => Array.from(on.params(row)));
        const blocking = options.both === 'true';
        on.begin(0);
        if (blocking) on.begin(1);
        on.finish(0);
        if (algorithm === 'gossip') on.tick(0, 0);
        const commits =
          algorithm !== 'adpsgd' && (algorithm !== 'swarm' || (options.order ?? (blocking ? 'commit' : 'mix')) === 'commit');
        const a = commits ? add(x, progress(0)) : x;
        const b = commits && blocking ? add(y, progress(1)) : y;
        let toA = add(a, clip(a, b, radius, weight));
        let toB = add(b, clip(b, a, radius, weight));
        if (!commits) toA = add(toA, progress(0));
        if (!commits && blocking) toB = add(toB, progress(1));
        if (algorithm === 'swarm-pull') toB = y;
        if (options.mix === 'push') toA = a;
        close(on.params(0), toA, `${algorithm} ${JSON.stringify(options)}: first`);
        close(on.params(1), toB, `${algorithm} ${JSON.stringify(options)}: second`);
        on.requireClean();
      }
    }),
    cases(20),
  );
});

test('pairs that clip keep the mean over any run of them, and a model that is no number is taken by nobody', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { minLength: 5, maxLength: 60 }),
      fc.constantFrom(0.05, 0.5, 100),
      fc.boolean(),
      (order, radius, isSick) => {
        const on = stage('swarm', { steps: '1' }, 5, `clipped:radius=${radius}`, {
          ...(isSick && { start: (row: number, k: number) => (row === 3 && k === 2 ? Number.NaN : row + k) }),
        });
        const sum = () =>
          range(parameters).map(k => [0, 1, 2, 4].concat(isSick ? [] : [3]).reduce((total, row) => total + on.params(row)[k], 0));
        let expected = sum();
        for (const node of order) {
          if (isSick && node === 3) continue;
          on.begin(node);
          on.finish(node);
          expected = add(expected, progress(node));
        }
        close(sum(), expected, 'sum');
      },
    ),
    cases(30),
  );
});

/** The radius of a node: the distance that comes after the `cut` largest of its neighbours. */
function radiusOf(own: Vector, others: readonly Vector[], cut: number): number {
  const falling = others.map(other => distance(own, other)).sort((a, b) => b - a);
  return falling[Math.min(cut, falling.length - 1)];
}

/** One meeting of an algorithm with all rows given; the rows after it, and what stood in the average. */
function meeting(
  algorithm: string,
  options: Record<string, string>,
  nodes: number,
  average: string,
  topology: string,
  start: (row: number, k: number) => number,
) {
  const graph = graphNamed(topology, nodes, 1);
  const on = stage(algorithm, options, nodes, average, { graph, start });
  const before = range(nodes).map(row => Array.from(on.params(row)));
  for (const node of range(nodes)) on.begin(node);
  for (const node of range(nodes)) on.finish(node);
  assert.ok(on.meet());
  on.requireClean();
  const learnt = range(nodes).map(node => (before[node].every(Number.isFinite) ? progress(node) : progress(node).map(() => 0)));
  const around = range(nodes).map(node => (algorithm === 'dpsgd' ? [node, ...on.world.neighbours(node)] : range(nodes)));
  const commits = algorithm !== 'dpsgd' || options.order === 'commit';
  const shown = commits ? before.map((row, node) => add(row, learnt[node])) : before;
  return {
    after: range(nodes).map(row => Array.from(on.params(row))),
    shown,
    around,
    later: commits ? learnt.map(row => row.map(() => 0)) : learnt,
  };
}

const meetings = [
  ['dpsgd', { steps: '1', order: 'mix' }],
  ['dpsgd', { steps: '1', order: 'commit' }],
  ['local', { steps: '1' }],
] as [string, Record<string, string>][];

test('a neighbourhood that clips: the naive rule with Metropolis weights, and the mean of all stays', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('complete', 'ring', 'star', 'erdos-renyi:0.7'),
      fc.integer({ min: 3, max: 8 }),
      fc.constantFrom('radius=0.1', 'radius=1', 'radius=3', 'radius=50', 'cut=1', 'cut=2'),
      fc.nat(1e6),
      (topology, nodes, setting, seed) => {
        for (const [algorithm, options] of meetings) {
          const draw = source(seed, 'test');
          const { after, shown, around, later } = meeting(algorithm, options, nodes, `clipped:${setting}`, topology, (row, k) =>
            Math.fround(normal(draw, row, k)),
          );
          const [what, size] = setting.split('=');
          const radii = range(nodes).map(i =>
            what === 'radius'
              ? Number(size)
              : radiusOf(
                  shown[i],
                  around[i].filter(j => j !== i).map(j => shown[j]),
                  Number(size),
                ),
          );
          const weight = (i: number, j: number) => 1 / Math.max(around[i].length, around[j].length);
          const expected = range(nodes).map(i =>
            around[i]
              .filter(j => j !== i)
              .reduce((sum, j) => add(sum, clip(shown[i], shown[j], Math.min(radii[i], radii[j]), weight(i, j))), shown[i]),
          );
          for (const node of range(nodes)) close(after[node], add(expected[node], later[node]), `${algorithm} ${node}`);
          const total = (rows: readonly Vector[]) => rows.reduce(add);
          close(total(after), add(total(shown), total(later)), 'sum');
        }
      },
    ),
    cases(20),
  );
});

test('median and trimmed mean: the naive rule, and with as many bad models as they bear each number lies between those of good ones', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('complete', 'regular:4'),
      fc.integer({ min: 5, max: 9 }),
      fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
      fc.array(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30, 0.3), {
        minLength: 2,
        maxLength: 2,
      }),
      fc.nat(1e6),
      (topology, nodes, cut, evil, seed) => {
        const draw = source(seed, 'test');
        const bad = cut === 1 ? [1] : [1, 3];
        const start = (row: number, k: number) => (bad.includes(row) ? evil[(row + k) % 2] : Math.fround(normal(draw, row, k)));
        for (const [algorithm, options] of meetings) {
          const text = Number.isFinite(cut) ? `trimmed:cut=${cut}` : 'median';
          const { after, shown, around, later } = meeting(algorithm, options, nodes, text, topology, start);
          for (const node of range(nodes).filter(node => !bad.includes(node))) {
            const good = around[node].filter(j => !bad.includes(j));
            for (const k of range(parameters)) {
              const found = after[node][k];
              const naive = middle(
                around[node].map(j => shown[j][k]),
                cut,
              );
              close([found], [naive + later[node][k]], `${algorithm}, ${text}, node ${node}`);
              // An even number of models has two in the middle: one bad less than half less one.
              if (around[node].length - good.length > Math.min(cut, Math.floor((around[node].length - 1) / 2))) continue;
              const values = good.map(j => shown[j][k]);
              const slack = 1e-5 * (1 + Math.abs(found));
              const average = found - later[node][k];
              assert.ok(
                average >= Math.min(...values) - slack && average <= Math.max(...values) + slack,
                `${text}: ${average} of ${values}`,
              );
            }
          }
        }
      },
    ),
    cases(30),
  );
});

test('one bad model more than it bears leaves the range of the good: the bound is the least', () => {
  for (const [text, nodes, bad] of [
    ['trimmed:cut=1', 5, 2],
    ['median', 5, 3],
  ] as const) {
    const { after } = meeting('local', { steps: '1' }, nodes, text, 'complete', row => (row < bad ? 1e6 : 0));
    assert.ok(after[nodes - 1][0] > 1000, `${text}: ${after[nodes - 1][0]}`);
  }
});

test('averages are refused where an algorithm has no place for them, and where a node has too few neighbours', async () => {
  assert.deepEqual(readAverage('clipped:radius=2'), { kind: 'clipped', radius: 2 });
  assert.deepEqual(readAverage('clipped'), { kind: 'clipped', radius: 1 });
  assert.deepEqual(readAverage('clipped:cut=2'), { kind: 'clipped', cut: 2 });
  assert.deepEqual(readAverage('trimmed:cut=2'), { kind: 'trimmed', cut: 2 });
  assert.deepEqual(readAverage('median'), { kind: 'trimmed', cut: Number.POSITIVE_INFINITY });
  for (const text of [
    'clipped:radius=0',
    'clipped:radius=-1',
    'trimmed:cut=0',
    'trimmed:cut=1.5',
    'clip',
    'clipped:cut=1,radius=2',
  ])
    refused(() => readAverage(text), 'CONFIG_RANGE', 'average');
  refused(() => readAverage('median:cut=1'), 'CONFIG_UNKNOWN_KEY', 'cut');
  const few = { data: 'none', model: 'noise:4', batch: 1, steps: 1, nodes: 6 } as const;
  const wrong: [Partial<ExperimentInput>, RegExp][] = [
    [
      { average: 'median', algorithm: 'swarm' },
      /average: found 'median', but algorithm swarm averages no more than two models at once.*dpsgd/,
    ],
    [{ average: 'clipped:cut=1', algorithm: 'swarm' }, /average: .* knows no neighbours to compare one with/],
    [{ average: 'clipped', algorithm: 'sgp' }, /average: .* algorithm sgp has no averages of models as they are.*swarm/],
    [{ average: 'trimmed', algorithm: 'choco' }, /average: .* algorithm choco/],
    [{ average: 'median', algorithm: 'dpsgd', topology: 'ring' }, /node 0 with 2 neighbours, allowed is 3 neighbours and more/],
    [{ average: 'trimmed:cut=3', algorithm: 'local' }, /a mean of 6 models, allowed is 6 neighbours and more/],
    [{ average: 'clipped', algorithm: 'swarm:bits=3' }, /average: .* 3 bits/],
    [{ average: 'clipped', optimizer: 'adam:travels=all' }, /optimizer: .*travels/],
    [{ attacks: ['node=0,kind=sign', 'node=0,kind=nan'].map(text => readAttack(text, 'attacks', 9)) }, /node 0 is given twice/],
    [{ attacks: [{ node: 6, kind: 'sign' }] }, /attacks: found node 6, allowed is 0 to 5/],
    [{ attacks: range(6).map(node => ({ node, kind: 'sign' as const })) }, /6 of 6 nodes/],
    [{ attacks: [{ node: 1, kind: 'sign' }], algorithm: 'hogwild' }, /attacks: .* algorithm hogwild/],
  ];
  for (const [input, message] of wrong) await assert.rejects(async () => train({ ...few, ...input }).result, { message });
  assert.doesNotThrow(() => requireNeighbours('median', { cut: 1 }, { among: 'neighbours' } as never, 4, () => 3));
});

test('an attack reads as it is written, and is refused when it names nobody or nothing', () => {
  assert.deepEqual(readAttack('node=2,kind=noise,scale=0.5', '--attack', 9), { node: 2, kind: 'noise', scale: 0.5 });
  assert.deepEqual(parseExperiment({ attacks: 'node=2,kind=sign' as never }).attacks, [{ node: 2, kind: 'sign', scale: 1 }]);
  for (const text of ['node=2', 'kind=sign', 'node=9,kind=sign', 'node=2,kind=lie', 'node=2,kind=sign,scale=0', '2', 'sign', ''])
    refused(() => readAttack(text, '--attack', 9), 'CONFIG_RANGE', '--attack: ');
  for (const text of ['2', 'sign', 'node=2,sign'])
    refused(() => readAttack(text, '--attack', 9), 'CONFIG_RANGE', `found '${text}', allowed is node=I,kind=`);
  refused(() => readAttack('node=2,kind=sign,size=3', '--attack', 9), 'CONFIG_UNKNOWN_KEY', 'size');
});

test('what an attacking node commits, by its rule; the others commit what they have learnt', () => {
  const scale = 0.5;
  for (const kind of attackKinds) {
    const attacks: AttackSettings[] = [{ node: 1, kind, scale }];
    const on = stage('none', { steps: '1' }, 3, 'plain', {
      attack: ({ memory, layout }) => openAttack(memory.buffer, layout, attacks, 5),
    });
    const rows = range(3).map(row => Array.from(on.params(row)));
    for (const piece of [1, 2]) {
      for (const node of range(3)) {
        on.begin(node);
        on.finish(node);
        const draw = (k: number) => normal(source(5, 'attack'), 1, piece * parameters + k);
        rows[node] = rows[node].map((x, k) => {
          const d = learn(node, k);
          if (node !== 1) return x + d;
          return { sign: x - scale * d, noise: x + d + scale * draw(k), constant: scale, nan: Number.NaN }[kind];
        });
        if (node === 1 && kind === 'nan') assert.ok(on.params(1).every(Number.isNaN));
        else close(on.params(node), rows[node], `${kind} ${node}`);
      }
    }
  }
});

const learning: ExperimentInput = {
  ...{ data: 'synthetic:rows=120,features=5,test=30', model: 'linear', nodes: 6, batch: 2, steps: 300, evaluateEvery: 150 },
  ...{ optimizer: 'sgd:rate=0.02', kernels: 'simd' },
};

test('robust averages and attacks have the same bytes on any threads, and from a history; nobody good is drawn into what is no number', {
  timeout: 120_000,
}, async () => {
  const attacks: AttackSettings[] = [{ node: 1, kind: 'noise', scale: 0.3 }];
  const sick: AttackSettings[] = [{ node: 1, kind: 'nan', scale: 1 }];
  for (const [algorithm, average, bad] of [
    ['swarm', 'clipped:radius=0.3', attacks],
    ['swarm:bits=8', 'clipped:radius=0.3', attacks],
    ['gossip', 'clipped:radius=0.3', sick],
    ['swarm:both=true', 'clipped:radius=0.3', sick],
    ['dpsgd', 'median', sick],
    ['dpsgd', 'clipped:cut=1', sick],
    ['dpsgd:order=commit', 'trimmed', attacks],
    ['local', 'clipped', attacks],
  ] as const) {
    const input = { ...learning, algorithm, average, attacks: bad };
    const alone = await simulate({ ...input, parallel: 'never' }).result;
    assert.ok(Number.isFinite(alone.done.worstLoss) && Number.isFinite(alone.done.consensus), `${algorithm} ${average}`);
    assert.equal(alone.done.diverged, undefined);
    for (const threads of [1, 2, 4]) {
      const pool = await simulate({ ...input, threads, parallel: 'always' }, { record: file }).result;
      assert.deepEqual(timeless(pool), timeless(alone), `${algorithm} ${average} on ${threads} threads`);
    }
    assert.equal((await replay(file, { threads: 2 }).result).parametersHash, alone.done.parametersHash);
    const { done } = await train({ ...input, threads: 2 }, { record: file }).result;
    assert.ok(Number.isFinite(done.worstLoss));
    for (const threads of [1, 2]) assert.equal((await replay(file, { threads }).result).parametersHash, done.parametersHash);
  }
});

test('plain averages take what is no number from one node to all: a good one ends the run, or stays without a model', {
  timeout: 60_000,
}, async () => {
  const input = { ...learning, algorithm: 'swarm', attacks: [{ node: 1, kind: 'nan' as const }] };
  for (const run of [train, simulate])
    await assert.rejects(run(input).result, {
      code: 'DIVERGED',
      message: /; node 1 attacks, and averages are plain.*--average clipped/,
    });
  const { done } = await simulate({ ...input, diverged: 'skip' }).result;
  assert.ok(Number.isNaN(done.loss) && done.diverged!.skips > 10);
});
