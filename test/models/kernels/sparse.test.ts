import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SparseRows } from '../../../src/models/kernels/contract/sparse.js';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { exponential, logarithmFrom1 } from '../../../src/models/kernels/reference/exponential.js';
import { permuted, source, word } from '../../../src/random.js';
import { cases } from '../../support/cases.js';
import { type Arena, arena, numbers, seeds } from './arena.js';

const sets = ['reference', 'simd', 'relaxed'] as const;
const arenas = sets.map(name => arena(name));

/** The same bits of everything that `run` returns, in every set. */
function agree(run: (a: Arena, k: Kernels) => unknown): unknown {
  const [first, ...others] = arenas.map(a => {
    a.clear();
    const found = run(a, a.kernels);
    assert.ok(a.intact(), `${a.kernels.name} wrote where it may not`);
    return found;
  });
  others.forEach((found, k) => {
    assert.deepEqual(found, first, sets[k + 1]);
  });
  return first;
}

const table = fc.record({
  seed: seeds,
  rows: fc.integer({ min: 1, max: 30 }),
  features: fc.integer({ min: 1, max: 40 }),
  density: fc.constantFrom(0, 0.1, 0.5, 1),
  narrow: fc.constantFrom(0 as const, 1 as const),
  ones: fc.boolean(),
});

interface Table {
  readonly seed: number;
  readonly rows: number;
  readonly features: number;
  readonly density: number;
  readonly narrow: 0 | 1;
  readonly ones: boolean;
}

/** A table of sparse rows with columns that ascend, some rows empty, in the memory of an arena; of them the rows `order`. */
function place(a: Arena, { seed, rows, features, density, narrow, ones }: Table, order: readonly number[] = []) {
  const drawn = numbers(seed, rows * features);
  const offsets = [0];
  const columns: number[] = [];
  const values: number[] = [];
  const whole = new Float32Array(rows * features);
  for (let r = 0; r < rows; r++) {
    for (let f = 0; f < features; f++) {
      if (Math.abs(drawn[r * features + f]) > density) continue;
      const value = ones ? 1 : Math.fround(2 * drawn[r * features + f] + 0.1);
      columns.push(f);
      values.push(value);
      whole[r * features + f] = value;
    }
    offsets.push(columns.length);
  }
  const words = (list: ArrayLike<number>) => {
    const at = a.place(new Float32Array(list.length + 1));
    a.integers(at, list.length).set(list as number[]);
    return at;
  };
  const pairs = new Uint32Array(new Uint16Array([...columns, ...(columns.length % 2 === 0 ? [] : [0])]).buffer);
  const x: SparseRows = {
    numbers: words(order),
    offsets: words(offsets),
    columns: words(narrow ? pairs : columns),
    narrow,
    inputs: ones ? 0 : a.place(values),
  };
  return { x, columns, whole, words };
}

test('rows of a part come in the order of the permutation, wherever a run of draws begins', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 3000 }), fc.nat(3000), fc.nat(300), (seed, size, first, length) => {
      const from = first % size;
      const count = Math.min(length, size - from);
      const draws = source(seed, 'batch');
      const found = agree((a, k) => {
        const parts = a.place(new Float32Array(size));
        a.integers(parts, size).forEach((_, i, to) => {
          to[i] = 7 * i + 1;
        });
        const to = a.place(new Float32Array(count));
        k.permuted(to, parts, from, count, size, word(draws, 3, 5));
        return Array.from(a.integers(to, count));
      });
      const expected = Array.from({ length: count }, (_, k) => 7 * permuted(draws, 3, 5, from + k, size) + 1);
      assert.deepEqual(found, expected);
    }),
    cases(200),
  );
});

test('sparse rows become whole, get scores, and are added, with the same bits in every set', () => {
  fc.assert(
    fc.property(table, seeds, fc.constantFrom(0 as const, 1 as const), (data, seed, bias) => {
      const { rows, features } = data;
      const order = Array.from(numbers(seed, 2 * rows), x => Math.floor(Math.abs(x) * rows) % rows);
      const found = agree((a, k) => {
        const { x, whole } = place(a, data, order);
        const dense = a.place(new Float32Array(order.length * features).fill(9));
        k.gatherSparse(dense, x, order.length, features);
        order.forEach((row, r) => {
          assert.deepEqual(a.floats(dense + 4 * r * features, features), whole.subarray(row * features, (row + 1) * features));
        });
        const weights = a.place(numbers(seed + 1, features + bias));
        const scores = a.place(new Float32Array(order.length));
        k.sparseScores(scores, weights, features, bias, x, order.length);
        const into = a.place(numbers(seed + 2, features + bias));
        k.sparseAdd(into, scores, features, bias, x, order.length);
        return [a.floats(scores, order.length), a.floats(into, features + bias)].map(each => Array.from(each));
      }) as number[][];
      // and they are those of the whole rows
      arenas[0].clear();
      const { whole } = place(arenas[0], data);
      const w = numbers(seed + 1, features + bias);
      order.forEach((row, r) => {
        let z = bias ? w[features] : 0;
        for (let f = 0; f < features; f++) z += w[f] * whole[row * features + f];
        assert.ok(Math.abs(z - found[0][r]) <= 1e-5 * (1 + Math.abs(z)) * features, `${z} ${found[0][r]}`);
      });
    }),
    cases(200),
  );
});

