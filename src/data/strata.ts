/** Classes of samples, for partitions and for a measure of how much the nodes' parts differ. */

import type { Dataset } from './dataset.js';
import type { Partition } from './partition.js';

/** The stratum of every row, 0..count-1: its class, or the tenth of the sorted real targets that it falls in. */
export function strata(dataset: Dataset): { of: Int32Array; count: number } {
  const { targets, classes, rows } = dataset;
  if (classes > 0) return { of: Int32Array.from(targets), count: classes };
  const tenths = 10;
  const sorted = Float32Array.from(targets).sort();
  const bounds = Array.from({ length: tenths - 1 }, (_, k) => sorted[Math.floor(((k + 1) * rows) / tenths)]);
  const of = Int32Array.from(targets, target => bounds.filter(bound => target >= bound).length);
  return { of, count: tenths };
}

/**
 * How unlike the nodes' parts are: the total variation distance between a node's shares of the strata and those of all data,
 * averaged over the nodes. 0 when every node has the same mix; near 1 - 1 / classes when each node holds one class.
 */
export function skew(dataset: Dataset, { offsets, indices }: Partition): number {
  const { of, count } = strata(dataset);
  const all = new Float64Array(count);
  for (const stratum of of) all[stratum] += 1 / of.length;
  let sum = 0;
  for (let node = 0; node + 1 < offsets.length; node++) {
    const own = new Float64Array(count);
    const size = offsets[node + 1] - offsets[node];
    for (let k = offsets[node]; k < offsets[node + 1]; k++) own[of[indices[k]]] += 1 / size;
    for (let s = 0; s < count; s++) sum += Math.abs(own[s] - all[s]) / 2;
  }
  return sum / (offsets.length - 1);
}
