/** State that travels: a naive twin of every verb in doubles, what a piece gains and loses meanwhile, squares, newcomers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Order, Row } from '../../src/engine/algorithm.js';
import { Control, controlWord } from '../../src/engine/layout.js';
import { sideOf } from '../../src/engine/sides.js';
import { type HearsayError, simulate, train } from '../../src/index.js';
import { type Rehearsal, rehearse } from '../../src/testing/rehearsal.js';
import { cases } from '../support/cases.js';

const nodes = 4;
const parameters = 3;
const keep = { m: 0.5, v: 0.9 };
const numbers = [0, 1, 2];

/** What one step adds to the state: m a number of either sign, v its square. */
const push = (node: Row, step: number, k: number) => Math.sin(1 + 7 * node + 3 * step + 5 * k);

/** Who got the last message. */
let received = -1;

function open(drawn = (step: number, node: Row, k: number) => push(node, step, k)): Rehearsal {
  return rehearse({
    nodes,
    parameters,
    start: (row, k) => row + k,
    state: [
      { name: 'm', keep: keep.m, travels: true },
      { name: 'v', keep: keep.v, isSquare: true, travels: true },
    ],
    descent(weights, node, step, _beside, [m, v]) {
      for (const k of numbers) {
        const d = drawn(step, node, k);
        m[k] = keep.m * m[k] + d;
        v[k] = keep.v * v[k] + d * d;
        weights[k] -= 0.1 * m[k];
      }
    },
    algorithm: () => ({
      name: 'test',
      sends: true,
      keepsDelta: true,
      averages: true,
      begin: () => {},
      finish: () => true,
      arrive(node, slot, rows) {
        received = node;
        rows.absorb(node, slot, 0.75, 0.25);
      },
    }),
  });
}

function plane({ arena, words }: Rehearsal, row: Row, name: string): number[] {
  const { layout, memory } = arena;
  const found = layout.planes.find(plane => plane.name === name)!;
  return [...new Float32Array(memory.buffer, sideOf(words, layout, row, found), parameters)];
}

interface Twin {
  w: number[];
  m: number[];
  v: number[];
}

interface Piece {
  readonly steps: number;
  readonly delta: number[];
  readonly m: number[];
  readonly v: number[];
}

const states = ['m', 'v'] as const;
const blend = (a: number[], b: number[], w: number) => a.map((value, k) => (1 - w) * value + w * b[k]);

/** The same in plain arrays. */
function twin() {
  const rows: Twin[] = Array.from({ length: nodes }, (_, row) => ({ w: numbers.map(k => row + k), m: [0, 0, 0], v: [0, 0, 0] }));
  const pieces = new Map<Row, Piece>();
  const taken = Array.from({ length: nodes }, () => 0);
  return {
    rows,
    begin(node: Row, steps: number) {
      const { w, m, v } = rows[node];
      let after = { w, m, v };
      for (let h = 0; h < steps; h++) {
        const d = numbers.map(k => push(node, taken[node] + h, k));
        const moved = after.m.map((value, k) => keep.m * value + d[k]);
        after = {
          m: moved,
          v: after.v.map((value, k) => keep.v * value + d[k] * d[k]),
          w: after.w.map((value, k) => value - 0.1 * moved[k]),
        };
      }
      pieces.set(node, {
        steps,
        delta: after.w.map((value, k) => value - w[k]),
        m: after.m.map((value, k) => value - keep.m ** steps * m[k]),
        v: after.v.map((value, k) => value - keep.v ** steps * v[k]),
      });
    },
    commit(node: Row) {
      const piece = pieces.get(node)!;
      const row = rows[node];
      row.w = row.w.map((value, k) => value + piece.delta[k]);
      for (const name of states) row[name] = row[name].map((value, k) => keep[name] ** piece.steps * value + piece[name][k]);
      taken[node] += piece.steps;
      pieces.delete(node);
    },
    mix(a: Row, b: Row, w: number, isMutual = true) {
      const [x, y] = [{ ...rows[a] }, { ...rows[b] }];
      for (const name of ['w', ...states] as const) {
        rows[a][name] = blend(x[name], y[name], w);
        if (isMutual) rows[b][name] = blend(y[name], x[name], w);
      }
    },
    pieces,
  };
}

const event = fc.record({
  what: fc.constantFrom('begin', 'commit', 'mixAndCommit', 'both', 'mix', 'pull', 'message', 'meet'),
  node: fc.nat(nodes - 1),
  steps: fc.integer({ min: 1, max: 5 }),
  weight: fc.constantFrom(0.5, 0.25, 1),
  order: fc.constantFrom<Order>('mix', 'commit'),
});

