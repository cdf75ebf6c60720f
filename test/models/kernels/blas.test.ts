/** The system's BLAS: its products against the reference, whatever it is; and plans that mix sets. Skips where there is none. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { blas } from '../../../src/models/kernels/blas.js';
import { chooseKernels, openKernels } from '../../../src/models/kernels/choose.js';
import type { Kernels } from '../../../src/models/kernels/kernels.js';
import { packing } from '../../../src/models/kernels/packing.js';
import { isPlan, readPlan, writePlan } from '../../../src/models/kernels/plan.js';
import { namedModel } from '../../../src/models/named.js';
import { cases } from '../../support/cases.js';
import { task } from '../open.js';
import { arena, numbers, seeds, sharedMemory } from './arena.js';

const found = blas();
const skip = typeof found === 'string' ? found : false;

test('the products of a layer are those of the reference', { skip }, () => {
  const sets = [arena('reference'), arena('blas')];
  const sizes = fc.integer({ min: 1, max: 70 });
  fc.assert(
    fc.property(sizes, sizes, sizes, seeds, fc.constantFrom(0 as const, 1 as const), (rows, inputs, outputs, seed, keep) => {
      const [expected, other] = sets.map(a => {
        a.clear();
        const [x, w, y] = [rows * inputs, inputs * outputs, rows * outputs].map((n, k) => a.place(numbers(seed + k, n)));
        const [bias, dx] = [a.place(numbers(seed + 3, outputs)), a.place(numbers(seed + 4, rows * inputs))];
        const work = a.place(new Float32Array(packing(rows, inputs, outputs)));
        a.kernels.forward(y, x, w, bias, rows, inputs, outputs, work);
        const out = [...a.floats(y, rows * outputs)];
        a.kernels.backward(dx, y, w, rows, inputs, outputs, work);
        a.kernels.accumulate(w, bias, x, y, rows, inputs, outputs, keep, work);
        assert.ok(a.intact(), `${a.kernels.name} wrote outside its outputs`);
        return [...out, ...a.floats(dx, rows * inputs), ...a.floats(w, inputs * outputs), ...a.floats(bias, outputs)];
      });
      const size = Math.max(1, ...expected.map(Math.abs));
      for (const [k, value] of other.entries()) assert.ok(Math.abs(value - expected[k]) < 1e-5 * size, `${k}: ${value}`);
    }),
    cases(150),
  );
});

test('a plan gives each product to its set, and nothing else', () => {
  const memory = sharedMemory(4);
  const text = 'simd,forward:20x8=reference,accumulate:8x20=reference';
  const kernels = openKernels(text, memory);
  const plain = openKernels('simd', memory);
  assert.equal(writePlan(readPlan(text)), text);
  assert.equal(kernels.name, 'simd');
  // relaxed rounds otherwise: whose bits come out tells who was asked.
  const product = (set: Kernels, inputs: number, outputs: number) => {
    new Float32Array(memory.buffer, 1024, 4096).set(numbers(5, 4096));
    set.forward(40_960, 1024, 8192, 1024, 7, inputs, outputs, 65_536);
    return [...new Float32Array(memory.buffer, 40_960, 7 * outputs)];
  };
  const mixed = openKernels('simd,forward:20x8=relaxed', memory);
  const relaxed = openKernels('relaxed', memory);
  assert.deepEqual(product(mixed, 20, 8), product(relaxed, 20, 8));
  assert.notDeepEqual(product(mixed, 20, 8), product(plain, 20, 8));
  assert.deepEqual(product(mixed, 20, 12), product(plain, 20, 12));
});

test('what is no plan is refused', () => {
  for (const text of [
    '',
    'smid',
    'simd,',
    'simd,forward:0x2=blas',
    'simd,forwards:2x2=blas',
    'simd,forward:2x2',
    'simd,forward:2x2=x',
  ]) {
    assert.ok(!isPlan(text), text);
    assert.throws(() => readPlan(text), { code: 'CONFIG_RANGE' });
  }
  assert.throws(() => readPlan('smid'), /did you mean simd/);
});

test('auto gives the BLAS the products that it is faster at, by the clock', { skip }, () => {
  const shape = task(784, 10);
  const { set, note } = chooseKernels('auto', namedModel('mlp:128', shape), shape, 32, () => performance.now());
  assert.ok(isPlan(set) && /simd .* ms/.test(note), note);
  const others = readPlan(set).others.map(other => other.set);
  if (others.includes('blas')) assert.match(note, /blas [\d.]+ ms a step$/);
  else if (others.length > 0) assert.match(note, /mixed [\d.]+ ms a step$/);
});

test('a library that is none, and a machine without one, are told what to do', () => {
  const script = `import { openKernels } from '${new URL('../../../src/models/kernels/choose.js', import.meta.url)}';
    try { openKernels('blas', new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })); } catch (e) { console.log(e.code, e.message); }`;
  for (const path of ['/nowhere/libblas.so', process.execPath, '/etc/passwd']) {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, HEARSAY_BLAS: path },
      encoding: 'utf8',
    });
    assert.match(stdout, /^KERNELS_UNAVAILABLE kernels: found 'blas', but (HEARSAY_BLAS=|koffi)/);
    assert.equal(stdout.trimEnd().split('\n').length, 1);
  }
});
