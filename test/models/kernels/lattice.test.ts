import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { centred, draw } from '../../../src/models/kernels/dither.js';
import { source, word } from '../../../src/random.js';
import { cases } from '../../support/cases.js';
import { arena, lengths, numbers, seeds } from './arena.js';

const arenas = (['reference', 'simd', 'relaxed'] as const).map(name => arena(name));
const widths = fc.integer({ min: 2, max: 16 });
const sides = fc.integer({ min: -20, max: 4 }).map(exponent => 2 ** exponent);
const dithers = fc.constantFrom<0 | 1>(0, 1);
/** Unit roundoff of f32. */
const u = 2 ** -24;

interface Sent {
  readonly largest: number;
  readonly farthest: number;
  readonly codes: number[];
  readonly stamp: number[];
  readonly to: number[];
}

/** x through the lattice and back with y, on one set; asserts that nothing is written outside. */
function send(
  a: (typeof arenas)[0],
  x: Float32Array,
  y: Float32Array,
  bits: number,
  side: number,
  dithered: 0 | 1,
  key: readonly [number, number],
  skew = 0,
  spoil?: (codes: Uint8Array, stamp: Int32Array) => void,
): Sent {
  a.clear();
  const n = x.length;
  const size = Math.ceil((n * bits) / 8);
  const [from, near, to] = [a.place(x, skew), a.place(y), a.place(new Float32Array(n))];
  const codes = a.place(new Float32Array(Math.ceil(size / 4)));
  const stamp = a.place([0, 0]);
  const bytes = new Uint8Array(a.kernels.memory.buffer, codes, 4 * Math.ceil(size / 4));
  const words = a.integers(stamp, 2);
  const largest = a.kernels.encodeLattice(codes, stamp, from, n, bits, side, ...key);
  for (let k = size; k < bytes.length; k++) assert.equal(bytes[k], 0, 'a byte beyond the codes was written');
  spoil?.(bytes.subarray(0, size), words);
  const sent = { codes: [...bytes.subarray(0, size)], stamp: [...words] };
  const farthest = a.kernels.decodeLattice(to, codes, stamp, near, n, bits, side, ...key, dithered);
  assert.ok(a.intact(), `${a.kernels.name} wrote outside a row`);
  return { largest, farthest, ...sent, to: [...a.floats(to, n)] };
}

/** The same as the definition states it, in real numbers (f64): the point nearest to the code's that the reference allows. */
function defined(x: number, y: number, bits: number, side: number, word: number, dithered: 0 | 1): number {
  const q = 2 ** bits;
  const th = side * centred(word);
  const z = Math.round((x - th) / side);
  const c = ((z % q) + q) % q;
  const shift = dithered ? th : 0;
  return side * (c + q * Math.round(((y - shift) / side - c) / q)) + shift;
}

/** Far enough from a tie that floats and real numbers agree on which way to round. */
function isClear(value: number, slack: number): boolean {
  return Math.abs(Math.abs(value - Math.floor(value)) - 0.5) > slack;
}

test('the lattice gives the same bits in every set, at every width and length, near or far', () => {
  fc.assert(
    fc.property(lengths, seeds, widths, sides, dithers, fc.integer({ min: 0, max: 3 }), (n, seed, bits, side, dithered, skew) => {
      const x = numbers(seed, n);
      const y = numbers(seed + 1, n, 2 ** bits * side).map((d, k) => d + x[k]);
      const results = arenas.map(a => send(a, x, y, bits, side, dithered, [seed, seed ^ 0x5bd1e995], skew));
      for (const result of results.slice(1)) assert.deepEqual(result, results[0]);
    }),
    cases(400),
  );
});

