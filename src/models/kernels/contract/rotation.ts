import type { Address } from '../memory.js';

/** Random rotations: what is large in few coordinates is then spread over all. Signs are those of draws of dither.ts under the key (a, b). */
export interface RotationKernels {
  /** to = H D x / sqrt(padded): random signs D by the key, zeros up to `padded` (a power of two, 4 or more), a Hadamard transform. */
  rotate(to: Address, from: Address, n: number, padded: number, a: number, b: number): void;
  /** The way back, the first n values. Changes `from`. */
  unrotate(to: Address, from: Address, n: number, padded: number, a: number, b: number): void;
}
