/** The kernels of convolutional layers, of normalization and of attention against their plain twins. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attentionRoom } from '../../../src/models/kernels/contract/attention.js';
import { planesRoom } from '../../../src/models/kernels/contract/planes.js';
import type { Windows } from '../../../src/models/kernels/contract/windows.js';
import { cases } from '../../support/cases.js';
import { type Arena, arena, numbers, seeds } from './arena.js';

const oracle = arena('reference');
const others = [arena('simd'), arena('relaxed')];

/** All sets give the same to `tolerance` (0: to the bit), relative above size 1, and write nowhere else. */
function agree(tolerance: number, run: (a: Arena) => number[]): void {
  const [expected, ...found] = [oracle, ...others].map(a => {
    a.clear();
    const values = run(a);
    assert.ok(a.intact(), `${a.kernels.name} wrote outside its outputs`);
    return values;
  });
  for (const [k, values] of found.entries())
    for (const [i, value] of values.entries())
      assert.ok(
        Math.abs(value - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i])),
        `${others[k].kernels.name}, output ${i}: ${value} instead of ${expected[i]}`,
      );
}

const windows = fc
  .record({
    size: fc.integer({ min: 1, max: 5 }),
    more: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
    channels: fc.integer({ min: 1, max: 9 }),
    stride: fc.integer({ min: 1, max: 3 }),
    wantsSame: fc.boolean(),
  })
  .map(({ size, more, channels, stride, wantsSame }) => {
    const isSame = wantsSame && size % 2 === 1;
    const [height, width] = more.map(n => size + n);
    const pad = isSame ? (size - 1) >> 1 : 0;
    const count = (n: number) => (isSame ? Math.ceil(n / stride) : Math.floor((n - size) / stride) + 1);
    return { height, width, channels, size, stride, pad, down: count(height), across: count(width) } satisfies Windows;
  });

const padded = ({ height, width, channels, pad }: Windows) => (height + 2 * pad) * (width + 2 * pad) * channels;

const rowsOf = fc.integer({ min: 1, max: 3 });

test('patches, and their way back, to the bit', () => {
  fc.assert(
    fc.property(windows, rowsOf, seeds, (w, rows, seed) => {
      const image = rows * w.height * w.width * w.channels;
      const shown = rows * w.down * w.across * w.size * w.size * w.channels;
      agree(0, a => {
        const [x, to] = [a.place(numbers(seed, image)), a.place(numbers(seed + 1, shown))];
        a.kernels.patches(to, x, rows, a.place(numbers(seed, padded(w))), w);
        const [from, dx] = [a.place(numbers(seed + 2, shown)), a.place(numbers(seed + 3, image))];
        a.kernels.unpatches(dx, from, rows, w);
        return [...a.floats(to, shown), ...a.floats(dx, image)];
      });
    }),
    cases(200),
  );
});

test('the way back of patches is their transpose', () => {
  fc.assert(
    fc.property(windows, rowsOf, seeds, (w, rows, seed) => {
      const image = rows * w.height * w.width * w.channels;
      const shown = rows * w.down * w.across * w.size * w.size * w.channels;
      others[0].clear();
      const a = others[0];
      const [x, to] = [a.place(numbers(seed, image)), a.place(new Float32Array(shown))];
      const [from, dx] = [a.place(numbers(seed + 2, shown)), a.place(new Float32Array(image))];
      a.kernels.patches(to, x, rows, a.place(new Float32Array(padded(w))), w);
      a.kernels.unpatches(dx, from, rows, w);
      const dot = (p: number, q: number, n: number) =>
        a.floats(p, n).reduce((sum, value, k) => sum + value * a.floats(q, n)[k], 0);
      assert.ok(Math.abs(dot(to, from, shown) - dot(x, dx, image)) < 1e-4 * (1 + shown / 10));
    }),
    cases(50),
  );
});

test('convolution of one channel, and what becomes of its weights', () => {
  fc.assert(
    fc.property(
      windows,
      fc.integer({ min: 0, max: 14 }),
      rowsOf,
      fc.integer({ min: 1, max: 13 }),
      seeds,
      fc.constantFrom(0 as const, 1 as const),
      (given, more, rows, filters, seed, keep) => {
        const width = given.width + more + 3; // at least 4 across
        const w = { ...given, width, channels: 1, stride: 1, down: 0, across: 0 };
        w.down = w.height + 2 * w.pad - w.size + 1;
        w.across = w.width + 2 * w.pad - w.size + 1;
        const [image, taps, out] = [rows * w.height * w.width, w.size * w.size * filters, rows * w.down * w.across * filters];
        agree(5e-5, a => {
          const [x, weights] = [a.place(numbers(seed, image)), a.place(numbers(seed + 1, taps))];
          const [bias, y] = [a.place(numbers(seed + 2, filters)), a.place(numbers(seed + 3, out))];
          const work = a.place(new Float32Array(planesRoom(w, filters)).fill(NaN));
          a.kernels.convolve(y, x, weights, bias, rows, filters, work, w);
          const dy = a.place(numbers(seed + 4, out));
          a.kernels.convolveAccumulate(weights, bias, x, dy, rows, filters, keep, work, w);
          return [...a.floats(y, out), ...a.floats(weights, taps), ...a.floats(bias, filters)];
        });
      },
    ),
    cases(200),
  );
});

