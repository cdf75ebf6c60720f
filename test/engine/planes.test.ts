/** Planes beside params: in sums, kernels, messages, averages and local steps; and the mass of a row. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adjust, curvature, follow } from '../../src/engine/adjust.js';
import type { Algorithm, Row, RowKernel, Rows, Slot } from '../../src/engine/algorithm.js';
import { massOf } from '../../src/engine/mass.js';
import { sideOf } from '../../src/engine/sides.js';
import { openVersions, versionWords } from '../../src/engine/versions.js';
import type { Session } from '../../src/models/model.js';
import { source } from '../../src/random.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import { arena } from '../models/kernels/arena.js';
import { cases } from '../support/cases.js';

const parameters = 7;
const start = (row: Row, k: number) => row * 10 + k;

const fill: RowKernel = ({ to, value }) => {
  for (const plane of Object.values(to)) plane.forEach((_, k) => void (plane[k] = value + k));
};

function open(more: Partial<Algorithm> = {}, nodes = 4, descent?: Parameters<typeof rehearse>[0]['descent']): Rehearsal {
  return rehearse({
    nodes,
    parameters,
    start,
    descent,
    algorithm: () => ({
      name: 'test',
      planes: [
        { name: 'hat', sides: 2 },
        { name: 'few', sides: 2, width: 3, carried: true },
        { name: 'own', sides: 1 },
      ],
      sends: true,
      keepsDelta: true,
      kernels: { fill, ...more.kernels },
      begin: (node, rows) => rows.descend(node, { steps: 1 }),
      finish(node, rows) {
        rows.commit(node);
        return true;
      },
      ...more,
    }),
  });
}

function plane({ arena, words }: Rehearsal, row: Row, name: string): number[] {
  const { layout, memory } = arena;
  const found = layout.planes.find(plane => plane.name === name)!;
  return [...new Float32Array(memory.buffer, sideOf(words, layout, row, found), found.width ?? parameters)];
}

const mass = ({ arena, words }: Rehearsal, row: Row) => massOf(words, arena.layout, row);

test('a sum takes and writes any planes, all from the values before', () => {
  const cell = fc.record({ row: fc.nat(3), hat: fc.boolean() });
  const args = fc.record({
    targets: fc.uniqueArray(cell, { minLength: 1, maxLength: 5, selector: ({ row, hat }) => row + 10 * Number(hat) }),
    operands: fc.array(cell, { minLength: 1, maxLength: 6 }),
    weights: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 30, maxLength: 30 }),
    shared: fc.boolean(),
  });
  fc.assert(
    fc.property(args, ({ targets, operands, weights, shared }) => {
      const stage = open();
      const { rows } = stage;
      for (const row of [0, 1, 2, 3]) rows.apply(row, 'fill', ['hat'], { value: 100 * row });
      const read = ({ row, hat }: { row: Row; hat: boolean }) => plane(stage, row, hat ? 'hat' : 'params');
      const all = [0, 1, 2, 3].flatMap(row => [false, true].map(hat => ({ row, hat })));
      const before = all.map(read);
      const of = (cell: { row: Row; hat: boolean }) => before[2 * cell.row + Number(cell.hat)];
      const asked = weights.slice(0, shared ? operands.length : operands.length * targets.length);
      const handle = ({ row, hat }: { row: Row; hat: boolean }) => (hat ? rows.plane(row, 'hat') : row);
      rows.combine(targets.map(handle), operands.map(handle), asked);
      all.forEach((cell, index) => {
        const t = targets.findIndex(({ row, hat }) => row === cell.row && hat === cell.hat);
        const sum = (k: number) =>
          operands.reduce((sum, operand, o) => sum + asked[shared ? o : t * operands.length + o] * of(operand)[k], 0);
        assert.deepEqual(read(cell), t < 0 ? before[index] : before[index].map((_, k) => sum(k)));
      });
      stage.requireClean();
    }),
    cases(500),
  );
});

test('a sum refuses what it can not take or write, by name', () => {
  const { rows } = open();
  assert.throws(() => rows.plane(0, 'nothing'), { code: 'STATE', message: /there are params, hat, own/ });
  assert.throws(() => rows.plane(0, 'few'), { code: 'STATE' });
  assert.throws(() => rows.combine([rows.plane(0, 'own')], [0], [1]), { code: 'STATE', message: /no two-sided plane/ });
  assert.throws(() => rows.combine([rows.delta(0)], [0], [1]), { code: 'STATE' });
});

test('a kernel sees its row, and a message as far as it carries, and draws anew at each op', () => {
  const seen: { other: string[]; seed: number }[] = [];
  const look: RowKernel = ({ to, from, other, seed, value }) => {
    seen.push({ other: Object.keys(other), seed });
    to.few.set([from.params[1], other.params?.[1] ?? -1, value]);
  };
  const run = () => {
    seen.length = 0;
    const stage = open({ kernels: { look } });
    const { rows, world } = stage;
    const slot = rows.stow(2);
    rows.apply(1, 'look', ['few'], { other: slot, value: 0.25 });
    assert.deepEqual(plane(stage, 1, 'few'), [11, 21, 0.25]);
    rows.apply(1, 'look', ['few'], { other: 3 });
    assert.deepEqual(plane(stage, 1, 'few'), [11, 31, 0]);
    rows.apply(1, 'look', ['few']);
    assert.deepEqual(plane(stage, 1, 'few'), [11, -1, 0]);
    world.send(2, slot, world.peer(2));
    stage.requireClean();
    return seen.map(({ seed }) => seed);
  };
  const seeds = run();
  assert.deepEqual(seen[0].other, ['params', 'few']);
  assert.deepEqual(seen[1].other, ['params', 'delta', 'hat', 'few', 'own']);
  assert.equal(new Set(seeds).size, 3);
  assert.deepEqual(run(), seeds);
});

test('nodes come to a meeting with their pieces, and it commits what it sums; one that it forgets is an error', () => {
  const met = (used: boolean) => {
    const stage = open(
      {
        finish(node, rows) {
          rows.meet(node);
          return true;
        },
        meet: ({ combine, live, delta }) =>
          combine(live, used ? [...live, ...live.map(delta)] : live, used ? [1, 1, 1, 1, 2, 2, 2, 2] : [1, 1, 1, 1]),
      },
      4,
      (weights, node) => {
        weights[0] += node + 1;
      },
    );
    for (const node of [0, 1, 2, 3]) {
      stage.begin(node);
      stage.finish(node);
      assert.equal(stage.isPending(node), true);
      assert.equal(stage.params(node)[0], 10 * node);
    }
    assert.equal(stage.meet(), true);
    return stage;
  };
  const stage = met(true);
  for (const node of [0, 1, 2, 3]) {
    assert.equal(stage.params(node)[0], 60 + 2 * 10);
    assert.equal(stage.isPending(node), false);
    assert.equal(stage.steps(node), 1);
  }
  stage.requireClean();
  assert.throws(() => met(false), { code: 'STATE', message: /node 0 came with a piece of work/ });
});

test('a message takes a plane out of its row, and into another', () => {
  const stage = open();
  const { rows } = stage;
  rows.apply(0, 'fill', ['hat'], { value: 5 });
  rows.apply(1, 'fill', ['hat'], { value: 1 });
  const slot = rows.stow(0, { plane: 'hat' });
  assert.deepEqual(plane(stage, 0, 'hat'), Array(parameters).fill(0));
  assert.deepEqual(plane(stage, 0, 'params'), [0, 1, 2, 3, 4, 5, 6]);
  rows.absorb(1, slot, 1, 2, 'hat');
  assert.deepEqual(plane(stage, 1, 'hat'), [11, 14, 17, 20, 23, 26, 29]);
  assert.deepEqual(plane(stage, 1, 'params'), [10, 11, 12, 13, 14, 15, 16]);
  assert.throws(() => rows.stow(0, { plane: 'own' }), { code: 'STATE' });
  stage.requireClean();
});

test('by push-sum, masses and masses times models are conserved, whatever is sent and merged', () => {
  const act = fc.record({ what: fc.constantFrom('send', 'merge'), row: fc.nat(3), k: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), acts => {
      const stage = open({ mass: 'push-sum' }, 40);
      const { rows } = stage;
      const under: Slot[] = [];
      const total = (of: (row: Row) => number) => [0, 1, 2, 3, ...under].reduce((sum, row) => sum + of(row), 0);
      const momentum = () => total(row => mass(stage, row) * plane(stage, row, 'params')[2]);
      const [masses, momenta] = [total(row => mass(stage, row)), momentum()];
      for (const { what, row, k } of acts) {
        if (what === 'send') under.push(rows.stow(row));
        else if (under.length > 0) {
          const [slot] = under.splice(k % under.length, 1);
          rows.merge(row, slot);
        }
        assert.ok(Math.abs(total(row => mass(stage, row)) - masses) < 1e-5);
        assert.ok(Math.abs(momentum() - momenta) < 1e-4 * Math.abs(momenta), `${momentum()} of ${momenta}`);
        for (const row of [0, 1, 2, 3]) assert.ok(mass(stage, row) > 0);
      }
    }),
    cases(300),
  );
});

test('by push-sum, a step and a sum are those of the biased model m x', () => {
  const stage = open({ mass: 'push-sum' }, 4, weights => {
    weights[0] += 3;
  });
  const { rows } = stage;
  rows.stow(1); // half its mass has gone
  stage.begin(1);
  stage.finish(1);
  assert.deepEqual(plane(stage, 1, 'params').slice(0, 2), [10 + 3 / 0.5, 11]);
  assert.equal(mass(stage, 1), 0.5);
  stage.begin(2);
  // x_2 = (x_1 + x_2) / 2 biased, with the step of node 2
  rows.combine([2], [1, 2, rows.delta(2)], [0.5, 0.5, 1]);
  assert.equal(mass(stage, 2), 0.75);
  const expected = [(0.25 * 16 + 0.5 * 20 + 3) / 0.75, (0.25 * 11 + 0.5 * 21) / 0.75];
  for (const [k, value] of expected.entries()) assert.ok(Math.abs(plane(stage, 2, 'params')[k] - value) < 1e-5 * value);
});

test('by age, models weigh as the steps that they have seen', () => {
  const stage = open({ mass: 'age' }, 4);
  const { rows } = stage;
  for (let k = 0; k < 3; k++) {
    stage.begin(2);
    stage.finish(2);
  }
  assert.equal(mass(stage, 2), 4);
  rows.merge(1, rows.stow(2));
  assert.equal(mass(stage, 2), 4, 'who sends keeps all');
  assert.equal(mass(stage, 1), 4);
  assert.deepEqual(plane(stage, 1, 'params')[0], Math.fround(10 * 0.2 + 20 * 0.8));
});

test('planes that mix go along with every average of a pair, and with nothing else', () => {
  for (const [verb, both] of [
    ['mixAndCommit', true],
    ['mixAndCommitBoth', true],
    ['mix', true],
    ['pull', false],
  ] as const) {
    const stage = open({ mixes: ['hat', 'few'] }, 2);
    const { rows, world } = stage;
    for (const row of [0, 1]) rows.apply(row, 'fill', ['hat', 'few'], { value: 8 * row });
    stage.begin(0);
    stage.begin(1);
    if (verb === 'mixAndCommitBoth') assert.equal(rows.mixAndCommitBoth(0, world.peer(0), 0.25), true);
    else rows[verb](0, world.peer(0), 0.25);
    assert.deepEqual(plane(stage, 0, 'few'), [2, 3, 4], verb);
    assert.deepEqual(plane(stage, 1, 'few'), both ? [6, 7, 8] : [8, 9, 10], verb);
    assert.equal(plane(stage, 0, 'hat')[6], 8, verb);
    assert.equal(plane(stage, 1, 'hat')[0], both ? 6 : 8, verb);
    const before = plane(stage, 1, 'few');
    if (stage.isPending(1)) rows.commit(1);
    assert.deepEqual(plane(stage, 1, 'few'), before);
    stage.requireClean();
  }
});

test('and with every model that a sum takes, but not with deltas or other planes', () => {
  const args = fc.record({
    targets: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }),
    operands: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
    weights: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 24, maxLength: 24 }),
    shared: fc.boolean(),
    hat: fc.nat(3),
  });
  fc.assert(
    fc.property(args, ({ targets, operands, weights, shared, hat }) => {
      const stage = open({ mixes: ['hat', 'few'] });
      const { rows } = stage;
      for (const row of [0, 1, 2, 3]) rows.apply(row, 'fill', ['hat', 'few'], { value: 100 * row });
      stage.begin(targets[0]);
      const before = [0, 1, 2, 3].map(row => plane(stage, row, 'few'));
      const all = [...operands, rows.delta(targets[0]), rows.plane(hat, 'hat')];
      const asked = weights.slice(0, shared ? all.length : all.length * targets.length);
      rows.combine(targets, all, asked);
      for (const row of [0, 1, 2, 3]) {
        const t = targets.indexOf(row);
        const sum = (k: number) =>
          operands.reduce((sum, other, o) => sum + asked[shared ? o : t * all.length + o] * before[other][k], 0);
        assert.deepEqual(plane(stage, row, 'few'), t < 0 ? before[row] : before[row].map((_, k) => sum(k) + 0));
        if (t >= 0) assert.equal(plane(stage, row, 'hat')[0], plane(stage, row, 'few')[0]);
      }
      const few = plane(stage, 0, 'few');
      rows.combine([rows.plane(0, 'hat')], [1], [2]);
      assert.deepEqual(plane(stage, 0, 'few'), few);
      stage.requireClean();
    }),
    cases(300),
  );
});

test('local steps take what the planes were at the snapshot, whatever happens to them meanwhile', () => {
  let rows: Rows | undefined;
  const found: number[][] = [];
  const stage = open({ descent: { add: 'hat', pace: 'few', gradient: 'own' } }, 2, (_weights, node, _step, beside) => {
    rows!.apply(node, 'fill', ['hat', 'few'], { value: 70 });
    found.push([beside.add[1], beside.pace[0]]);
    beside.gradient[0] = 5;
  });
  rows = stage.rows;
  rows.apply(0, 'fill', ['hat', 'few'], { value: 3 });
  stage.begin(0);
  assert.deepEqual(found, [[4, 3]]);
  assert.equal(plane(stage, 0, 'own')[0], 5);
  stage.finish(0);
  stage.begin(0);
  assert.deepEqual(found[1], [71, 70]);
});

test('a newcomer has all planes of the row that it copies', () => {
  const stage = open({ mass: 'age' }, 2);
  const { rows } = stage;
  rows.apply(1, 'fill', ['hat', 'few'], { value: 4 });
  stage.begin(1);
  stage.finish(1);
  rows.adopt(0, 1);
  for (const name of ['params', 'hat', 'few']) assert.deepEqual(plane(stage, 0, name), plane(stage, 1, name));
  assert.equal(mass(stage, 0), 2);
});

test('but what is fresh is zero in it, and the row that it copies keeps its own', () => {
  const stage = open({ fresh: ['few'] }, 2);
  const { rows } = stage;
  for (const row of [0, 1]) rows.apply(row, 'fill', ['hat', 'few'], { value: 4 + row });
  rows.adopt(0, 1);
  assert.deepEqual(plane(stage, 0, 'hat'), plane(stage, 1, 'hat'));
  assert.ok(plane(stage, 1, 'few').every(value => value !== 0));
  assert.ok(plane(stage, 0, 'few').every(value => value === 0));
});

test('(g + add) / divide, and a divisor of 0 is not known yet', () => {
  for (const name of ['reference', 'simd'] as const) {
    const { kernels, place, floats } = arena(name, 1);
    const gradient = place([1, 2, 3]);
    adjust(kernels, gradient, 3, place([1, 0, -1]), place([4, 0, -0.5]));
    assert.deepEqual([...floats(gradient, 3)], [0.5, 2, -4]);
  }
});

test('a first moment: what a step leaves of it, and 1 - beta of the gradient, whose place it takes', () => {
  const gradient = Float32Array.of(1, 2);
  const moment = Float32Array.of(4, -8);
  follow(gradient, moment, 0.75);
  assert.deepEqual([...moment], [3.25, -5.5]);
  assert.deepEqual(gradient, moment);
});

test('the curvature of a diagonal quadratic is its diagonal, and of any, the diagonal on average', () => {
  const n = 40;
  const run = (hessian: (i: number, j: number) => number, step: number) => {
    const session = {
      gradient(weights: Float32Array, gradient: Float32Array) {
        for (let i = 0; i < n; i++) {
          gradient[i] = 0;
          for (let j = 0; j < n; j++) gradient[i] += hessian(i, j) * weights[j];
        }
        return 0;
      },
    } as unknown as Session;
    const weights = Float32Array.from({ length: n }, (_, k) => Math.sin(k));
    const to = new Float32Array(n);
    curvature(session, {} as never, weights, to, new Float32Array(n), new Float32Array(n), source(1, 'signs'), 3, step);
    return to;
  };
  for (const [k, value] of run((i, j) => (i === j ? i + 1 : 0), 0).entries())
    assert.ok(Math.abs(value - (k + 1)) < 0.02 * (k + 1));
  const mean = new Float64Array(n);
  const draws = 400;
  for (let step = 0; step < draws; step++)
    run((i, j) => (i === j ? 2 : 0.1), step).forEach((value, k) => void (mean[k] += value / draws));
  // each is 2 + 0.1 x a sum of 39 signs: standard error 0.031
  for (const value of mean) assert.ok(Math.abs(value - 2) < 0.16, `${value}`);
});

test('a sum of planes changes versions where it changes models, and no other byte', () => {
  const [rows, tracked] = [4, 2];
  const width = versionWords(tracked);
  const buffer = new ArrayBuffer(64 * width * 4);
  const plane = { name: 'versions', sides: 1, width, carried: true, offset: 0, bit: -1, stride: width, slots: -1 } as const;
  const versions = openVersions(
    buffer,
    plane,
    rows,
    tracked,
    row => row * width * 4,
    () => 7,
  );
  const of = (row: number) => [versions.version(row, 0), versions.version(row, 1)];
  versions.own(2, 2); // the second source
  // Row 0 takes its own update, and a plane of row 2, which contains what its model does; a plane of row 2 takes its model.
  versions.sum([0, 2 + 3 * rows], [0, 0 + rows, 2 + 3 * rows, 2], [1, 1, 1, 0, 0, 0, 0, 1], rows);
  assert.deepEqual([0, 1, 2, 3].map(of), [
    [1, 1],
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
  assert.ok(new Uint8Array(buffer, rows * width * 4).every(byte => byte === 0));
});
