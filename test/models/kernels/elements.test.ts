import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { topkRoom } from '../../../src/models/kernels/contract/elements.js';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { cases } from '../../support/cases.js';
import { arena, lengths, numbers, seeds } from './arena.js';

const arenas = (['reference', 'simd', 'relaxed'] as const).map(name => arena(name));
const factors = fc.constantFrom(0, 1, 0.5, 0.1, 2 / 3, -3.7);
const skews = fc.integer({ min: 0, max: 3 });
const f32 = Math.fround;

/** Numbers of very different sizes, a few of them zeros of either sign. */
function spread(seed: number, n: number): Float32Array {
  const exponents = numbers(seed ^ 0x2545f491, n, 30);
  return numbers(seed, n).map((x, k) => (k % 11 === 5 ? x * 0 : x * 2 ** Math.round(exponents[k])));
}

interface Pass {
  readonly rows: number;
  /** Rows that it writes: the first ones. */
  readonly outputs?: number;
  run(k: Kernels, at: readonly number[], u: number, w: number, n: number): void;
  /** An element of each output, from those of the inputs. */
  expected(x: readonly number[], u: number, w: number): number[];
}

const adapting = (u: number, w: number) => [0.9 + 0.01 * u, 0.1 + Math.abs(w), 0.01 + Math.abs(u)] as const;

function rescaling(squared: 0 | 1, added: 0 | 1): Pass {
  return {
    rows: 4,
    outputs: 2,
    run(k, [scale, later, sum, measured], u, w, n) {
      const [kept, weight, alpha] = adapting(u, w);
      k.rescale(scale, later, sum, measured, kept, weight, alpha, squared, added, n);
    },
    expected([sum, h], u, w) {
      const [kept, weight, alpha] = adapting(u, w);
      const total = f32(kept * sum + (1 - kept) * (squared ? h ** 2 : h));
      const d = squared ? Math.sqrt(total / weight) : Math.abs(total / weight);
      return [added ? d + alpha : Math.max(alpha, d), total];
    },
  };
}

const passes: Record<string, Pass> = {
  gap: { rows: 4, run: (k, [to, a, b, c], _u, _w, n) => k.gap(to, a, b, c, n), expected: ([a, b, c]) => [a + b - c] },
  add: { rows: 3, run: (k, [to, a, b], _u, w, n) => k.add(to, a, b, w, n), expected: ([a, b], _, w) => [a + w * b] },
  follow: {
    rows: 4,
    run: (k, [to, a, b, c], u, w, n) => k.follow(to, a, b, c, u, w, n),
    expected: ([a, b, c], u, w) => [u * a + w * (b - c)],
  },
  divide: { rows: 3, run: (k, [to, a, b], _u, _w, n) => k.divide(to, a, b, n), expected: ([a, b]) => [a / (b === 0 ? 1 : b)] },
  adapt: {
    rows: 5,
    outputs: 2,
    run: (k, [to, later, from, second, gap], u, w, n) => k.adapt(to, later, from, second, gap, ...adapting(u, w), n),
    expected([x, second, g], u, w) {
      const [beta, correction, gamma] = adapting(u, w);
      const v = f32(beta * second + (1 - beta) * g * g);
      const step = gamma / (Math.sqrt(v / correction) + 1e-8);
      return [x + Math.min(step, 1) * g, v];
    },
  },
  ...Object.fromEntries(
    ([0, 1] as const).flatMap(squared =>
      ([0, 1] as const).map(added => [`rescale ${squared}${added}`, rescaling(squared, added)]),
    ),
  ),
};

for (const [name, { rows, outputs = 1, run, expected }] of Object.entries(passes)) {
  test(`${name} gives the bits of its definition in every set, in place or not`, () => {
    fc.assert(
      fc.property(lengths, seeds, factors, factors, skews, fc.boolean(), (n, seed, u, w, skew, inPlace) => {
        const inputs = Array.from({ length: rows - outputs }, (_, k) => spread(seed + k, n));
        const second = name === 'adapt' ? 1 : 0; // where a root is taken
        if (outputs > 1) inputs[second] = inputs[second].map(Math.abs);
        const wanted = Array.from({ length: n }, (_, k) => expected(inputs.map(x => x[k]), u, w).map(f32)); // biome-ignore format: one line
        for (const a of arenas) {
          a.clear();
          const from = inputs.map((x, k) => a.place(x, k === 0 ? skew : 0));
          const to = Array.from({ length: outputs }, (_, k) => (inPlace ? from[k] : a.place(new Float32Array(n).fill(7))));
          run(a.kernels, [...to, ...from], u, w, n);
          assert.ok(a.intact(), `${a.kernels.name} wrote outside a row`);
          for (const [o, address] of to.entries())
            assert.deepEqual([...a.floats(address, n)], wanted.map(values => values[o]), a.kernels.name); // biome-ignore format: one line
        }
      }),
      cases(300),
    );
  });
}

test('a divisor that is 0 or NaN counts as 1, and infinity divides to 0', () => {
  for (const a of arenas) {
    a.clear();
    const x = a.place([1, 2, 3, 4, 5, 6]);
    a.kernels.divide(x, x, a.place([0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN, 0]), 6);
    assert.deepEqual([...a.floats(x, 6)], [1, 2, 3, 0, 5, 6]);
  }
});

test('a step from numbers that are no numbers is none in every set', () => {
  for (const a of arenas) {
    a.clear();
    const [x, second] = [a.place([1, 1, 1]), a.place([Number.NaN, 1, Number.NaN])];
    a.kernels.adapt(x, second, x, second, a.place([1, 1, 1]), 0.9, 0.1, 0.01, 3);
    assert.deepEqual([...a.floats(x, 3)].map(Number.isNaN), [true, false, true]);
  }
});

/** Vectors that make ties: many equal magnitudes, few different ones, whole blocks of zeros, infinities, and floats that share first bits. */
const vectors = fc
  .tuple(lengths, seeds, fc.constantFrom('any', 'near', 'few', 'zeros', 'same', 'tiny'))
  .map(([n, seed, kind]) => {
    const x = numbers(seed, n);
    if (kind === 'near') return x.map(value => 1 + value * 2 ** -20);
    if (kind === 'few') return x.map(value => Math.round(3 * value));
    if (kind === 'zeros') return x.map(value => (value > 0.9 ? value : value * 0));
    if (kind === 'same') return x.map(value => (value > 0.95 ? Number.POSITIVE_INFINITY : Math.sign(value)));
    if (kind === 'tiny') return x.map(value => value * 2 ** -140);
    return spread(seed, n);
  });

test('topk keeps what a sort keeps, of equals the first, to the bit in every set, in place or not', () => {
  fc.assert(
    fc.property(vectors, fc.double({ min: 0, max: 1, noNaN: true }), skews, fc.boolean(), (x, share, skew, inPlace) => {
      const n = x.length;
      const k = Math.max(1, Math.round(share * n));
      const order = [...x.keys()].sort((i, j) => Math.abs(x[j]) - Math.abs(x[i]) || i - j);
      const kept = new Set(order.slice(0, k));
      const wanted = Array.from(x, (value, i) => (kept.has(i) ? value : 0));
      for (const a of arenas) {
        a.clear();
        const from = a.place(x, skew);
        const to = inPlace ? from : a.place(new Float32Array(n).fill(7));
        a.kernels.topk(to, from, k, a.place(numbers(3, topkRoom)), n);
        assert.ok(a.intact(), `${a.kernels.name} wrote outside a row`);
        assert.deepEqual([...a.floats(to, n)], wanted, a.kernels.name);
      }
    }),
    cases(500),
  );
});
