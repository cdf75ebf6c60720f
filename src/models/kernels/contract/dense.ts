import type { Address } from '../memory.js';

/**
 * The three products of a dense layer: x is rows x inputs, W inputs x outputs, bias outputs, y rows x outputs, all row-major. A sum
 * starts from what it is added to and runs in order, each product and each sum rounded to f32: `simd` gives the reference's bits
 * (but for outputs = 1, where its lanes run along the inputs); `relaxed` fuses. `work` has `packing(rows, inputs, outputs)` floats.
 * Up to 12 bytes beyond a matrix may be read, never written.
 */
export interface DenseKernels {
  /** y = x W + bias */
  forward(
    y: Address,
    x: Address,
    weights: Address,
    bias: Address,
    rows: number,
    inputs: number,
    outputs: number,
    work: Address,
  ): void;
  /** dx = dy W' */
  backward(dx: Address, dy: Address, weights: Address, rows: number, inputs: number, outputs: number, work: Address): void;
  /** keep = 1: W += x' dy and bias += column sums of dy; keep = 0: they are set instead. */
  accumulate(
    weights: Address,
    bias: Address,
    x: Address,
    dy: Address,
    rows: number,
    inputs: number,
    outputs: number,
    keep: 0 | 1,
    work: Address,
  ): void;
}
