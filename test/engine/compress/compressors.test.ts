import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Compressor, contracting, delta, identity, type Key } from '../../../src/engine/compress/compressor.js';
import { lattice, powerOfTwo, sideFor } from '../../../src/engine/compress/lattice.js';
import { qsgd } from '../../../src/engine/compress/qsgd.js';
import { randk } from '../../../src/engine/compress/randk.js';
import { readCompressor } from '../../../src/engine/compress/read.js';
import { sign } from '../../../src/engine/compress/sign.js';
import { shareOf, topk } from '../../../src/engine/compress/topk.js';
import { HearsayError } from '../../../src/errors.js';
import { reference } from '../../../src/models/kernels/reference.js';
import { normal, source, word } from '../../../src/random.js';
import { sharedMemory } from '../../models/kernels/arena.js';
import { cases } from '../../support/cases.js';

const keys = source(5, 'keys');
const keyOf = (k: number): Key => ({ a: word(keys, 0, k), b: word(keys, 1, k) });
const vector = (seed: number, d: number, scale = 1) =>
  Float32Array.from({ length: d }, (_, k) => scale * normal(source(seed, 'vector'), 0, k));
const compress = (c: Compressor, x: Float32Array, k = 0) => {
  const to = new Float32Array(x.length);
  c.apply(to, x, keyOf(k));
  return to;
};
const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, value) => sum + value * value, 0);
const errorOf = (x: Float32Array, y: Float32Array) => squares(x.map((value, k) => value - y[k]));

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const lengths = fc.integer({ min: 1, max: 300 });
const shares = fc.double({ min: 0.001, max: 1, noNaN: true });
const compressors = fc.oneof(
  shares.map(topk),
  shares.map(randk),
  fc.integer({ min: 1, max: 100 }).map(qsgd),
  fc.constantFrom(sign, identity),
  fc.integer({ min: 2, max: 16 }).map(lattice),
);

test('in place or not, the same key gives the same', () => {
  fc.assert(
    fc.property(compressors, seeds, lengths, (c, seed, d) => {
      const x = vector(seed, d);
      const kept = x.slice();
      const y = compress(c, x);
      assert.deepEqual(x, kept);
      c.apply(x, x, keyOf(0));
      assert.deepEqual(x, y);
    }),
    cases(300),
  );
});

test('zero is mapped to zero', () => {
  fc.assert(
    fc.property(compressors, lengths, (c, d) => {
      for (const value of compress(c, new Float32Array(d))) assert.equal(Math.abs(value), 0);
    }),
    cases(100),
  );
});

test('top-k keeps what a sort keeps, the first of equals', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.float({ noNaN: true })), { minLength: 1, maxLength: 200 }),
      shares,
      (values, share) => {
        const x = Float32Array.from(values);
        const k = shareOf(x.length, share);
        const order = [...x.keys()].sort((i, j) => Math.abs(x[j]) - Math.abs(x[i]) || i - j);
        const kept = new Set(order.slice(0, k));
        assert.deepEqual(
          [...compress(topk(share), x)],
          Array.from(x, (value, i) => (kept.has(i) ? value : 0)),
        );
      },
    ),
    cases(500),
  );
});

test('rand-k keeps exactly k, and every coordinate as often as another', () => {
  const [d, share, rounds] = [40, 0.25, 4000];
  const c = randk(share);
  const x = new Float32Array(d).fill(1);
  const counts = new Float64Array(d);
  const pairs = new Float64Array(d);
  for (let round = 0; round < rounds; round++) {
    const y = compress(c, x, round);
    assert.equal(squares(y), 10);
    for (let k = 0; k < d; k++) {
      counts[k] += y[k];
      pairs[k] += y[k] * y[(k + 1) % d];
    }
  }
  const [p, both] = [share, (10 * 9) / (d * (d - 1))];
  for (let k = 0; k < d; k++) {
    assert.ok(Math.abs(counts[k] / rounds - p) < 4.5 * Math.sqrt((p * (1 - p)) / rounds));
    assert.ok(Math.abs(pairs[k] / rounds - both) < 4.5 * Math.sqrt((both * (1 - both)) / rounds));
  }
});