/** w = (1 - rate l2) w - rate / batch x the gradient, step after step, of whole rows and in f64. */
function denseSteps(
  w: Float64Array,
  whole: Float32Array,
  targets: readonly number[],
  order: readonly number[],
  {
    features,
    bias,
    loss,
    l2,
    batch,
    rates,
  }: {
    features: number;
    bias: number;
    loss: 0 | 1 | 2;
    l2: number;
    batch: number;
    rates: ArrayLike<number>;
  },
): number {
  let sum = 0;
  for (let step = 0; step * batch < order.length; step++) {
    const gradient = new Float64Array(w.length);
    for (const row of order.slice(step * batch, (step + 1) * batch)) {
      const x = whole.subarray(row * features, (row + 1) * features);
      let z = bias ? w[features] : 0;
      for (let f = 0; f < features; f++) z += w[f] * x[f];
      const y = 2 * targets[row] - 1;
      const [l, d] = [
        [(z - targets[row]) ** 2 / 2, z - targets[row]],
        [Math.log1p(Math.exp(-y * z)), -y / (1 + Math.exp(y * z))],
        [Math.max(0, 1 - y * z), 1 - y * z > 0 ? -y : 0],
      ][loss];
      sum += l / batch;
      for (let f = 0; f < features; f++) gradient[f] += (d * x[f]) / batch;
      if (bias) gradient[features] += d / batch;
    }
    for (let f = 0; f < w.length; f++) w[f] -= rates[step] * (gradient[f] + (f < features ? l2 * w[f] : 0));
  }
  return sum;
}

for (const [name, loss] of [
  ['squared error', 0],
  ['logistic loss', 1],
  ['hinge loss', 2],
] as const) {
  test(`a sweep of sparse rows under ${name} has the same bits in every set, and comes to what whole rows come to`, () => {
    const settings = fc.record({
      bias: fc.constantFrom(0 as const, 1 as const),
      batch: fc.constantFrom(1, 1, 2, 3, 8),
      steps: fc.integer({ min: 1, max: 40 }),
      // 30: the weights change their sign in a step, and the scale that is kept beside them falls below its least
      l2: fc.constantFrom(0, 0, 1e-3, 0.5, 3, 30),
    });
    fc.assert(
      fc.property(table, seeds, settings, (data, seed, { bias, batch, steps, l2 }) => {
        const { rows, features } = data;
        const order = Array.from(numbers(seed, batch * steps), x => Math.floor(Math.abs(x) * rows) % rows);
        const targets = Array.from(numbers(seed + 1, rows), x => (loss === 0 ? Math.fround(2 * x) : x > 0 ? 1 : 0));
        const rates = Float32Array.from({ length: steps }, (_, k) => 0.1 / (1 + k / 10) / (1 + features / 10));
        let whole = new Float32Array(0);
        const [sum, weights] = agree((a, k) => {
          const placed = place(a, data, order);
          whole = placed.whole;
          const { x, words } = placed;
          const labels = loss === 0 ? a.place(targets) : words(targets);
          const weights = a.place(numbers(seed + 2, features + bias));
          const scores = a.place(new Float32Array(batch));
          const sum = k.sparseSweep(weights, features, bias, x, labels, a.place(rates), steps, batch, loss, l2, 0, scores);
          return [sum, Array.from(a.floats(weights, features + bias))];
        }) as [number, number[]];
        const exact = Float64Array.from(numbers(seed + 2, features + bias));
        const expected = denseSteps(exact, whole, targets, order, { features, bias, loss, l2, batch, rates });
        // a score that is within rounding of the hinge's kink may go either way
        const isNear = (a: number, b: number) => Math.abs(a - b) <= 2e-4 * (1 + Math.abs(b));
        if (loss !== 2) assert.ok(isNear(sum, expected) || Math.abs(sum - expected) < 1e-4 * steps, `${sum} ${expected}`);
        const off = weights.findIndex((w, k) => !isNear(w, exact[k]));
        if (loss !== 2 || off < 0) assert.equal(off, -1, `weight ${off}: ${weights[off]}, not ${exact[off]}`);
        else assert.ok(Math.abs(sum - expected) < 0.05 * (1 + Math.abs(expected)), `${sum} ${expected}`);
      }),
      cases(150),
    );
  });
}