test('a rotation gives the same bits in every set, and the way back returns what was rotated', () => {
  fc.assert(
    fc.property(lengths, seeds, fc.integer({ min: 0, max: 5 }), (n, seed, more) => {
      const padded = 2 ** Math.max(2, Math.ceil(Math.log2(n)) + (more === 5 ? 5 : 0));
      const x = numbers(seed, n);
      const results = arenas.map(a => {
        a.clear();
        const [from, turned, back] = [a.place(x), a.place(new Float32Array(padded)), a.place(new Float32Array(n))];
        a.kernels.rotate(turned, from, n, padded, seed, 7);
        const rotated = [...a.floats(turned, padded)];
        a.kernels.unrotate(back, turned, n, padded, seed, 7);
        assert.ok(a.intact(), `${a.kernels.name} wrote outside a row`);
        return { rotated, back: [...a.floats(back, n)] };
      });
      for (const result of results.slice(1)) assert.deepEqual(result, results[0]);
      const norm = (v: ArrayLike<number>) => Math.sqrt(Array.from(v).reduce((sum, t) => sum + t * t, 0));
      const [{ rotated, back }] = results;
      assert.ok(Math.abs(norm(rotated) - norm(x)) <= 20 * u * norm(x), 'a rotation keeps lengths');
      for (let k = 0; k < n; k++) assert.ok(Math.abs(back[k] - x[k]) <= 40 * u * norm(x));
    }),
    cases(100),
  );
});

test('a rotation spreads one large coordinate evenly over all', () => {
  for (const a of arenas) {
    a.clear();
    const x = new Float32Array(1024);
    x[17] = 32;
    const [from, to] = [a.place(x), a.place(x)];
    a.kernels.rotate(to, from, 1000, 1024, 3, 4);
    const values = a.floats(to, 1024);
    assert.ok(values.every(value => Math.abs(value) === 1));
  }
});

test('codes are packed without waste, in the order of their bits', () => {
  for (const a of arenas) {
    for (let bits = 2; bits <= 16; bits++) {
      const q = 2 ** bits;
      const x = Float32Array.from({ length: 61 }, (_, k) => ((k * 7919) % q) - 3 * q);
      const { codes, to } = send(a, x, x, bits, 1, 0, [5, 6]);
      let at = 0;
      for (let k = 0; k < x.length; k++) {
        let code = 0;
        for (let b = 0; b < bits; b++, at++) code |= ((codes[at >> 3] >> (at & 7)) & 1) << b;
        assert.equal(code, ((to[k] % q) + q) % q, `${bits} bits, coordinate ${k}`);
      }
    }
  }
});

test('Q(x) is within half a side of x and on the lattice, whatever the reference in the ball', () => {
  fc.assert(
    fc.property(seeds, widths, sides, dithers, fc.integer({ min: 0, max: 20 }), (seed, bits, side, dithered, reach) => {
      const n = 64;
      const x = numbers(seed, n, Math.min(2 ** reach, 2 ** 21) * side);
      const key = [seed, ~seed] as const;
      for (const a of arenas.slice(0, 2)) {
        const results = [1, -1, 0.3, 0].map(part => {
          // as far as the guarantee reaches: (q-1) s/2, or (q-2) s/2 where u has rounded at random; less what floats may lose
          const y = x.map(value => {
            const radius = Math.max(
              0,
              ((2 ** bits - (dithered ? 1 : 2)) * side) / 2 - 8 * u * (Math.abs(value) + 2 ** bits * side),
            );
            return Math.fround(value + part * radius);
          });
          const { farthest, to } = send(a, x, y, bits, side, dithered, key);
          const most = to.reduce((max, value, k) => Math.max(max, Math.abs(Math.fround(value - y[k]))), 0);
          assert.equal(farthest, most);
          return to;
        });
        for (const to of results.slice(1)) assert.deepEqual(to, results[0], 'Q depends on the reference');
        for (const [k, value] of results[0].entries()) {
          const shift = dithered ? centred(draw(...key, k)) : 0;
          const bound = (dithered ? side / 2 : side) + 4 * u * Math.abs(x[k]) + 4 * u * side;
          assert.ok(Math.abs(value - x[k]) <= bound, `${x[k]} became ${value}`);
          const point = value / side - shift;
          assert.ok(Math.abs(point - Math.round(point)) <= 2 * u * Math.abs(value / side) + u, 'not on the lattice');
        }
      }
    }),
    cases(150),
  );
});