test('top-k and sign contract every vector', () => {
  fc.assert(
    fc.property(fc.oneof(shares.map(topk), fc.constant(sign)), seeds, lengths, (c, seed, d) => {
      const x = vector(seed, d).map(value => value ** 3);
      const error = errorOf(x, compress(c, x));
      assert.ok(error <= (1 - delta(c, d)!) * squares(x) * (1 + 1e-5) + 1e-12, `${c.name}: ${error / squares(x)}`);
    }),
    cases(300),
  );
});

test('sign has the error that its mean says', () => {
  fc.assert(
    fc.property(seeds, lengths, (seed, d) => {
      const x = vector(seed, d);
      const l1 = x.reduce((sum, value) => sum + Math.abs(value), 0);
      const expected = squares(x) - l1 ** 2 / d;
      assert.ok(Math.abs(errorOf(x, compress(sign, x)) - expected) <= 1e-5 * squares(x));
    }),
    cases(100),
  );
});

interface Average {
  readonly error: number;
  /** Of what comes out. */
  readonly mean: Float64Array;
  /** Mean square of the sum of the errors of all coordinates: that of independent ones is `error`. */
  readonly together: number;
}

/** Over many keys. */
function average(c: Compressor, x: Float32Array, rounds: number): Average {
  const mean = new Float64Array(x.length);
  let [error, together] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const y = compress(c, x, round);
    error += errorOf(x, y) / rounds;
    together += y.reduce((sum, value, k) => sum + value - x[k], 0) ** 2 / rounds;
    for (let k = 0; k < x.length; k++) mean[k] += y[k] / rounds;
  }
  return { error, mean, together };
}

const drawn = [randk(0.1), randk(0.5), qsgd(1), qsgd(4), qsgd(16), lattice(2), lattice(4), lattice(8)];

for (const c of [...drawn, ...drawn.map(contracting)]) {
  test(`${c.name}, ${c.unbiased ? 'unbiased' : 'biased'}: on average its error is within its bound`, () => {
    for (const d of [1, 7, 100]) {
      const x = vector(d, d);
      const rounds = 600;
      const { error, mean, together } = average(c, x, rounds);
      assert.ok(error <= c.error(d) * squares(x) * 1.15 + 1e-12, `${error / squares(x)} at ${d}, bound ${c.error(d)}`);
      if (c.unbiased) {
        // a mean of `rounds` errors, over d coordinates
        const bias = squares(mean.map((value, k) => value - x[k]));
        assert.ok(bias <= (3 * error) / rounds + 1e-12, `a bias of ${Math.sqrt(bias)} at ${d}`);
        assert.ok(together <= 1.5 * error + 1e-12, `errors that belong together at ${d}`);
      } else assert.ok(delta(c, d)! > 0);
    }
  });
}

test('what is scaled to contract is the unbiased one divided by 1 + w, as CHOCO has it for QSGD', () => {
  const [d, s] = [100, 4];
  const x = vector(3, d);
  const plain = compress(qsgd(s), x);
  const scaled = compress(contracting(qsgd(s)), x);
  const factor = 1 / (1 + Math.min(d / s ** 2, Math.sqrt(d) / s));
  for (let k = 0; k < d; k++) assert.ok(Math.abs(scaled[k] - factor * plain[k]) <= 1e-6 * Math.abs(plain[k]));
  assert.equal(contracting(sign), sign);
  assert.equal(delta(contracting(qsgd(s)), d), factor);
});

test('QSGD rounds to its levels', () => {
  fc.assert(
    fc.property(seeds, lengths, fc.integer({ min: 1, max: 40 }), (seed, d, levels) => {
      const x = vector(seed, d);
      const norm = Math.sqrt(squares(x));
      for (const [k, value] of compress(qsgd(levels), x).entries()) {
        const level = (value / norm) * levels;
        assert.ok(Math.abs(level - Math.round(level)) < 1e-4);
        assert.ok(Math.abs(value - x[k]) <= (norm / levels) * 1.001);
      }
    }),
    cases(100),
  );
});

