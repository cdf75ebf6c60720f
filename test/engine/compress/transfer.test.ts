import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { doublings, measure, messageBytes, openTransfer, type Quantization } from '../../../src/engine/compress/transfer.js';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { normal, source, uniform, word } from '../../../src/random.js';
import { arena, numbers } from '../../models/kernels/arena.js';
import { cases } from '../../support/cases.js';

const keys = source(2, 'keys');
const dither: Quantization = { bits: 8, rounding: 'dither', rotation: false };

/** A sender and a receiver of vectors of n coordinates. */
function stage(n: number, quantization: Quantization, set: Kernels['name'] = 'simd') {
  const a = arena(set);
  const zeros = new Float32Array(n);
  const [from, near, to] = [a.place(zeros), a.place(zeros), a.place(zeros)];
  const transfer = openTransfer(a.kernels, n, quantization, a.place(zeros), a.place([0, 0]));
  const [x, y, q] = [a.floats(from, n), a.floats(near, n), a.floats(to, n)];
  let sent = 0;
  const send = (measured: number) => {
    sent++;
    return transfer.send(to, from, near, measured, word(keys, 0, sent), word(keys, 1, sent));
  };
  return { transfer, x, y, q, send, intact: a.intact };
}

/** The largest |a - b|. */
const apart = (a: Float32Array, b: Float32Array) => a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);

test('what was never measured goes as it is, and is measured', () => {
  const { transfer, x, y, send } = stage(50, dither);
  x.set(numbers(1, 50));
  y.set(numbers(2, 50));
  assert.equal(send(0), false);
  assert.equal(transfer.distance, Math.fround(apart(x, y)));
  assert.deepEqual([transfer.messages, transfer.retries, transfer.plain], [0, 0, 1]);
});

test('a distance that is too small by far is seen, and mended by sides that double, or by floats', () => {
  for (const rounding of ['dither', 'stochastic'] as const) {
    for (const [factor, retries, plain] of [
      [1.5, 0, 0],
      [3, 1, 0],
      [7, 2, 0],
      [14, 3, 0],
      [28, 4, 0],
      [1000, doublings + 1, 1],
    ]) {
      const { transfer, x, y, q, send } = stage(33, { ...dither, rounding });
      x.set(numbers(4, 33));
      y.set(x);
      // 2 m is 127.5 sides exactly: the radius is 2 m
      const measured = (127.5 * 2 ** -10) / 2;
      y[20] += factor * measured;
      assert.equal(send(measured), plain === 0, `factor ${factor}`);
      assert.deepEqual([transfer.messages, transfer.retries, transfer.plain], [retries + (1 - plain), retries, plain]);
      const side = 2 ** -10 * 2 ** retries;
      if (plain === 0) assert.ok(apart(x, q) <= (rounding === 'dither' ? 0.5001 : 1) * side);
      // the dither moves what is measured by half a side
      assert.ok(Math.abs(transfer.distance - factor * measured) <= side);
    }
  }
});

test('a vector that no lattice holds goes as it is, and one that is large beside the distance takes a side that it fits', () => {
  const { transfer, x, y, q, send } = stage(40, dither);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    x.fill(1);
    x[7] = value;
    assert.equal(send(1), false);
    assert.equal(Number.isFinite(transfer.distance), false);
  }
  x.set(numbers(3, 40, 1000));
  y.set(x);
  assert.equal(send(1e-9), true);
  assert.ok(apart(x, q) <= 2 ** -20 * 1000);
});

test('the measure goes up at once and down by parts, and ignores what is no number', () => {
  assert.equal(measure(0, 2), 2);
  assert.equal(measure(2, 5), 5);
  assert.equal(measure(8, 0), 7);
  assert.equal(measure(3, Number.NaN), 3);
  assert.equal(measure(3, Number.POSITIVE_INFINITY), 3);
});

test('bytes of a message are those of its codes, its side and its stamp', () => {
  assert.equal(messageBytes(101_770, dither), 101_770 + 12);
  assert.equal(messageBytes(101_770, { ...dither, bits: 5 }), Math.ceil((101_770 * 5) / 8) + 12);
  assert.equal(messageBytes(101_770, { ...dither, rotation: true }), 131_072 + 12);
  for (const parameters of [0, 1, 4]) assert.equal(messageBytes(parameters, { ...dither, rotation: true }), 4 + 12);
});

test('the same bits and the same counts in every set', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e9 }),
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 2, max: 16 }),
      fc.constantFrom('dither' as const, 'stochastic' as const),
      fc.double({ min: 1e-4, max: 10, noNaN: true }),
      (seed, n, bits, rounding, measured) => {
        const results = sets.map(set => {
          const at = stage(n, { bits, rounding, rotation: false }, set);
          at.x.set(numbers(seed, n));
          at.y.set(numbers(seed + 1, n, 0.1).map((d, k) => d + at.x[k]));
          const arrived = at.send(measured);
          assert.ok(at.intact());
          const { messages, retries, plain, distance } = at.transfer;
          return { arrived, q: arrived && [...at.q], messages, retries, plain, distance };
        });
        assert.deepEqual(results[1], results[0]);
      },
    ),
    cases(60),
  );
});
const sets = ['reference', 'simd'] as const;

const exchanges = cases(100_000).numRuns;

for (const rounding of ['dither', 'stochastic'] as const) {
  test(`${exchanges} exchanges with a distance that follows what it measures, ${rounding}: none is wrong and unseen`, () => {
    const n = 6;
    const { transfer, x, y, q, send } = stage(n, { bits: 8, rounding, rotation: false });
    const values = source(7, 'walk');
    let [measured, scale, draws, plain] = [0, 1, 0, 0];
    for (let k = 0; k < exchanges; k++) {
      // distances drift, and now and then leap, up or down, by far more than sides can double
      const leap = uniform(values, 1, draws++);
      scale *= leap < 0.01 ? 200 : leap < 0.02 ? 1 / 200 : 0.8 + 0.4 * uniform(values, 2, draws++);
      scale = Math.min(1e3, Math.max(1e-3, scale));
      for (let i = 0; i < n; i++) {
        x[i] = 10 * normal(values, 3, draws++);
        y[i] = x[i] + scale * normal(values, 4, draws++);
      }
      const distance = apart(x, y);
      if (send(measured)) {
        // a wrong one is off by 255 sides at least, and no right one by more than a side: at most 8 m/255 doubled four times
        const bound = (16 * 8 * Math.max(measured, distance)) / 255 + 1e-4;
        assert.ok(apart(x, q) <= Math.min(bound, 255 * ((4 * measured) / 255)), `exchange ${k}: off by ${apart(x, q)}`);
        assert.ok(Math.abs(transfer.distance - distance) <= bound);
      } else {
        plain++;
        assert.equal(transfer.distance, Math.fround(distance));
      }
      measured = measure(measured, transfer.distance);
    }
    assert.equal(transfer.plain, plain);
    assert.ok(transfer.retries > exchanges / 1000, 'sides were too small at times');
    assert.ok(plain > exchanges / 1000 && plain < exchanges / 20, `${plain} went as they are`);
  });
}
