/** Data for models that look at none: rows of one byte, so that every node has its batch. */

import type { Dataset, Split } from './dataset.js';

export function nothing(rows: number): Split {
  const table = (count: number): Dataset => ({
    name: 'none',
    rows: count,
    features: 1,
    inputs: new Uint8Array(count),
    scale: 1,
    shift: 0,
    shape: [1],
    targets: new Float32Array(count),
    classes: 0,
  });
  return { train: table(rows), test: table(1) };
}
