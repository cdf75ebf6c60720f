import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openKernels } from '../../../src/models/kernels/choose.js';
import { packing } from '../../../src/models/kernels/packing.js';
import { wasmKernels } from '../../../src/models/kernels/simd.js';
import { numbers, sharedMemory } from './arena.js';

/** Section ids of a WebAssembly module, in order. */
function sections(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    ids.push(bytes[at++]);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
  }
  return ids;
}

for (const name of ['simd', 'relaxed'] as const) {
  test(`${name}.wasm has no data section and no start function: opening it must not write into the arena`, () => {
    const url = new URL('../../../src/models/kernels/', import.meta.url);
    const ids = sections(readFileSync(new URL(`${name}.wasm`, url)));
    assert.ok(ids.includes(10), 'has code');
    for (const forbidden of [8, 11, 12]) assert.ok(!ids.includes(forbidden), `has no section ${forbidden}`);
    const memory = sharedMemory(1);
    new Uint8Array(memory.buffer).fill(0xa5);
    wasmKernels(name, memory);
    assert.ok(new Uint8Array(memory.buffer).every(byte => byte === 0xa5));
  });

  test(`${name} reaches rows above 2 GiB, up to the last byte`, () => {
    const memory = sharedMemory(65536);
    const kernels = openKernels(name, memory);
    const n = 32 * 40 + 3;
    const bytes = 4 * n;
    const [a, b, delta] = [2 ** 31 + 128, 3 * 2 ** 30, 2 ** 31 - 64];
    const [toA, toB] = [2 ** 32 - bytes, 2 ** 32 - 4 * bytes];
    const row = (address: number) => new Float32Array(memory.buffer, address, n);
    for (const [k, address] of [a, b, delta].entries()) row(address).set(numbers(k + 1, n));
    kernels.mixAndCommit(toA, toB, a, b, delta, 0.5, n);
    for (let i = 0; i < n; i++) {
      const mean = 0.5 * Math.fround(row(a)[i] + row(b)[i]);
      assert.equal(row(toB)[i], mean);
      assert.equal(row(toA)[i], Math.fround(mean + row(delta)[i]));
    }
    kernels.copy(toB, toA, n);
    assert.equal(kernels.squaredDistance(toA, toB, n), 0);
    kernels.snapshot(toB, b, a, n);
    assert.deepEqual(row(toB), row(a));
    assert.equal(kernels.difference(toB, toB, toA, n), 0);
  });
}

test('dense products, losses and gathers give the same bits above 2 GiB as below', () => {
  const memory = sharedMemory(65536);
  const [rows, inputs, outputs] = [70, 45, 21];
  const run = (base: number) => {
    const kernels = openKernels('simd', memory);
    let top = base;
    const place = (n: number, seed = 0) => {
      const view = new Float32Array(memory.buffer, top, n);
      if (seed > 0) view.set(numbers(seed, n));
      top += Math.ceil((4 * n + 16) / 128) * 128;
      return view.byteOffset;
    };
    const [data, indices, labels] = [place(100 * inputs, 1), place(rows), place(rows)];
    for (let r = 0; r < rows; r++) {
      new Uint32Array(memory.buffer, indices, rows)[r] = (r * 37) % 100;
      new Int32Array(memory.buffer, labels, rows)[r] = r % outputs;
    }
    const [x, w, b, y] = [place(rows * inputs), place(inputs * outputs, 2), place(outputs, 3), place(rows * outputs)];
    const [dx, work] = [place(rows * inputs), place(packing(rows, inputs, outputs))];
    kernels.gatherWords(x, data, indices, rows, inputs);
    kernels.forward(y, x, w, b, rows, inputs, outputs, work);
    const loss = kernels.softmaxLoss(y, y, labels, rows, outputs, 0.1);
    kernels.backward(dx, y, w, rows, inputs, outputs, work);
    kernels.accumulate(w, b, x, y, rows, inputs, outputs, 1, work);
    return { loss, bytes: new Uint8Array(memory.buffer.slice(base, top)) };
  };
  const low = run(1024);
  for (const base of [2 ** 31 - 4096, 3.9 * 2 ** 30]) {
    const high = run(Math.floor(base / 128) * 128);
    assert.equal(high.loss, low.loss);
    assert.deepEqual(high.bytes, low.bytes);
  }
});
