import { BLOCK_COLUMNS, BLOCK_DEPTH } from './blocking.js';

/**
 * Floats of work memory that the dense kernels need for batches of at most `rows` rows and a layer of `inputs` x `outputs`: a block of
 * panels, and for the weight gradient before it the few columns of x that are multiplied next, for whichever product needs the most.
 */
export function packing(rows: number, inputs: number, outputs: number): number {
  const panels = (depth: number, columns: number) => Math.min(depth, BLOCK_DEPTH) * round(Math.min(columns, BLOCK_COLUMNS), 4);
  const forward = panels(inputs, outputs);
  const backward = panels(outputs, inputs);
  const accumulate = 6 * BLOCK_DEPTH + panels(rows, outputs);
  return round(Math.max(forward, backward, accumulate), 32);
}

function round(n: number, to: number): number {
  return Math.ceil(n / to) * to;
}