test('pooling and its gradients', () => {
  fc.assert(
    fc.property(windows, rowsOf, seeds, fc.boolean(), (given, rows, seed, hasTies) => {
      const w = { ...given, pad: 0, down: 0, across: 0 };
      w.down = Math.floor((w.height - w.size) / w.stride) + 1;
      w.across = Math.floor((w.width - w.size) / w.stride) + 1;
      const image = rows * w.height * w.width * w.channels;
      const out = rows * w.down * w.across * w.channels;
      agree(1e-6, a => {
        const values = numbers(seed, image).map(value => (hasTies ? Math.round(2 * value) : value));
        const [x, y, z] = [a.place(values), a.place(numbers(seed, out)), a.place(numbers(seed, out))];
        const dy = a.place(numbers(seed + 2, out));
        const [dx, dz] = [a.place(numbers(seed + 3, image)), a.place(numbers(seed + 4, image))];
        a.kernels.maxPool(y, x, rows, w);
        a.kernels.maxPoolGradient(dx, dy, x, y, rows, w);
        a.kernels.averagePool(z, x, rows, w);
        a.kernels.averagePoolGradient(dz, dy, rows, w);
        return [...a.floats(y, out), ...a.floats(z, out), ...a.floats(dx, image), ...a.floats(dz, image)];
      });
    }),
    cases(200),
  );
});

test('normalization: values, gradients, and what becomes of gain and shift', () => {
  fc.assert(
    fc.property(
      ...([1, 2, 3].map(() => fc.integer({ min: 1, max: 9 })) as [
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
      ]),
      rowsOf,
      seeds,
      fc.constantFrom(0 as const, 1 as const),
      (places, wide, groups, rows, seed, keep) => {
        fc.pre(places * wide > 1);
        const channels = wide * groups;
        const n = { places, channels, groups, epsilon: 1e-5 };
        const size = rows * places * channels;
        agree(3e-4, a => {
          const x = a.place(numbers(seed, size).map((value, k) => value + 0.3 * (k % 7)));
          const [y, dy, dx] = [numbers(seed, size), numbers(seed + 2, size), numbers(seed + 3, size)].map(v => a.place(v));
          const [gain, shift] = [a.place(numbers(seed + 4, channels)), a.place(numbers(seed + 5, channels))];
          const moments = a.place(new Float32Array(2 * rows * groups));
          a.kernels.normalize(y, moments, x, gain, shift, rows, n);
          a.kernels.normalizeBack(dx, dy, x, moments, gain, rows, n);
          a.kernels.normalizeAccumulate(gain, shift, dy, x, moments, rows, n, keep);
          return [y, dx]
            .flatMap(at => [...a.floats(at, size)])
            .concat([...a.floats(gain, channels), ...a.floats(shift, channels)]);
        });
      },
    ),
    cases(150),
  );
});

test('attention and embeddings, and their gradients', () => {
  fc.assert(
    fc.property(
      rowsOf,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 20 }),
      seeds,
      (rows, tokens, heads, each, seed) => {
        const width = heads * each;
        const [three, one] = [rows * tokens * 3 * width, rows * tokens * width];
        const square = rows * heads * tokens * tokens;
        agree(2e-5, a => {
          const x = a.place(numbers(seed, three, 2));
          const [y, shares, dx] = [one, square, three].map(n => a.place(numbers(seed, n)));
          const dy = a.place(numbers(seed + 1, one));
          const work = a.place(new Float32Array(attentionRoom(tokens, each)).fill(NaN));
          a.kernels.attend(y, shares, x, rows, tokens, heads, width, work);
          a.kernels.attendBack(dx, dy, x, shares, rows, tokens, heads, width, work);
          return [...a.floats(y, one), ...a.floats(shares, square), ...a.floats(dx, three)];
        });
        agree(1e-6, a => {
          const words = a.place(numbers(seed, rows * (tokens + 2)).map(value => Math.floor(5 * Math.abs(value))));
          const [table, places] = [a.place(numbers(seed + 1, 5 * width)), a.place(numbers(seed + 2, tokens * width))];
          const [y, dy] = [a.place(new Float32Array(one)), a.place(numbers(seed + 3, one))];
          a.kernels.embed(y, words, table, places, rows, tokens, tokens + 2, width);
          a.kernels.embedAccumulate(table, places, dy, words, rows, tokens, tokens + 2, width);
          return [...a.floats(y, one), ...a.floats(table, 5 * width), ...a.floats(places, tokens * width)];
        });
      },
    ),
    cases(150),
  );
});

test('dropout drops the same everywhere, about as much as it is told, and keeps the mean', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.double({ min: 0, max: 0.95, noNaN: true }), seeds, (n, rate, seed) => {
      agree(0, a => {
        const [from, to] = [a.place(numbers(seed, n)), a.place(numbers(seed, n))];
        a.kernels.dropout(to, from, n, rate, seed, seed * 3);
        return [...a.floats(to, n)];
      });
    }),
    cases(100),
  );
  const n = 40_000;
  const a = others[0];
  a.clear();
  const at = a.place(new Float32Array(n).fill(1));
  a.kernels.dropout(at, at, n, 0.3, 17, 19);
  const dropped = a.floats(at, n).filter(value => value === 0).length / n;
  assert.ok(Math.abs(dropped - 0.3) < 4 * Math.sqrt((0.3 * 0.7) / n));
  assert.ok(a.floats(at, n).every(value => value === 0 || value === Math.fround(1 / Math.fround(0.7))));
});
