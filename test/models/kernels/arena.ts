import fc from 'fast-check';
import { openKernels } from '../../../src/models/kernels/choose.js';
import type { Kernels, Memory } from '../../../src/models/kernels/kernels.js';

export function sharedMemory(pages: number): Memory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** A bump allocator over one memory, so that each case of a property can lay out its own rows. */
export interface Arena {
  readonly kernels: Kernels;
  /** `n` floats with the given values, then 7 guard floats that no kernel may touch. `skew` floats off 128-byte alignment. */
  place(values: ArrayLike<number>, skew?: number): number;
  bytes(values: ArrayLike<number>): number;
  floats(address: number, n: number): Float32Array;
  integers(address: number, n: number): Int32Array;
  /** Are all guards unharmed? */
  intact(): boolean;
  clear(): void;
}

export function arena(name: Kernels['name'], pages = 64): Arena {
  const memory = sharedMemory(pages);
  const kernels = openKernels(name, memory);
  let top = 128;
  let guards: number[] = [];
  const floats = (address: number, n: number) => new Float32Array(memory.buffer, address, n);
  return {
    kernels,
    place(values, skew = 0) {
      const address = top + 4 * skew;
      const n = values.length;
      const view = floats(address, n + 7);
      view.set(values as ArrayLike<number> & Iterable<number>);
      view.fill(12345.678, n);
      guards.push(address + 4 * n);
      top = Math.ceil((address + 4 * (n + 7)) / 128) * 128;
      return address;
    },
    bytes(values) {
      const address = top;
      new Uint8Array(memory.buffer, address, values.length).set(values as ArrayLike<number> & Iterable<number>);
      top = Math.ceil((address + values.length) / 128) * 128;
      return address;
    },
    floats,
    integers: (address, n) => new Int32Array(memory.buffer, address, n),
    intact: () => guards.every(at => floats(at, 7).every(x => x === Math.fround(12345.678))),
    clear() {
      top = 128;
      guards = [];
    },
  };
}

/** Lengths that meet every branch of a vector loop: one, odd, around multiples of 4, 8, 16 and 32, and past the bulk-copy limit. */
export const lengths = fc.oneof(
  fc.integer({ min: 1, max: 70 }),
  fc.integer({ min: 1, max: 400 }),
  fc.constantFrom(1023, 1024, 1057),
);

/** `n` floats of about unit size from a seed (fast-check's own arrays of floats are slow and mostly extreme). */
export function numbers(seed: number, n: number, scale = 1): Float32Array {
  let state = seed | 0 || 1;
  return Float32Array.from({ length: n }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state / 2 ** 31) * scale;
  });
}

export const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
