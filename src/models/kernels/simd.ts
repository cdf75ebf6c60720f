import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { HearsayError } from '../../errors.js';
import type { Normed } from './contract/norm.js';
import type { SparseKernels } from './contract/sparse.js';
import type { Windows } from './contract/windows.js';
import type { Address, Kernels, Memory } from './kernels.js';

export type WasmSet = 'simd' | 'relaxed';

export interface WasmKernels extends Kernels {
  /** Nothing but arithmetic in registers, 96 operations a round: the most that this set could reach. Changes 192 bytes. */
  limit(address: Address, rounds: number): void;
  /** Each of `rows` rows of y = the n values of `from`. */
  spread(y: Address, from: Address, rows: number, n: number): void;
  /** to (keep = 0: =, 1: +=) the sums of the columns of `rows` rows of n. */
  columnSums(to: Address, from: Address, rows: number, n: number, keep: 0 | 1): void;
}

/**
 * The WebAssembly kernels on `memory`: `simd` is portable and gives the same bits everywhere; `relaxed` uses fused multiply-add
 * in the dense products. Throws KERNELS_UNAVAILABLE when this engine has no (relaxed) SIMD.
 */
export function wasmKernels(name: WasmSet, memory: Memory): WasmKernels {
  if (!supports(name)) {
    throw new HearsayError(
      'KERNELS_UNAVAILABLE',
      `kernels: found '${name}', but this Node (${process.version}) has no ${name === 'simd' ? 'WebAssembly SIMD' : 'relaxed SIMD'}; ` +
        `use ${name === 'simd' ? "'reference'" : "'simd'"} or a newer Node`,
    );
  }
  const { exports } = new WebAssembly.Instance(compiled(name), { env: { memory } });
  return { name, memory, ...takingObjects(exports as unknown as Exports) };
}

type Numeric = Readonly<Record<string, (...numbers: number[]) => number>>;
type Exports = Omit<WasmKernels, 'name' | 'memory'> & Numeric;

/** Objects do not go into WebAssembly: the numbers in them do, in the order of their declaration. */
function takingObjects(exports: Exports): Omit<WasmKernels, 'name' | 'memory'> {
  const windows = (name: string) => {
    const kernel = exports[name];
    return (...given: unknown[]) => {
      const { height, width, channels, size, stride, pad, down, across } = given.pop() as Windows;
      kernel(...(given as number[]), height, width, channels, size, stride, pad, down, across);
    };
  };
  const normed = (name: string) => {
    const kernel = exports[name];
    return (...given: unknown[]) => {
      const at = given.findIndex(value => typeof value === 'object');
      const { places, channels, groups, epsilon } = given[at] as Normed;
      kernel(...(given.slice(0, at) as number[]), places, channels, groups, epsilon, ...(given.slice(at + 1) as number[]));
    };
  };
  return {
    ...exports,
    ...sparse(exports),
    ...Object.fromEntries(windowed.map(name => [name, windows(name)])),
    ...Object.fromEntries(normalizing.map(name => [name, normed(name)])),
  };
}

/** Written out: a sweep may be one short step, and a list of its arguments would be made for each. */
function sparse({ gatherSparse, sparseScores, sparseAdd, sparseSweep }: Numeric): SparseKernels {
  return {
    gatherSparse: (to, { offsets, columns, narrow, inputs, numbers }, rows, features) =>
      gatherSparse(to, offsets, columns, narrow, inputs, numbers, rows, features),
    sparseScores: (scores, weights, features, bias, { offsets, columns, narrow, inputs, numbers }, rows) =>
      sparseScores(scores, weights, features, bias, offsets, columns, narrow, inputs, numbers, rows),
    sparseAdd: (into, slopes, features, bias, { offsets, columns, narrow, inputs, numbers }, rows) =>
      sparseAdd(into, slopes, features, bias, offsets, columns, narrow, inputs, numbers, rows),
    sparseSweep(weights, features, bias, x, targets, rates, steps, batch, loss, l2, spread, scores) {
      const { offsets, columns, narrow, inputs, numbers } = x;
      return sparseSweep(
        weights,
        features,
        bias,
        offsets,
        columns,
        narrow,
        inputs,
        numbers,
        targets,
        rates,
        steps,
        batch,
        loss,
        l2,
        spread,
        scores,
      );
    },
  };
}

const windowed = [
  ...['patches', 'unpatches', 'maxPool', 'maxPoolGradient', 'averagePool', 'averagePoolGradient'],
  ...['convolve', 'convolveAccumulate'],
] as const;
const normalizing = ['normalize', 'normalizeBack', 'normalizeAccumulate'] as const;

/** Does this engine run the set? Asked by validating a module of one function. */
export function supports(name: WasmSet): boolean {
  if (name === 'relaxed') allowRelaxed();
  return WebAssembly.validate(name === 'simd' ? PROBE.simd : PROBE.relaxed);
}

const modules = new Map<WasmSet, WebAssembly.Module>();

/** The compiled module; one a thread, however many memories it is opened on. */
function compiled(name: WasmSet): WebAssembly.Module {
  let module = modules.get(name);
  if (!module) {
    const bytes = readFileSync(new URL(`./${name}.wasm`, import.meta.url));
    module = optimized(() => new WebAssembly.Module(bytes));
    modules.set(name, module);
  }
  return module;
}

/**
 * Compiles by the optimizing compiler at once (about 70 ms, once a process: threads share the code). Left alone, V8 begins with code
 * four times slower and replaces it in the background, which on a busy machine may take seconds or not happen (measured).
 */
function optimized<T>(compile: () => T): T {
  const known = nodeMajor <= 24; // an engine that knew no such flag would complain on stderr
  const flags = known ? ['liftoff', 'wasm-dynamic-tiering', 'wasm-lazy-compilation'] : [];
  for (const flag of flags) setFlagsFromString(`--no-${flag}`);
  try {
    return compile();
  } finally {
    for (const flag of flags) setFlagsFromString(`--${flag}`);
  }
}

const nodeMajor = Number.parseInt(process.versions.node, 10);

/** Node 20 and 21 have relaxed SIMD behind a flag of V8, which may be set until the first module that needs it is compiled. */
function allowRelaxed(): void {
  if (nodeMajor < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** (func (result v128) i32.const 0 i8x16.splat), and for relaxed: (func (param v128 v128 v128) (result v128) f32x4.relaxed_madd). */
const PROBE = {
  simd: Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11),
  relaxed: Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0],
    ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11],
  ),
};
