import type { Address } from '../memory.js';

/** Dropout (Srivastava et al. 2014, inverted): draws of dither.ts under the key (a, b) decide, so the way back draws the same. */
export interface DropoutKernels {
  /** to = 0 where draw k is below rate x 2^32 (as an unsigned word), else from / (1 - rate). `to` may be `from`. */
  dropout(to: Address, from: Address, n: number, rate: number, a: number, b: number): void;
}
