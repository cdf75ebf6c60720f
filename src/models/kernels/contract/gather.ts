import type { Address } from '../memory.js';

/** A batch from rows of data. `indices` lists row numbers (u32). */
export interface GatherKernels {
  /**
   * to[k] = parts[the element at position from + k of the permutation of 0..size-1 of random.ts that `key`, a draw of it, selects], k below
   * `count`; from + count is at most `size`.
   */
  permuted(to: Address, parts: Address, from: number, count: number, size: number, key: number): void;
  /** to (rows x features) = byte * scale + shift, the product and the sum each rounded to f32. */
  gatherBytes(to: Address, from: Address, indices: Address, rows: number, features: number, scale: number, shift: number): void;
  /** The same for rows of 32-bit words (floats, labels; features = 1 for targets), bits unchanged. */
  gatherWords(to: Address, from: Address, indices: Address, rows: number, features: number): void;
}
