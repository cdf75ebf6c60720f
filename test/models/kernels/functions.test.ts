import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { cases } from '../../support/cases.js';
import { type Arena, arena, lengths, numbers, seeds } from './arena.js';

const oracle = arena('reference');
const sets = [arena('simd'), arena('relaxed')];

/** Runs a case on the oracle and on every set; all outputs must agree to `tolerance` (0: to the bit), relative above size 1. */
function agree(tolerance: number, run: (a: Arena) => ArrayLike<number>): void {
  const outputs = [oracle, ...sets].map(a => {
    a.clear();
    const found = Array.from(run(a));
    assert.ok(a.intact(), `${a.kernels.name} wrote outside its outputs`);
    return found;
  });
  assert.deepEqual(outputs[2], outputs[1], 'relaxed and simd differ');
  for (let i = 0; i < outputs[0].length; i++) {
    const [expected, found] = [outputs[0][i], outputs[1][i]];
    const close = Object.is(expected, found) || Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected));
    assert.ok(close, `output ${i}: ${found} instead of ${expected}`);
  }
}

const ACTIVATIONS = ['relu', 'tanh', 'gelu'] as const;

for (const name of ACTIVATIONS) {
  test(`${name} and its gradient`, () => {
    fc.assert(
      fc.property(lengths, seeds, fc.constantFrom(0.1, 1, 10, 100), (n, seed, scale) => {
        agree(6e-7, a => {
          const from = a.place(numbers(seed, n, scale));
          const to = a.place(new Float32Array(n));
          const d = a.place(numbers(seed + 1, n));
          if (name === 'gelu') {
            const [again, slope] = [a.place(new Float32Array(n)), a.place(new Float32Array(n))];
            a.kernels.gelu(to, from, n);
            a.kernels.geluKept(again, slope, from, n);
            a.kernels.multiply(d, slope, n);
            return [...a.floats(to, n), ...a.floats(again, n), ...a.floats(slope, n), ...a.floats(d, n)];
          }
          a.kernels[name](to, from, n);
          a.kernels[`${name}Gradient`](d, to, n);
          return [...a.floats(to, n), ...a.floats(d, n)];
        });
      }),
      cases(100),
    );
  });
}

test('tanh and gelu over their whole range', () => {
  const n = 40_001;
  const x = Float32Array.from({ length: n }, (_, i) => (i - 20_000) / 1000);
  agree(4e-7, a => {
    const [from, one, two] = [a.place(x), a.place(x), a.place(x)];
    a.kernels.tanh(one, from, n);
    a.kernels.gelu(two, from, n);
    return [...a.floats(one, n), ...a.floats(two, n)];
  });
});

test('softmax: probabilities, loss, gradient and right answers', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 2, max: 37 }),
      seeds,
      fc.constantFrom(1, 10, 60),
      (rows, classes, seed, scale) => {
        agree(3e-6, a => {
          const scores = a.place(numbers(seed, rows * classes, scale));
          const labels = a.place(new Float32Array(rows));
          a.integers(labels, rows).set(numbers(seed + 1, rows, classes / 2).map(t => Math.floor(t + classes / 2)));
          const right = a.kernels.correct(scores, labels, rows, classes);
          const p = a.place(new Float32Array(rows * classes));
          a.kernels.softmax(p, scores, rows, classes);
          const loss = a.kernels.softmaxLoss(scores, scores, labels, rows, classes, 0.25);
          return [right, loss, ...a.floats(p, rows * classes), ...a.floats(scores, rows * classes)];
        });
      },
    ),
    cases(150),
  );
});

test('logistic: probabilities, loss and gradient; squared loss', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), seeds, fc.constantFrom(1, 10, 80), (n, seed, scale) => {
      agree(3e-6, a => {
        const scores = a.place(numbers(seed, n, scale));
        const labels = a.place(new Float32Array(n));
        a.integers(labels, n).set(numbers(seed + 1, n).map(t => (t > 0 ? 1 : 0)));
        const p = a.place(new Float32Array(n));
        a.kernels.logistic(p, scores, n);
        const gradient = a.place(new Float32Array(n));
        const loss = a.kernels.logisticLoss(gradient, scores, labels, n, -0.5);
        const squared = a.kernels.squaredLoss(scores, scores, a.place(numbers(seed + 2, n, 3)), n, 1 / n);
        return [loss, squared, ...a.floats(p, n), ...a.floats(gradient, n), ...a.floats(scores, n)];
      });
    }),
    cases(150),
  );
});

test('a score that is not finite gives a loss that is not finite', () => {
  for (const a of [oracle, ...sets]) {
    for (const value of [NaN, Infinity]) {
      a.clear();
      const scores = a.place([1, 2, value, 0, 3, 1]);
      const labels = a.place([0, 0]);
      const to = a.place(new Float32Array(6));
      assert.ok(!Number.isFinite(a.kernels.softmaxLoss(to, scores, labels, 2, 3, 1)), a.kernels.name);
      assert.ok(!Number.isFinite(a.kernels.logisticLoss(to, scores, labels, 6 / 3 + 1, 1)), a.kernels.name);
      assert.ok(!Number.isFinite(a.kernels.squaredLoss(to, scores, labels, 3, 1)), a.kernels.name);
    }
  }
});

