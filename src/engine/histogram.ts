/** Counts of small whole numbers in shared words: exact to 63, then eight buckets for each doubling. 128 buckets, up to 2^14. */

import type { Spread } from './observer.js';

export const buckets = 128;

export function bucketOf(value: number): number {
  if (value < 64) return value;
  const exponent = 31 - Math.clz32(value); // 6 or more
  const bucket = 64 + (exponent - 6) * 8 + ((value >>> (exponent - 3)) & 7);
  return bucket < buckets ? bucket : buckets - 1;
}

/** The smallest value of a bucket. */
export function lowestOf(bucket: number): number {
  if (bucket < 64) return bucket;
  const exponent = 6 + Math.floor((bucket - 64) / 8);
  return (8 + ((bucket - 64) % 8)) * 2 ** (exponent - 3);
}

/** The buckets that are not empty. */
export function filled(counts: ArrayLike<number>): (readonly [lowest: number, count: number])[] {
  return Array.from({ length: buckets }, (_, k) => [lowestOf(k), counts[k]] as const).filter(([, count]) => count > 0);
}

/** Mean and percentiles of the counts; of nothing, zeros. */
export function spreadOf(counts: ArrayLike<number>): Spread {
  let total = 0;
  let sum = 0;
  for (let k = 0; k < buckets; k++) {
    total += counts[k];
    sum += counts[k] * lowestOf(k);
  }
  const percentile = (share: number) => {
    let seen = 0;
    for (let k = 0; k < buckets; k++) {
      seen += counts[k];
      if (seen > 0 && seen >= share * total) return lowestOf(k);
    }
    return 0;
  };
  return { mean: total > 0 ? sum / total : 0, p50: percentile(0.5), p99: percentile(0.99) };
}
