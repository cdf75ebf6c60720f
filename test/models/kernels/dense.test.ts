import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS } from '../../../src/models/kernels/blocking.js';
import { packing } from '../../../src/models/kernels/packing.js';
import { cases } from '../../support/cases.js';
import { type Arena, arena, numbers, seeds } from './arena.js';

const oracle = arena('reference', 128);
const sets = [arena('simd', 128), arena('relaxed', 128)];
const side = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 70 }));

/** The three products of one random layer: everything they write, by name. */
function products(a: Arena, rows: number, inputs: number, outputs: number, seed: number): Record<string, Float32Array> {
  a.clear();
  const k = a.kernels;
  const x = a.place(numbers(seed, rows * inputs));
  const weights = a.place(numbers(seed + 1, inputs * outputs), seed % 4);
  const bias = a.place(numbers(seed + 2, outputs));
  const dy = a.place(numbers(seed + 3, rows * outputs));
  const y = a.place(new Float32Array(rows * outputs).fill(NaN));
  const dx = a.place(new Float32Array(rows * inputs).fill(NaN));
  const fresh = a.place(new Float32Array(inputs * outputs).fill(NaN));
  const freshBias = a.place(new Float32Array(outputs).fill(NaN));
  const work = a.place(new Float32Array(packing(rows, inputs, outputs)));
  k.forward(y, x, weights, bias, rows, inputs, outputs, work);
  k.backward(dx, dy, weights, rows, inputs, outputs, work);
  k.accumulate(fresh, freshBias, x, dy, rows, inputs, outputs, 0, work);
  k.accumulate(weights, bias, x, dy, rows, inputs, outputs, 1, work);
  assert.ok(a.intact(), `${k.name} wrote outside its outputs`);
  return {
    y: a.floats(y, rows * outputs).slice(),
    dx: a.floats(dx, rows * inputs).slice(),
    fresh: a.floats(fresh, inputs * outputs).slice(),
    freshBias: a.floats(freshBias, outputs).slice(),
    weights: a.floats(weights, inputs * outputs).slice(),
    bias: a.floats(bias, outputs).slice(),
  };
}

function agree(rows: number, inputs: number, outputs: number, seed: number): void {
  const expected = products(oracle, rows, inputs, outputs, seed);
  for (const a of sets) {
    const found = products(a, rows, inputs, outputs, seed);
    const exact = a.kernels.name === 'simd' && outputs > 1;
    // the rounding errors of a sum of k products of numbers in (-1, 1), each at most half an ulp of a partial sum
    const bound = 2 ** -23 * (4 + Math.max(rows, inputs, outputs));
    for (const name of Object.keys(expected)) {
      for (let i = 0; i < expected[name].length; i++) {
        const [wanted, got] = [expected[name][i], found[name][i]];
        assert.ok(
          exact ? Object.is(got, wanted) : Math.abs(got - wanted) <= bound,
          `${a.kernels.name} ${name}[${i}]: ${got} instead of ${wanted}`,
        );
      }
    }
  }
}

test('the three products agree with the reference over random shapes; simd to the bit', () => {
  fc.assert(fc.property(side, side, side, seeds, agree), cases(300));
});

test('every narrow width and low height', () => {
  for (let outputs = 1; outputs <= 25; outputs++) for (let rows = 1; rows <= 14; rows++) agree(rows, 5, outputs, rows * outputs);
});

test('every number of inputs and of outputs up to the widest and highest tiles', () => {
  for (let inputs = 1; inputs <= 27; inputs++) for (const outputs of [2, 4, 7, 8, 10, 12, 19]) agree(6, inputs, outputs, inputs);
});

test('ten outputs, which have tiles of their own', () => {
  fc.assert(
    fc.property(side, side, seeds, (rows, inputs, seed) => agree(rows, inputs, 10, seed)),
    cases(100),
  );
});

test('shapes around the edges of the blocks', () => {
  agree(BLOCK_ROWS + 1, BLOCK_DEPTH + 3, 9, 1);
  agree(3, BLOCK_COLUMNS + 5, BLOCK_DEPTH + 1, 2);
  agree(BLOCK_DEPTH + 2, 7, 13, 3);
  agree(2 * BLOCK_ROWS, 33, 1, 4);
  agree(32, 784, 10, 5);
  agree(BLOCK_DEPTH + 5, BLOCK_COLUMNS + 15, 10, 6);
  agree(70, 2 * BLOCK_DEPTH + 6, 30, 7);
});

test('the portable set gives these bits on every machine', () => {
  const hash = createHash('sha256');
  for (const part of Object.values(products(sets[0], 37, 61, 29, 42)))
    hash.update(new Uint8Array(part.buffer, 0, part.byteLength));
  assert.equal(hash.digest('hex').slice(0, 16), '8710d11caeef1c6a');
});