test('a score that is no number makes the loss none, whatever the loss', () => {
  for (const loss of [0, 1, 2] as const) {
    const sum = agree((a, k) => {
      const data = { seed: 3, rows: 4, features: 3, density: 1, narrow: 1, ones: true } as const;
      const { x, words } = place(a, data, [0, 1, 2]);
      const weights = a.place([1, Number.NaN, 1, 0]);
      const targets = words([0, 1, 1, 0]);
      return k.sparseSweep(weights, 3, 1, x, targets, a.place([0.1, 0.1, 0.1]), 3, 1, loss, 0, 0, a.place([0]));
    });
    assert.equal(sum, Number.NaN);
  }
});

test('coordinates that no row has keep their bits', () => {
  for (const l2 of [0, 0.1]) {
    agree((a, k) => {
      const data = { seed: 5, rows: 20, features: 30, density: 0.1, narrow: 0 as const, ones: false };
      const order = Array.from({ length: 20 }, (_, r) => r);
      const { x, columns, words } = place(a, data, order);
      const touched = new Set(columns);
      const start = numbers(8, 31);
      const spread = a.place(Float32Array.from({ length: 30 }, (_, f) => f + 1));
      const weights = a.place(start);
      const rates = a.place(new Float32Array(20).fill(0.1));
      const targets = words(order.map(r => r & 1));
      k.sparseSweep(weights, 30, 1, x, targets, rates, 20, 1, 1, l2, l2 > 0 ? spread : 0, a.place([0]));
      const after = a.floats(weights, 31);
      for (let f = 0; f < 30; f++) if (!touched.has(f)) assert.equal(after[f], start[f]);
      assert.notEqual(after[30], start[30]);
      return Array.from(after);
    });
  }
});

test('where weights are shared, each row takes its part of the penalty off what it touches, and never more than all', () => {
  fc.assert(
    fc.property(
      table,
      seeds,
      fc.constantFrom(1e-3, 0.1, 5),
      fc.constantFrom(0 as const, 1 as const, 2 as const),
      (data, seed, l2, loss) => {
        const { rows, features } = data;
        const spread = Float32Array.from(numbers(seed + 4, features), x => 1 + 10 * Math.abs(x));
        const targets = Array.from({ length: rows }, (_, r) => r & 1);
        const order = Array.from({ length: rows }, (_, r) => r);
        let whole = new Float32Array(0);
        const weights = agree((a, k) => {
          const placed = place(a, data, order);
          whole = placed.whole;
          const { x, words } = placed;
          const weights = a.place(numbers(seed, features));
          const labels = loss === 0 ? a.place(targets) : words(targets);
          const rates = a.place(new Float32Array(rows).fill(0.05));
          k.sparseSweep(weights, features, 0, x, labels, rates, rows, 1, loss, l2, a.place(spread), a.place([0]));
          return Array.from(a.floats(weights, features));
        }) as number[];
        const w = Float64Array.from(numbers(seed, features));
        for (const row of order) {
          const x = whole.subarray(row * features, (row + 1) * features);
          const before = w.slice();
          // the step without the penalty, and then the penalty by the weights before it
          denseSteps(w, x, [targets[row]], [0], { features, bias: 0, loss, l2: 0, batch: 1, rates: [0.05] });
          for (let f = 0; f < features; f++) if (x[f] !== 0) w[f] -= Math.min(1, 0.05 * l2 * spread[f]) * before[f];
        }
        const off = weights.findIndex((value, f) => Math.abs(value - w[f]) > 1e-3 * (1 + Math.abs(w[f])));
        if (loss !== 2) assert.equal(off, -1, `weight ${off}: ${weights[off]}, not ${w[off]}`);
      },
    ),
    cases(150),
  );
});

test('the exponential and the logarithm of the reference are those of mathematics, to rounding', () => {
  fc.assert(
    fc.property(fc.double({ min: -87, max: 0, noNaN: true }), fc.double({ min: 1, max: 1e150, noNaN: true }), (x, y) => {
      const at = Math.fround(x);
      assert.ok(Math.abs(exponential(at) / Math.exp(at) - 1) < 3e-7);
      assert.ok(Math.abs(logarithmFrom1(y) - Math.log(y)) < 1e-11 * (1 + Math.log(y)));
    }),
    cases(500),
  );
});