test('the lattice compressor gives what the kernels give around zero', () => {
  const memory = sharedMemory(1);
  const kernels = reference(memory);
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 2, max: 16 }), (seed, d, bits) => {
      const x = vector(seed, d);
      const [from, zero, to, codes, stamp] = [1024, 2048, 3072, 4096, 5120];
      new Float32Array(memory.buffer, from, d).set(x);
      new Float32Array(memory.buffer, zero, d).fill(0);
      const { a, b } = keyOf(seed % 100);
      const side = sideFor(
        x.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
        bits,
      );
      kernels.encodeLattice(codes, stamp, from, d, bits, side, a, b);
      assert.ok(kernels.decodeLattice(to, codes, stamp, zero, d, bits, side, a, b, 1) >= 0);
      assert.deepEqual(compress(lattice(bits), x, seed % 100), new Float32Array(memory.buffer, to, d).slice());
    }),
    cases(200),
  );
});

test('a side is the least power of two whose cells cover the radius', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-30, max: 1e30, noNaN: true }), fc.integer({ min: 2, max: 16 }), (radius, bits) => {
      const side = sideFor(radius, bits);
      assert.ok(Number.isInteger(Math.log2(side)));
      const covered = ((2 ** bits - 1) * side) / 2;
      assert.ok(covered >= radius * (1 - 1e-12) && covered < 2 * radius * (1 + 1e-12));
    }),
    cases(200),
  );
  assert.equal(powerOfTwo(1), 1);
  assert.equal(powerOfTwo(1.0000001), 2);
  assert.equal(powerOfTwo(1e-300), 2 ** -126);
});

test('bits are counted: of a thousand coordinates', () => {
  const expected: [string, number][] = [
    ['topk:0.1', 100 * 42],
    ['randk:0.1', 64 + 3200],
    ['qsgd:15', 32 + 5000],
    ['sign', 1032],
    ['lattice:8', 8096],
    ['lattice:3', 3096],
    ['none', 32_000],
  ];
  for (const [text, bits] of expected) assert.equal(readCompressor(text, 'compress').bits(1000), bits, text);
});

test('what one writes is what one gets, and what nobody can write is refused by name', () => {
  for (const text of ['topk:0.1', 'randk:0.25', 'qsgd:16', 'sign', 'lattice:8', 'none'])
    assert.equal(readCompressor(text, 'compress').name, text);
  const refused: [string, string, RegExp][] = [
    [
      'topk',
      'CONFIG_RANGE',
      /compress: found 'topk', allowed is topk:N, N the share of coordinates, a number above 0 and up to 1/,
    ],
    ['topk:0', 'CONFIG_RANGE', /topk:0/],
    ['topk:.1,.2', 'CONFIG_RANGE', /topk:N/],
    ['qsgd:1.5', 'CONFIG_RANGE', /whole number from 1 to 65535/],
    ['lattice:1', 'CONFIG_RANGE', /whole number from 2 to 16/],
    ['lattice:17', 'CONFIG_RANGE', /whole number from 2 to 16/],
    ['sign:2', 'CONFIG_RANGE', /sign, without a number/],
    ['latice:8', 'CONFIG_RANGE', /did you mean 'lattice'|lattice/],
    ['toString', 'CONFIG_RANGE', /allowed is topk:0.1 \| randk:0.1/],
    ['topk:share=.1', 'CONFIG_UNKNOWN_KEY', /topk has no setting 'share', it is written topk:0.1/],
  ];
  for (const [text, code, message] of refused) {
    assert.throws(
      () => readCompressor(text, 'compress'),
      (error: unknown) => error instanceof HearsayError && error.code === code && message.test(error.message),
      text,
    );
  }
});
