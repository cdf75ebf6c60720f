import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openKernels } from '../../../src/models/kernels/choose.js';
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
    assert.equal(kernels.difference(toB, toA, n), 0);
  });
}
