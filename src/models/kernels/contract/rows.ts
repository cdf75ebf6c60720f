import type { Address } from '../memory.js';

/**
 * Passes over whole rows: what snapshots, commits and averages are made of. An output may be one of the inputs; else they never overlap.
 */
export interface RowKernels {
  /** to = from */
  copy(to: Address, from: Address, n: number): void;
  /** to = 0 */
  zero(to: Address, n: number): void;
  /** work = from and base = from, in one pass. */
  snapshot(work: Address, base: Address, from: Address, n: number): void;
  /**
   * to = work - base. Returns 0, or NaN when a difference is not finite, or 2^100 and more: rows that only ever change by less stay far from
   * the end of f32, where an average of two finite rows would not be finite.
   */
  difference(to: Address, base: Address, work: Address, n: number): number;
  /** to = from + delta */
  commit(to: Address, from: Address, delta: Address, n: number): void;
  /** to = (1-w) a + w b; for w = 1/2 it is (a + b) / 2, rounded once. */
  blend(to: Address, a: Address, b: Address, w: number, n: number): void;
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
  /**
   * Number by number the mean, in f64, of what is left of `count` rows when what is not finite is left out, and then the `cut` smallest and the
   * `cut` largest; but for one or two, the middle, where these would be all. `rows` lists addresses (u32), `deltas` those of rows that are added
   * to them, or 0; one more of each stands behind them: what is taken where nothing is left. `work` has `trimRoom(count)` floats.
   */
  trim(to: Address, rows: Address, deltas: Address, count: number, cut: number, work: Address, n: number): void;
  /** Sum of (a - b)^2, accumulated in f64. */
  squaredDistance(a: Address, b: Address, n: number): number;
}

/** Eight numbers of each row, and how many of them are finite. */
export function trimRoom(count: number): number {
  return 8 * (count + 1);
}
