import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS } from './blocking.js';

/**
 * Floats of work memory that the dense kernels need for batches of at most `rows` rows and a layer of `inputs` x `outputs`: 64 for
 * tiles of odd width, then one block of packed rows and, on the way back, one of packed weights.
 */
export function packing(rows: number, inputs: number, outputs: number): number {
  const high = Math.min(rows, BLOCK_ROWS);
  const deep = Math.min(outputs, BLOCK_DEPTH);
  const forward = high * Math.min(inputs, BLOCK_DEPTH);
  const backward = round(high * deep, 32) + deep * round(Math.min(inputs, BLOCK_COLUMNS), 4);
  return 64 + round(Math.max(forward, backward), 32);
}

function round(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