test('encode and decode are what the definition says, near or far', () => {
  fc.assert(
    fc.property(seeds, widths, dithers, (seed, bits, dithered) => {
      const [n, side] = [48, 2 ** -7];
      const x = numbers(seed, n);
      const y = numbers(seed + 9, n, 2 ** bits * side * 3).map((d, k) => d + x[k]);
      const { to } = send(arenas[1], x, y, bits, side, dithered, [seed, 1]);
      for (let k = 0; k < n; k++) {
        const word = draw(seed, 1, k);
        const t = x[k] / side - centred(word);
        if (!isClear(t, 1e-4)) continue;
        const expected = defined(x[k], y[k], bits, side, word, dithered);
        // a reference half-way between two candidates may fall to either
        if (Math.abs(Math.abs(expected - y[k]) / side - 2 ** bits / 2) < 1e-3) continue;
        assert.ok(Math.abs(to[k] - expected) <= 4 * u * Math.abs(expected), `${to[k]} for ${expected}`);
      }
    }),
    cases(100),
  );
});

test('beyond the radius it is wrong by more than q - 1/2 sides, and the stamp says so', () => {
  fc.assert(
    fc.property(
      seeds,
      widths,
      dithers,
      fc.integer({ min: 0, max: 39 }),
      fc.double({ min: 1.001, max: 50, noNaN: true }),
      (seed, bits, dithered, where, factor) => {
        const [n, side, q] = [40, 2 ** -6, 2 ** bits];
        const x = numbers(seed, n);
        const y = x.slice();
        const sign = seed % 2 ? 1 : -1;
        // not dithered, x may have been rounded by a whole side
        y[where] = x[where] + sign * factor * ((q + 1 + (dithered ? 0 : 1)) / 2) * side;
        for (const a of arenas) {
          const { farthest, to } = send(a, x, y, bits, side, dithered, [seed, seed]);
          assert.equal(farthest, -1, 'a wrong decode went unseen');
          assert.ok(Math.abs(to[where] - x[where]) >= (q - (dithered ? 0.5 : 1)) * side * 0.999);
        }
      },
    ),
    cases(150),
  );
});

test('at 1.2 times the radius every decode of a row is seen to be wrong, however many coordinates are', () => {
  const [n, bits, side] = [1024, 8, 2 ** -8];
  for (let seed = 1; seed <= 50; seed++) {
    const x = numbers(seed, n);
    const y = x.map((value, k) => value + (k % seed === 0 ? 1.2 * 127.5 * side : 0));
    assert.equal(send(arenas[1], x, y, bits, side, 1, [seed, 3]).farthest, -1);
  }
});

test('a code or a stamp that was changed on the way is seen', () => {
  fc.assert(
    fc.property(seeds, widths, fc.nat(1e6), fc.integer({ min: 0, max: 7 }), fc.boolean(), (seed, bits, where, bit, code) => {
      const x = numbers(seed, 48);
      const spoil = (codes: Uint8Array, stamp: Int32Array) => {
        if (code) codes[where % codes.length] ^= 1 << bit;
        else stamp[where % 2] ^= 1 << bit;
      };
      assert.equal(send(arenas[1], x, x, bits, 2 ** -6, 1, [seed, 3], 0, spoil).farthest, -1);
    }),
    cases(200),
  );
});

test('the largest distance of two rows is the same in every set', () => {
  fc.assert(
    fc.property(lengths, seeds, fc.nat(1e6), fc.constantFrom(0, 9, Number.NaN), (n, seed, where, extreme) => {
      const [x, y] = [numbers(seed, n), numbers(seed + 1, n)];
      if (extreme !== 0) x[where % n] = extreme;
      const distances = x.map((value, k) => Math.abs(value - y[k]));
      const expected = distances.reduce((most, d) => (d > most || Number.isNaN(d) ? d : most), 0);
      for (const a of arenas) {
        a.clear();
        assert.equal(a.kernels.farthest(a.place(x), a.place(y), n), expected, a.kernels.name);
      }
    }),
    cases(100),
  );
});