const ratings = fc.record({
  seed: seeds,
  users: fc.integer({ min: 1, max: 9 }),
  items: fc.integer({ min: 1, max: 9 }),
  rank: fc.integer({ min: 1, max: 11 }),
  batch: fc.constantFrom(1, 1, 2, 5),
  steps: fc.integer({ min: 1, max: 30 }),
  l2: fc.constantFrom(0, 0.05),
});

test('a sweep of ratings has the same bits in every set, and comes to the sums that the formulas say', () => {
  fc.assert(
    fc.property(ratings, ({ seed, users, items, rank, batch, steps, l2 }) => {
      const rows = 12;
      const parameters = 1 + (users + items) * (rank + 1);
      const pick = (k: number, n: number) => Array.from(numbers(seed + k, rows), x => Math.floor(Math.abs(x) * n) % n);
      const [u, i] = [pick(1, users), pick(2, items)];
      const targets = numbers(seed + 3, rows, 3);
      const order = Array.from(numbers(seed + 4, batch * steps), x => Math.floor(Math.abs(x) * rows) % rows);
      const [sum, weights, scores, gradient] = agree((a, k) => {
        const inputs = a.place(u.flatMap((user, r) => [user, i[r]]));
        const list = a.place(new Float32Array(order.length));
        a.integers(list, order.length).set(order);
        const weights = a.place(numbers(seed + 5, parameters, 0.5));
        const rates = a.place(new Float32Array(steps).fill(0.05));
        const scores = a.place(new Float32Array(order.length));
        k.factorScores(scores, weights, users, items, rank, inputs, list, order.length);
        const gradient = a.place(new Float32Array(parameters));
        k.factorAdd(gradient, scores, weights, users, items, rank, inputs, list, order.length, l2);
        const work = a.place(new Float32Array(batch * (2 * rank + 3)));
        const sum = k.factorSweep(weights, users, items, rank, inputs, a.place(targets), list, rates, steps, batch, l2, work);
        return [sum, a.floats(weights, parameters), a.floats(scores, order.length), a.floats(gradient, parameters)].map(found =>
          typeof found === 'number' ? found : Array.from(found),
        );
      }) as [number, number[], number[], number[]];
      const w = Float64Array.from(numbers(seed + 5, parameters, 0.5));
      const [p, q] = [1 + users + items, 1 + users + items + users * rank];
      const scoreOf = (r: number) => {
        let z = w[0] + w[1 + u[r]] + w[1 + users + i[r]];
        for (let k = 0; k < rank; k++) z += w[p + u[r] * rank + k] * w[q + i[r] * rank + k];
        return z;
      };
      /** `to` += factor x (slope dz/dw + l2 w of what the row touches), by the weights `from`. */
      const add = (to: Float64Array, from: Float64Array, r: number, slope: number, factor: number, pull: number) => {
        to[0] += factor * slope;
        for (const at of [1 + u[r], 1 + users + i[r]]) to[at] += factor * (slope + pull * from[at]);
        for (let k = 0; k < rank; k++) {
          const [a, b] = [p + u[r] * rank + k, q + i[r] * rank + k];
          to[a] += factor * (slope * from[b] + pull * from[a]);
          to[b] += factor * (slope * from[a] + pull * from[b]);
        }
      };
      const exact = new Float64Array(parameters);
      order.forEach((row, r) => {
        assert.ok(Math.abs(scores[r] - scoreOf(row)) < 1e-4);
        add(exact, w, row, scoreOf(row), 1, l2);
      });
      gradient.forEach((g, k) => {
        assert.ok(Math.abs(g - exact[k]) < 1e-3 * (1 + Math.abs(exact[k])), `gradient ${k}: ${g}, not ${exact[k]}`);
      });
      let loss = 0;
      for (let step = 0; step < steps; step++) {
        const before = w.slice();
        const some = order.slice(step * batch, (step + 1) * batch).map(row => ({ row, e: scoreOf(row) - targets[row] }));
        for (const { row, e } of some) {
          loss += e ** 2 / 2 / batch;
          add(w, before, row, e, -0.05 / batch, l2);
        }
      }
      assert.ok(Math.abs(sum - loss) < 1e-3 * (1 + loss), `${sum} ${loss}`);
      weights.forEach((value, k) => {
        assert.ok(Math.abs(value - w[k]) < 1e-3 * (1 + Math.abs(w[k])), `weight ${k}: ${value}, not ${w[k]}`);
      });
    }),
    cases(200),
  );
});
