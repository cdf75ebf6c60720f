import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { logarithm } from '../src/logarithm.js';
import { below, exponential, normal, permuted, type Source, source, uniform, word } from '../src/random.js';
import { kolmogorovSmirnov, phi, tail } from './support/statistics.js';

function chiSquare(counts: ArrayLike<number>, total: number): number {
  const expected = total / counts.length;
  return Array.from(counts).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const n = 65_536;
/** The ways in which a run walks through draws: over draws, over nodes, over both, over purposes, over seeds. */
const walks: Record<string, (i: number) => number> = {
  draws: i => word(source0, 7, i),
  nodes: i => word(source0, i, 7),
  diagonal: i => word(source0, i, i),
  grid: i => word(source0, i & 255, i >>> 8),
  strides: i => word(source0, 3, Math.imul(i, 0x10000)),
  purposes: i => word(source(1, `purpose ${i}`), 0, 0),
  seeds: i => word(source(i, 'a'), 0, 0),
  'high seeds': i => word(source(i * 2 ** 32 + 5, 'a'), 0, 0),
};
const source0 = source(1, 'walks');

test('along every walk each bit is fair, each byte uniform, and neighbours are independent', () => {
  for (const [name, walk] of Object.entries(walks)) {
    const words = Uint32Array.from({ length: n }, (_, i) => walk(i));
    for (let bit = 0; bit < 32; bit++) {
      let ones = 0;
      for (const w of words) ones += (w >>> bit) & 1;
      assert.ok(Math.abs(ones - n / 2) < 5 * Math.sqrt(n / 4), `${name}: bit ${bit} is set ${ones} times of ${n}`);
    }
    for (const shift of [0, 8, 16, 24]) {
      const bytes = new Uint32Array(256);
      const pairs = new Uint32Array(256);
      for (let i = 0; i < n; i++) {
        bytes[(words[i] >>> shift) & 255]++;
        const next = words[(i + 1) % n];
        pairs[(((words[i] >>> shift) & 15) << 4) | ((next >>> shift) & 15)]++;
      }
      for (const [what, counts] of Object.entries({ bytes, pairs })) {
        const p = tail(chiSquare(counts, n), 255);
        assert.ok(p > 1e-5 && p < 1 - 1e-5, `${name}: ${what} at bit ${shift}: p = ${p}`);
      }
    }
  }
});

test('flipping one bit of seed, node or draw flips every bit of the word half of the time', () => {
  const trials = 4000;
  const kinds: Record<string, (i: number, bit: number) => number> = {
    node: (i, bit) => word(source0, i ^ (1 << bit), 9) ^ word(source0, i, 9),
    draw: (i, bit) => word(source0, 9, i ^ (1 << bit)) ^ word(source0, 9, i),
    seed: (i, bit) => word(source(i ^ (1 << bit), 'x'), 1, 1) ^ word(source(i, 'x'), 1, 1),
  };
  for (const [name, difference] of Object.entries(kinds)) {
    for (let bit = 0; bit < 31; bit++) {
      const flips = new Uint32Array(32);
      for (let i = 0; i < trials; i++) {
        const changed = difference(i * 1_000_003, bit);
        for (let k = 0; k < 32; k++) flips[k] += (changed >>> k) & 1;
      }
      for (const count of flips)
        assert.ok(Math.abs(count - trials / 2) < 6 * Math.sqrt(trials / 4), `${name} bit ${bit}: ${flips}`);
    }
  }
});

test('streams do not repeat each other: no word of one node is a shifted copy of another, purposes do not collide', () => {
  const seen = new Set<string>();
  for (const purpose of ['batch', 'partner', 'initial', 'shuffle', 'clock', 'a', 'b', 'ab', 'ba', '']) {
    for (let seed = 0; seed < 200; seed++) {
      const { a, b } = source(seed, purpose);
      seen.add(`${a} ${b}`);
    }
  }
  assert.equal(seen.size, 2000);
  const heads = new Map<number, number>();
  for (let node = 0; node < 256; node++) {
    for (let draw = 0; draw < 256; draw++) {
      const first = word(source0, node, draw);
      heads.set(first, (heads.get(first) ?? 0) + 1);
    }
  }
  // 65,536 draws of 2^32: half a collision is expected.
  assert.ok(heads.size > n - 8, `${n - heads.size} repeated words`);
});

test('uniform, exponential and normal follow their distributions', () => {
  const laws: Record<string, [(s: Source, i: number) => number, (x: number) => number]> = {
    uniform: [(s, i) => uniform(s, 1, i), x => x],
    exponential: [(s, i) => exponential(s, 1, i), x => 1 - Math.exp(-x)],
    normal: [(s, i) => normal(s, 1, i), phi],
  };
  for (const [name, [draw, distribution]] of Object.entries(laws)) {
    for (let seed = 0; seed < 3; seed++) {
      const s = source(seed, name);
      const p = kolmogorovSmirnov(
        Float64Array.from({ length: 50_000 }, (_, i) => draw(s, i)),
        distribution,
      );
      assert.ok(p > 1e-3, `${name}, seed ${seed}: p = ${p}`);
    }
  }
});

test('the tails are finite and in order', () => {
  const s = source(4, 'tails');
  for (let i = 0; i < 200_000; i++) {
    const e = exponential(s, 0, i);
    const z = normal(s, 1, i);
    assert.ok(e > 0 && e < 23 && Math.abs(z) < 6.5);
  }
});

test('below gives every value in its range about as often, and no other', () => {
  const s = source(5, 'below');
  for (const bound of [1, 2, 3, 10, 63, 1000]) {
    const counts = new Uint32Array(bound);
    for (let i = 0; i < 100_000; i++) counts[below(s, 0, i, bound)]++;
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      100_000,
    );
    if (bound > 9) assert.ok(tail(chiSquare(counts, 100_000), bound - 1) > 1e-4);
  }
});