test('the largest magnitude is returned, and a number that is none shows', () => {
  for (const a of arenas) {
    for (const where of [0, 5, 17, 39, 40]) {
      const x = numbers(3, 41);
      x[where] = -7.25;
      assert.equal(send(a, x, x, 8, 1, 1, [1, 2]).largest, 7.25);
      x[where] = Number.NEGATIVE_INFINITY;
      assert.equal(send(a, x, x, 8, 1, 1, [1, 2]).largest, Number.POSITIVE_INFINITY);
      x[where] = Number.NaN;
      assert.ok(Number.isNaN(send(a, x, x, 8, 1, 1, [1, 2]).largest));
    }
  }
});

test('both roundings are unbiased, and the error of a dithered one is uniform', () => {
  const [n, rounds, side] = [64, 2000, 2 ** -4];
  for (const dithered of [1, 0] as const) {
    const x = numbers(11, n);
    const errors = new Float64Array(n);
    let squares = 0;
    for (let round = 0; round < rounds; round++) {
      const { to } = send(arenas[1], x, x, 8, side, dithered, [draw(1, 2, round), draw(3, 4, round)]);
      for (let k = 0; k < n; k++) {
        errors[k] += to[k] - x[k];
        squares += (to[k] - x[k]) ** 2;
      }
    }
    // uniform in a side when dithered; else side sqrt(p (1-p)), at most half a side
    const deviation = dithered ? side / Math.sqrt(12) : side / 2;
    for (let k = 0; k < n; k++) assert.ok(Math.abs(errors[k] / rounds) < (4 * deviation) / Math.sqrt(rounds), `coordinate ${k}`);
    const mean = errors.reduce((sum, e) => sum + e, 0) / (n * rounds);
    assert.ok(Math.abs(mean) < (4 * deviation) / Math.sqrt(n * rounds));
    if (dithered) assert.ok(Math.abs(squares / (n * rounds) / (side ** 2 / 12) - 1) < 0.02);
  }
});

test('draws of neighbouring coordinates look independent, and so do those of drawn keys', () => {
  const n = 4096;
  const keys = source(1, 'keys');
  const series = (a: number, b: number) => Float64Array.from({ length: n }, (_, k) => centred(draw(a, b, k)));
  const [a, b] = [word(keys, 0, 0), word(keys, 0, 1)];
  const base = series(a, b);
  const correlation = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, k) => sum + value * y[k], 0) / (n / 12);
  assert.ok(Math.abs(correlation(base, base) - 1) < 0.06);
  for (let step = 1; step <= 40; step++) {
    assert.ok(Math.abs(correlation(base, series(a + step, b))) < 5 / Math.sqrt(n), `${step} coordinates on`);
    for (const [name, other] of [
      ['first', series(word(keys, 1, step), b)],
      ['second', series(a, word(keys, 2, step))],
      ['both', series(word(keys, 3, step), word(keys, 4, step))],
    ] as const)
      assert.ok(Math.abs(correlation(base, other)) < 5 / Math.sqrt(n), `${name}, ${step}`);
  }
});

test('a checksum of the codes alone would not see a wrong decode', () => {
  const [bits, side] = [4, 2 ** -4];
  const x = numbers(5, 32);
  const y = x.map((value, k) => value + (k === 9 ? 2 * 2 ** bits * side : 0));
  const a = arenas[0];
  const near = send(a, x, x, bits, side, 1, [1, 2]);
  const far = send(a, x, y, bits, side, 1, [1, 2]);
  assert.deepEqual(far.codes, near.codes);
  assert.notDeepEqual(far.to, near.to);
  assert.equal(far.farthest, -1);
});
