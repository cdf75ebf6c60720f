/** The invariants of gossip, as functions of the rows: what a property test compares before and after. */

/** Sum over rows, a coordinate each, in f64. Pairwise averages keep it; commits move it by the deltas. */
export function sums(rows: readonly Float32Array[]): Float64Array {
  const total = new Float64Array(rows[0].length);
  for (const row of rows) for (let k = 0; k < total.length; k++) total[k] += row[k];
  return total;
}

/** Smallest and largest value over rows, a coordinate each. Averages never leave it. */
export function hull(rows: readonly Float32Array[]): { low: Float32Array; high: Float32Array } {
  const low = rows[0].slice();
  const high = rows[0].slice();
  for (const row of rows) {
    for (let k = 0; k < row.length; k++) {
      if (row[k] < low[k]) low[k] = row[k];
      if (row[k] > high[k]) high[k] = row[k];
    }
  }
  return { low, high };
}

/** Gamma: the sum over rows of the squared distance to the mean row. An average of two lowers it by half their squared distance. */
export function potential(rows: readonly Float32Array[]): number {
  const mean = sums(rows).map(total => total / rows.length);
  let gamma = 0;
  for (const row of rows) for (let k = 0; k < row.length; k++) gamma += (row[k] - mean[k]) ** 2;
  return gamma;
}

/** Squared distance of two rows, in f64. */
export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum;
}

/**
 * The drift of a sum that rounding allows: each of `averages` stores has an error of at most half a unit in the last place of a value
 * up to `largest`, and errors of random sign add up like the square root of their number.
 */
export function driftBound(largest: number, averages: number): number {
  return 1e-6 * largest * (1 + Math.sqrt(averages) / 100);
}
