/**
 * Dense products by the system's BLAS, in place on the shared memory; all else by WebAssembly. OpenBLAS, MKL, BLIS, Accelerate or a plain
 * CBLAS is called through koffi, one thread a caller. It rounds as that library does on this processor.
 */

import { createRequire } from 'node:module';
import { HearsayError } from '../../errors.js';
import { blasLibraries } from './blaslibraries.js';
import type { DenseKernels } from './contract/dense.js';
import type { Kernels, Memory } from './kernels.js';
import { supports, type WasmKernels, wasmKernels } from './simd.js';

export interface Blas {
  /** The file, or the name that the system found it by. */
  readonly library: string;
  /** cblas_sgemm in rows: c (m x n) = a b + keep c; a is m x k or turned, b k x n or turned. Addresses are those of the process. */
  product(
    turnA: boolean,
    turnB: boolean,
    m: number,
    n: number,
    k: number,
    a: bigint,
    wideA: number,
    b: bigint,
    wideB: number,
    keep: number,
    c: bigint,
    wideC: number,
  ): void;
  /** Where an array lies in the process. */
  addressOf(array: Uint8Array): bigint;
}

/** The BLAS of this machine, or why there is none. Found once a thread. */
export function blas(): Blas | string {
  known ??= find(process.env.HEARSAY_BLAS);
  return known;
}

let known: Blas | string | undefined;

/** The set `blas` on `memory`. Throws KERNELS_UNAVAILABLE, with what to install. */
export function blasKernels(memory: Memory): Kernels {
  const found = blas();
  if (typeof found === 'string') {
    throw new HearsayError('KERNELS_UNAVAILABLE', `kernels: found 'blas', but ${found}; or use 'simd'`);
  }
  const kernels = wasmKernels(supports('relaxed') ? 'relaxed' : 'simd', memory);
  return { ...kernels, name: 'blas', ...products(found, kernels) };
}

/** The products of a dense layer: those of one output stay with the vectors of WebAssembly. */
function products({ product, addressOf }: Blas, kernels: WasmKernels): DenseKernels {
  const start = addressOf(new Uint8Array(kernels.memory.buffer));
  const at = (address: number) => start + BigInt(address);
  return {
    forward(y, x, weights, bias, rows, inputs, outputs, work) {
      if (outputs === 1) return kernels.forward(y, x, weights, bias, rows, inputs, outputs, work);
      kernels.spread(y, bias, rows, outputs);
      product(false, false, rows, outputs, inputs, at(x), inputs, at(weights), outputs, 1, at(y), outputs);
    },
    backward(dx, dy, weights, rows, inputs, outputs, work) {
      if (outputs === 1) return kernels.backward(dx, dy, weights, rows, inputs, outputs, work);
      product(false, true, rows, inputs, outputs, at(dy), outputs, at(weights), outputs, 0, at(dx), inputs);
    },
    accumulate(weights, bias, x, dy, rows, inputs, outputs, keep, work) {
      if (outputs === 1) return kernels.accumulate(weights, bias, x, dy, rows, inputs, outputs, keep, work);
      product(true, false, inputs, outputs, rows, at(x), inputs, at(dy), outputs, keep, at(weights), outputs);
      kernels.columnSums(bias, dy, rows, outputs, keep);
    },
  };
}

interface Koffi {
  load(path: string): { func(declaration: string): (...values: unknown[]) => unknown };
  address(array: Uint8Array): bigint;
}

function find(wanted: string | undefined): Blas | string {
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)('koffi');
  } catch (error) {
    const why = (error as Error).message.split('\n')[0];
    return `koffi, by which libraries are called, does not load (${why}): npm install koffi`;
  }
  const paths = wanted ? [wanted] : blasLibraries();
  const refusals: string[] = [];
  for (const path of paths) {
    const found = open(koffi, path);
    if (typeof found !== 'string') return found;
    refusals.push(found);
  }
  if (wanted) return `HEARSAY_BLAS=${wanted}: ${refusals[0]}`;
  return 'this machine has no BLAS: apt-get install libopenblas0-pthread, or give its file by HEARSAY_BLAS=PATH';
}

const [rowMajor, asItIs, turned] = [101, 111, 112];

/** Functions by which libraries are told to stay on the thread that calls. */
const threadSetters = ['openblas_set_num_threads', 'MKL_Set_Num_Threads', 'bli_thread_set_num_threads'];

function open(koffi: Koffi, path: string): Blas | string {
  let sgemm: (...values: unknown[]) => unknown;
  try {
    const library = koffi.load(path);
    const integers = 'int, int, int, int, int, int';
    const declaration = `void cblas_sgemm(${integers}, float, uintptr_t, int, uintptr_t, int, float, uintptr_t, int)`;
    sgemm = library.func(declaration);
    for (const name of threadSetters) {
      try {
        library.func(`void ${name}(${name.startsWith('bli') ? 'int64_t' : 'int'})`)(1);
      } catch {
        // Another library's.
      }
    }
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
  const found: Blas = {
    library: path,
    addressOf: array => koffi.address(array),
    product: (turnA, turnB, m, n, k, a, wideA, b, wideB, keep, c, wideC) =>
      void sgemm(rowMajor, turnA ? turned : asItIs, turnB ? turned : asItIs, m, n, k, 1, a, wideA, b, wideB, keep, c, wideC),
  };
  return multiplies(found) ? found : `${path} does not multiply as a BLAS of 32-bit integers does`;
}

/** One product whose result is known: a library that counts in 64-bit integers gives another. */
function multiplies({ product, addressOf }: Blas): boolean {
  const floats = new Float32Array(new SharedArrayBuffer(64)); // small ones of its own V8 would move
  floats.set([1, 2, 3, 4, 5, 6, /* times */ 1, 2, 3, 4, 5, 6, /* plus */ 1, 1, 1, 1]);
  const start = addressOf(new Uint8Array(floats.buffer));
  product(false, false, 2, 2, 3, start, 3, start + 24n, 2, 1, start + 48n, 2);
  return floats.subarray(12).join() === '23,29,50,65';
}
