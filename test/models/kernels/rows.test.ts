import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { trimRoom } from '../../../src/models/kernels/contract/rows.js';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { cases } from '../../support/cases.js';
import { arena, lengths, numbers, seeds } from './arena.js';

const sets = ['reference', 'simd', 'relaxed'] as const;
const arenas = sets.map(name => arena(name));
const weights = fc.constantFrom(0.5, 0, 1, 0.25, 0.3, 2 / 3);
const skews = fc.integer({ min: 0, max: 3 });

/** Runs one case on every set and asks for the same bits of all outputs, and untouched surroundings. */
function agree(n: number, seed: number, rows: number, skew: number, run: (k: Kernels, at: number[]) => unknown): void {
  const results = arenas.map(a => {
    a.clear();
    const at = Array.from({ length: rows }, (_, k) => a.place(numbers(seed + k, n), k === 0 ? skew : 0));
    const returned = run(a.kernels, at);
    assert.ok(a.intact(), `${a.kernels.name} wrote outside a row`);
    return { returned, rows: at.map(address => Array.from(a.floats(address, n))) };
  });
  for (let s = 1; s < sets.length; s++) assert.deepEqual(results[s], results[0], sets[s]);
}

const passes: Record<string, [number, (k: Kernels, at: number[], w: number, n: number) => unknown]> = {
  copy: [2, (k, [a, b], _, n) => k.copy(a, b, n)],
  zero: [1, (k, [a], _, n) => k.zero(a, n)],
  snapshot: [3, (k, [a, b, c], _, n) => k.snapshot(a, b, c, n)],
  difference: [3, (k, [a, b, c], _, n) => k.difference(a, b, c, n)],
  'difference in place': [2, (k, [a, b], _, n) => k.difference(a, a, b, n)],
  commit: [3, (k, [a, b, c], _, n) => k.commit(a, b, c, n)],
  blend: [3, (k, [a, b, c], w, n) => k.blend(a, b, c, w, n)],
  mix: [4, (k, [a, b, c, d], w, n) => k.mix(a, b, c, d, w, n)],
  mixAndCommit: [5, (k, [a, b, c, d, e], w, n) => k.mixAndCommit(a, b, c, d, e, w, n)],
  mixAndCommitBoth: [6, (k, [a, b, c, d, e, f], w, n) => k.mixAndCommitBoth(a, b, c, d, e, f, w, n)],
};

for (const [name, [rows, pass]] of Object.entries(passes)) {
  test(`${name} gives the same bits in every set`, () => {
    fc.assert(
      fc.property(lengths, seeds, weights, skews, (n, seed, w, skew) => agree(n, seed, rows, skew, (k, at) => pass(k, at, w, n))),
      cases(300),
    );
  });
}

test('combine gives the same bits in every set', () => {
  fc.assert(
    fc.property(lengths, seeds, fc.integer({ min: 0, max: 40 }), (n, seed, count) => {
      const results = arenas.map(a => {
        a.clear();
        const at = Array.from({ length: count }, (_, k) => a.place(numbers(seed + k, n)));
        const to = a.place(numbers(7, n));
        const list = a.place(new Float32Array(count));
        a.integers(list, count).set(at);
        a.kernels.combine(to, list, a.place(numbers(seed, count)), count, n);
        assert.ok(a.intact());
        return Array.from(a.floats(to, n));
      });
      for (let s = 1; s < sets.length; s++) assert.deepEqual(results[s], results[0], sets[s]);
    }),
    cases(100),
  );
});

const odd = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 1, 3e38, -3e38, 1e-40);