test('gathered bytes and words are the same bits in every set', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 70 }), seeds, (rows, features, seed) => {
      agree(0, a => {
        const from = a.bytes(numbers(seed, 9 * features, 128).map(x => Math.floor(x + 128)));
        const table = a.place(numbers(seed, 9 * features));
        const indices = a.place(new Float32Array(rows));
        a.integers(indices, rows).set(numbers(seed + 1, rows, 4.5).map(x => Math.floor(x + 4.5)));
        const one = a.place(new Float32Array(rows * features));
        const two = a.place(new Float32Array(rows * features));
        a.kernels.gatherBytes(one, from, indices, rows, features, 1 / 127, -1.03);
        a.kernels.gatherWords(two, table, indices, rows, features);
        return [...a.floats(one, rows * features), ...a.floats(two, rows * features)];
      });
    }),
    cases(150),
  );
});

type Rows = readonly [weights: number, gradient: number, mean: number, square: number];

const updates: Record<string, (k: Kernels, rows: Rows, n: number) => unknown> = {
  'plain descent': (k, [w, g], n) => k.sgd(w, g, n, 0.1, 0),
  'weight decay': (k, [w, g], n) => k.sgd(w, g, n, 0.1, 1e-3),
  momentum: (k, [w, g, v], n) => k.momentum(w, g, v, n, 0.1, 0.9, 0, 0),
  'Nesterov momentum with decay': (k, [w, g, v], n) => k.momentum(w, g, v, n, 0.05, 0.8, 1e-2, 1),
  Adam: (k, [w, g, m, v], n) => k.adam(w, g, m, v, n, 0.01, 0.9, 0.999, 4.2, 1e-8, 0, 0),
  'Adam with both decays': (k, [w, g, m, v], n) => k.adam(w, g, m, v, n, 0.1, 0.7, 0.95, 1.4, 1e-3, 0.02, 0.3),
  'the direction of LAMB': (k, [w, g, m, v], n) => k.lamb(w, g, m, v, n, 0.9, 0.99, 2.3, 1e-6, 0.01),
  RMSProp: (k, [w, g, , v], n) => k.adaptive(w, g, v, n, 0.01, 0.99, 1 - 0.99, 1e-8, 0),
  'Adagrad with decay': (k, [w, g, , v], n) => k.adaptive(w, g, v, n, 0.1, 1, 1, 1e-10, 0.1),
  'a sum of squares': (k, [w], n) => k.squares(w, n),
  'a factor': (k, [w], n) => k.scale(w, n, 0.3),
};

/** Some so small that their squares are no normal numbers, or none. */
const sizes = fc.constantFrom(1, 1, 1e3, 1e-18, 1e-22, 1e-38);

for (const [name, update] of Object.entries(updates)) {
  test(`${name} gives the same bits in every set`, () => {
    fc.assert(
      fc.property(lengths, seeds, sizes, sizes, fc.integer({ min: 0, max: 3 }), (n, seed, size, past, skew) => {
        agree(0, a => {
          const [w, g, m] = [1, size, past].map((scale, k) => a.place(numbers(seed + k, n, scale), skew));
          const v = a.place(
            numbers(seed + 3, n, past).map(x => x * x),
            skew,
          );
          for (let step = 0; step < 2; step++) update(a.kernels, [w, g, m, v], n);
          const rest = Number(update(a.kernels, [w, g, m, v], n) ?? 0);
          return [rest, ...[w, g, m, v].flatMap(address => [...a.floats(address, n)])];
        });
      }),
      cases(150),
    );
  });
}

test('what is not a number stays so in every update, wherever it stands', () => {
  for (const [name, update] of Object.entries(updates)) {
    for (const a of [oracle, ...sets]) {
      for (const at of [0, 6, 8, 10]) {
        a.clear();
        const rows = [1, 2, 3, 4].map(seed => a.place(numbers(seed, 11).map(Math.abs))) as unknown as Rows;
        const from = name.startsWith('a ') ? rows[0] : rows[1];
        a.floats(from, 11)[at] = Number.NaN;
        const returned = Number(update(a.kernels, rows, 11) ?? Number.NaN);
        const written = name.includes('LAMB') ? rows[1] : rows[0];
        assert.ok(Number.isNaN(returned) && Number.isNaN(a.floats(written, 11)[at]), `${a.kernels.name}: ${name}`);
      }
    }
  }
});

test('what decays does not stay among numbers that processors are slow with', () => {
  for (const a of [oracle, ...sets]) {
    a.clear();
    const [w, g, m, v] = [1, 0, 1e-37, 1e-37].map(value => a.place(new Float32Array(9).fill(value)));
    for (let step = 0; step < 30; step++) a.kernels.adam(w, g, m, v, 9, 0.1, 0.9, 0.9, 1, 1e-8, 0, 0);
    assert.deepEqual(
      [...a.floats(m, 9), ...a.floats(v, 9)],
      [...new Array(9).fill(0), ...new Array(9).fill(2 ** -100)],
      a.kernels.name,
    );
  }
});
