/**
 * The kernels: what every set (reference, simd, relaxed, blas) computes. Addresses are byte offsets into the memory that the set
 * was opened on; counts are in floats. Rows of planes are padded to 32 floats with zeros, so row kernels may round `n` up to 32.
 * `reference.ts` is the specification: plain TypeScript, one loop a kernel.
 */

export type Address = number;

/** A shared WebAssembly.Memory (the type is spelt out so that users need no browser typings). */
export interface Memory {
  readonly buffer: SharedArrayBuffer;
}

/** Passes over whole rows: what snapshots, commits and averages are made of. Outputs never overlap inputs unless said. */
export interface RowKernels {
  /** to = from */
  copy(to: Address, from: Address, n: number): void;
  /** work = from and base = from, in one pass. */
  snapshot(work: Address, base: Address, from: Address, n: number): void;
  /** base = work - base, in place. Returns 0, or NaN when a difference is not finite. */
  difference(base: Address, work: Address, n: number): number;
  /** to = from + delta */
  commit(to: Address, from: Address, delta: Address, n: number): void;
  /** toA = (1-w) a + w b, toB = w a + (1-w) b; for w = 1/2 both are (a + b) / 2, rounded once. */
  mix(toA: Address, toB: Address, a: Address, b: Address, w: number, n: number): void;
  /** The same mix, then toA += delta: in one pass. */
  mixAndCommit(toA: Address, toB: Address, a: Address, b: Address, delta: Address, w: number, n: number): void;
  /** The mix of a + deltaA and b + deltaB. */
  mixAndCommitBoth(
    toA: Address,
    toB: Address,
    a: Address,
    b: Address,
    deltaA: Address,
    deltaB: Address,
    w: number,
    n: number,
  ): void;
  /** to = sum over k < count of weights[k] * row k, added in order of k; `rows` lists addresses (u32), `weights` f32. */
  combine(to: Address, rows: Address, weights: Address, count: number, n: number): void;
  /** Sum of (a - b)^2, accumulated in f64. */
  squaredDistance(a: Address, b: Address, n: number): number;
}

export interface Kernels extends RowKernels {
  readonly name: 'reference' | 'simd' | 'relaxed' | 'blas';
  readonly memory: Memory;
}