test('trim gives the same bits in every set, those of sorting each column', () => {
  fc.assert(
    fc.property(
      lengths,
      seeds,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(0, 1, 2, 7, 2 ** 30),
      fc.boolean(),
      fc.array(fc.record({ row: fc.nat(40), column: fc.nat(400), value: odd })),
      (n, seed, count, cut, hasDeltas, odds) => {
        const rows = Array.from({ length: count + 1 }, (_, k) => numbers(seed + k, n));
        for (const { row, column, value } of odds) rows[row % (count + 1)][column % n] = value;
        const deltas = rows.map((_, k) => (hasDeltas && k % 3 !== 1 ? numbers(seed - k, n) : undefined));
        const found = arenas.map(a => {
          a.clear();
          const list = a.place(new Float32Array(2 * count + 2));
          const at = rows.map((row, k) => a.place(row, k % 4));
          const added = deltas.map(row => (row ? a.place(row) : 0));
          const to = a.place(numbers(7, n));
          const work = a.place(new Float32Array(trimRoom(count)));
          a.integers(list, 2 * count + 2).set([...at, ...added]);
          a.kernels.trim(to, list, list + 4 * (count + 1), count, cut, work, n);
          assert.ok(a.intact());
          return Array.from(a.floats(to, n));
        });
        const value = (k: number, i: number) => (deltas[k] ? Math.fround(rows[k][i] + deltas[k][i]) : rows[k][i]);
        const expected = Array.from({ length: n }, (_, i) => {
          const all = rows.slice(0, count).map((_, k) => value(k, i));
          const sorted = all.filter(Number.isFinite).sort((a, b) => a - b);
          const out = Math.min(cut, Math.floor((sorted.length - 1) / 2));
          const left = sorted.slice(out, sorted.length - out);
          return sorted.length === 0 ? value(count, i) : Math.fround(left.reduce((sum, x) => sum + x, 0) / left.length);
        });
        for (const [s, numbers] of found.entries()) assert.deepEqual(numbers, expected, sets[s]);
      },
    ),
    cases(200),
  );
});

test('squaredDistance agrees to rounding in f64', () => {
  fc.assert(
    fc.property(lengths, seeds, (n, seed) => {
      const sums = arenas.map(a => {
        a.clear();
        return a.kernels.squaredDistance(a.place(numbers(seed, n)), a.place(numbers(seed + 1, n)), n);
      });
      assert.equal(sums[1], sums[2]);
      assert.ok(Math.abs(sums[1] - sums[0]) <= 1e-13 * sums[0]);
    }),
    cases(100),
  );
});

test('a difference that is not finite, or of 2^100 and more, shows wherever it stands, and none that is smaller', () => {
  fc.assert(
    fc.property(
      lengths,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.constantFrom(Infinity, -Infinity, NaN, 2 ** 100, -(2 ** 100), 3e38, 2 ** 100 - 2 ** 76, -(2 ** 99)),
      (n, where, value) => {
        for (const a of arenas) {
          a.clear();
          const base = a.place(numbers(1, n));
          const work = a.place(numbers(2, n));
          const at = Math.floor(where * n);
          a.floats(base, n)[at] = 0;
          a.floats(work, n)[at] = value;
          const isSeen = !(Math.abs(value) < 2 ** 100);
          assert.equal(a.kernels.difference(base, base, work, n), isSeen ? Number.NaN : 0, a.kernels.name);
        }
      },
    ),
    cases(100),
  );
});

test('a mix of weight 1 swaps, and of weight 1/2 leaves two equal rows', () => {
  for (const a of arenas) {
    a.clear();
    const [x, y] = [numbers(1, 37), numbers(2, 37)];
    const [toA, toB] = [a.place(x), a.place(x)];
    const [from, with_] = [a.place(x), a.place(y)];
    a.kernels.mix(toA, toB, from, with_, 1, 37);
    assert.deepEqual(a.floats(toA, 37), a.floats(with_, 37));
    assert.deepEqual(a.floats(toB, 37), a.floats(from, 37));
    a.kernels.mix(toA, toB, from, with_, 0.5, 37);
    assert.deepEqual(a.floats(toA, 37), a.floats(toB, 37));
  }
});
