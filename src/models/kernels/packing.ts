import { BLOCK_COLUMNS, BLOCK_DEPTH, BLOCK_ROWS } from './blocking.js';

/**
 * Floats of work memory that the dense kernels need for batches of at most `rows` rows and a layer of `inputs` x `outputs`: 64 for
 * tiles of odd width, then a block of left panels and one of right panels, for whichever product needs the most.
 */
export function packing(rows: number, inputs: number, outputs: number): number {
  const deep = (n: number) => Math.min(n, BLOCK_DEPTH);
  const left = (depth: number) => round(Math.min(rows, BLOCK_ROWS) * deep(depth), 32);
  const right = (depth: number, columns: number) => deep(depth) * round(Math.min(columns, BLOCK_COLUMNS), 4);
  const forward = left(inputs) + right(inputs, outputs);
  const backward = left(outputs) + right(outputs, inputs);
  const accumulate = 6 * BLOCK_DEPTH + right(rows, outputs);
  return 64 + round(Math.max(forward, backward, accumulate), 32);
}

function round(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