test('permuted is a permutation for every size from 1 to 2000', () => {
  const s = source(6, 'permutation');
  for (let size = 1; size <= 2000; size++) {
    const seen = new Uint8Array(size);
    for (let k = 0; k < size; k++) seen[permuted(s, size, 3, k, size)]++;
    assert.ok(
      seen.every(count => count === 1),
      `size ${size}`,
    );
  }
});

test('rounds, nodes and seeds give different orders; every position takes every value about as often', () => {
  const order = (seed: number, node: number, round: number, size: number) =>
    Array.from({ length: size }, (_, k) => permuted(source(seed, 'p'), node, round, k, size)).join(' ');
  for (const size of [16, 17, 100, 1000]) {
    const orders = new Set<string>();
    for (let k = 0; k < 60; k++)
      orders
        .add(order(1, 0, k, size))
        .add(order(1, k + 1, 0, size))
        .add(order(k + 2, 0, 0, size));
    assert.equal(orders.size, 180, `size ${size}`);
  }
  const s = source(7, 'positions');
  for (const size of [10, 16, 50, 64]) {
    for (const position of [0, 1, size - 1]) {
      const counts = new Uint32Array(size);
      for (let round = 0; round < 400 * size; round++) counts[permuted(s, 0, round, position, size)]++;
      const p = tail(chiSquare(counts, 400 * size), size - 1);
      assert.ok(p > 1e-5, `size ${size}, position ${position}: p = ${p}`);
    }
  }
});

test('neighbours in a permutation are no closer than chance', () => {
  const s = source(8, 'neighbours');
  const size = 1000;
  let adjacent = 0;
  for (let round = 0; round < 100; round++) {
    for (let k = 0; k + 1 < size; k++) {
      adjacent += Math.abs(permuted(s, 0, round, k, size) - permuted(s, 0, round, k + 1, size)) === 1 ? 1 : 0;
    }
  }
  // A neighbour lies beside with probability 2 / size: 200 expected in 99,900 pairs.
  assert.ok(Math.abs(adjacent - 200) < 5 * Math.sqrt(200), `${adjacent}`);
});

test('logarithm is within 2 units in the last place of Math.log', () => {
  const float = new Float64Array(1);
  const bits = new BigInt64Array(float.buffer);
  const ulp = (x: number) => {
    float[0] = Math.abs(x);
    const value = float[0];
    bits[0]++;
    return float[0] - value;
  };
  const check = (x: number) => {
    const expected = Math.log(x);
    assert.ok(Math.abs(logarithm(x) - expected) <= 2 * ulp(expected), `log ${x}: ${logarithm(x)} and ${expected}`);
  };
  const edges = [1, 2, 0.5, Math.SQRT2, Math.SQRT1_2, Math.E, 1 / Math.E, 10, 2 ** -32, 1 - 2 ** -33, 1 - 2 ** -53, 1 + 2 ** -52];
  edges.push(
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    1e300,
    1e-300,
    0.5 * 2 ** -32,
    (2 ** 32 - 0.5) * 2 ** -32,
    1.4142135623730954,
  );
  edges.forEach(check);
  assert.equal(logarithm(1), 0);
  const s = source(9, 'logarithm');
  for (let i = 0; i < 200_000; i++) {
    check((word(s, 0, i) + 0.5) * 2 ** -32);
    check(1 + (uniform(s, 1, i) - 0.5) * 2 ** -(word(s, 2, i) % 40));
    check(2 ** ((word(s, 3, i) % 2040) - 1020) * (1 + uniform(s, 4, i)));
  }
  fc.assert(fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), check), { numRuns: 2000 });
});
