/** What a compressor is: a map of vectors that costs fewer bits, drawn or not, and how far it may be from what it maps. */

import type { Key } from '../../models/kernels/dither.js';
import type { RowWork } from '../algorithm.js';

export type { Key };

/** What a compressor may compute with, of vectors in the memory of the kernels. */
export type Tools = Pick<RowWork, 'kernels' | 'room'>;

export interface Compressor {
  /** As one writes it: `topk:0.1`. */
  readonly name: string;
  /** True when E C(x) = x. */
  readonly unbiased: boolean;
  /** Bits of a message of d coordinates. */
  bits(d: number): number;
  /** The least bound that is known, for d coordinates, of E ||C(x) - x||^2 / ||x||^2. Below 1, C is a contraction: see `delta`. */
  error(d: number): number;
  /**
   * to = C(from), as many coordinates; `to` may be `from`. The draws are those of the key. With `tools` the same bits, maybe sooner.
   */
  apply(to: Float32Array, from: Float32Array, key: Key, tools?: Tools): void;
}

/** The delta of E ||C(x) - x||^2 <= (1 - delta) ||x||^2, in (0, 1]; undefined where none is known. */
export function delta(compressor: Compressor, d: number): number | undefined {
  const error = compressor.error(d);
  return error < 1 ? 1 - error : undefined;
}

/**
 * A contraction whatever d: itself when it is one, else an unbiased one times 1 / (1 + w), w its error, which has delta 1 / (1 + w)
 * (Koloskova, Stich, Jaggi 2019; for QSGD 1 / (1 + min(d/s^2, sqrt(d)/s))).
 */
export function contracting(compressor: Compressor): Compressor {
  if (!compressor.unbiased) return compressor;
  const { name, bits, error } = compressor;
  return {
    name,
    unbiased: false,
    bits,
    error: d => error(d) / (1 + error(d)),
    apply(to, from, key, tools) {
      compressor.apply(to, from, key, tools);
      const n = to.length;
      const scale = Math.fround(1 / (1 + error(n)));
      for (let k = 0; k < n; k++) to[k] *= scale;
    },
  };
}

/** Everything, as it is. */
export const identity: Compressor = {
  name: 'none',
  unbiased: true,
  bits: d => 32 * d,
  error: () => 0,
  apply(to, from) {
    if (to !== from) to.set(from);
  },
};