test('state that travels is what a naive twin says, after any verbs in any order', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 10, maxLength: 60 }), events => {
      const stage = open();
      const { rows, world } = stage;
      const naive = twin();
      for (const { what, node, steps, weight, order } of events) {
        const isPending = naive.pieces.has(node);
        const turns = naive.rows.map((_, row) => stage.turn(row));
        const partner = () => naive.rows.findIndex((_, row) => row !== node && stage.turn(row) !== turns[row]);
        if (what === 'begin' && !isPending) {
          rows.descend(node, { steps });
          naive.begin(node, steps);
        } else if (what === 'commit' && isPending) {
          rows.commit(node);
          naive.commit(node);
        } else if (what === 'mixAndCommit' && isPending) {
          rows.mixAndCommit(node, world.peer(node), weight, order);
          if (order === 'commit') naive.commit(node);
          naive.mix(node, partner(), weight);
          if (order === 'mix') naive.commit(node);
        } else if (what === 'both' && isPending) {
          if (!rows.mixAndCommitBoth(node, world.peer(node), weight, order)) continue;
          const other = partner();
          for (const one of order === 'commit' ? [node, other] : []) naive.commit(one);
          naive.mix(node, other, weight);
          for (const one of order === 'mix' ? [node, other] : []) naive.commit(one);
        } else if (what === 'mix' || what === 'pull') {
          rows[what](node, world.peer(node), weight);
          naive.mix(node, partner(), weight, what === 'mix');
        } else if (what === 'message') {
          world.send(node, rows.stow(node), world.peer(node));
          naive.mix(received, node, 0.25, false);
        } else if (what === 'meet') {
          const pending = [...naive.pieces.keys()];
          for (const row of [0, 1, 2, 3].filter(row => !pending.includes(row))) {
            rows.descend(row, { steps });
            naive.begin(row, steps);
          }
          const all = [0, 1, 2, 3];
          const own = [...all, ...all.map(row => rows.delta(row))];
          rows.combine(
            all,
            own,
            all.flatMap(row => [...all.map(() => 1 / nodes), ...all.map(other => (other === row ? 1 : 0))]),
          );
          const before = naive.rows.map(row => ({ ...row }));
          for (const row of naive.rows)
            for (const name of ['w', ...states] as const)
              row[name] = numbers.map(k => before.reduce((sum, other) => sum + other[name][k] / nodes, 0));
          for (const row of all) naive.commit(row);
        }
        naive.rows.forEach((row, r) => {
          const found = { w: [...stage.params(r)], m: plane(stage, r, 'm'), v: plane(stage, r, 'v') };
          for (const name of ['w', ...states] as const)
            for (const k of numbers)
              assert.ok(
                Math.abs(found[name][k] - row[name][k]) <= 1e-4,
                `${what} ${name} of ${r}: ${found[name]}, must be ${row[name]}`,
              );
          assert.ok(found.v.every(v => v >= 0));
        });
      }
      stage.requireClean();
    }),
    cases(400),
  );
});

test('a mean of squares that fades while its row is replaced by another is never negative', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 40 }),
    fc.float({ min: Math.fround(1e-3), max: 10, noNaN: true }),
    (steps, size) => {
      const stage = open((step: number) => (step === 0 ? size : 0));
      const { rows, world } = stage;
      rows.descend(0, { steps: 1 });
      rows.commit(0);
      const full = plane(stage, 0, 'v');
      rows.descend(0, { steps });
      rows.pull(0, world.peer(0), 1);
      assert.deepEqual(plane(stage, 0, 'v'), [0, 0, 0]);
      rows.commit(0);
      for (const [k, v] of plane(stage, 0, 'v').entries()) assert.ok(v >= 0 && v <= 1e-5 * full[k], `${v} after ${steps} steps`);
      stage.requireClean();
    },
  );
  fc.assert(property, cases(300));
});

test('a newcomer takes over the state that travels, and its age where all of it does', () => {
  const stage = open();
  const { rows } = stage;
  for (let piece = 0; piece < 3; piece++) {
    rows.descend(0, { steps: 2 });
    rows.commit(0);
  }
  rows.descend(1, { steps: 4 });
  rows.commit(1);
  rows.adopt(1, 0);
  for (const name of ['params', ...states]) assert.deepEqual(plane(stage, 1, name), plane(stage, 0, name), name);
  const since = stage.words.load(controlWord(stage.arena.layout, 1, Control.Since));
  assert.equal(4 - since, 6, 'its own four steps count no more, and six are those of the state');
});

test('what averages no whole models, and what travels as codes, has no state that goes along; nor has plain sgd', async () => {
  const refused = (algorithm: string, optimizer: string, code: string, says: RegExp) =>
    assert.rejects(
      async () => train({ algorithm, optimizer, nodes: 4, steps: 10 }).result,
      (error: HearsayError) => error.code === code && says.test(error.message),
    );
  await refused('hogwild', 'adam:travels=all', 'CONFIG_RANGE', /hogwild averages no whole models.*leave 'travels' out/);
  await refused('swarm:bits=8', 'adam:travels=mean', 'CONFIG_RANGE', /8 bits.*as floats/);
  await refused('swarm', 'sgd:travels=momentum', 'CONFIG_MISSING', /add momentum=0.9/);
  await refused('swarm', 'rmsprop:travels=mean', 'CONFIG_RANGE', /none \| all \| square/);
});

test('with one local step between means of all, momenta may as well travel: their mean is the same; with four it is not', async () => {
  const loss = async (steps: number, travels: string) => {
    const optimizer = `sgd:rate=0.02,momentum=0.9,travels=${travels}`;
    const { done } = await simulate({
      ...{ algorithm: `local:steps=${steps}`, optimizer, nodes: 4, steps: 160, seed: 3, parallel: 'never' },
    }).result;
    return done.loss;
  };
  const [one, other] = [await loss(1, 'none'), await loss(1, 'all')];
  assert.ok(Math.abs(one - other) <= 1e-5 * one, `${one}, ${other}`);
  const [four, same] = [await loss(4, 'none'), await loss(4, 'all')];
  assert.ok(Math.abs(four - same) > 1e-3 * four, `${four}, ${same}`);
});
