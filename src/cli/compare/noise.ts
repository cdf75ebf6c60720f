/** Whether two things that were measured several times differ, or only seem to. */

import { spread } from '../statistics.js';

export interface Measured {
  readonly seed: number;
  readonly value: number;
}

/**
 * True when the difference of the two is larger than chance explains: the mean difference over the seeds that both have against its
 * standard error, in a two-sided t test at 5 %. Undefined for fewer than two such seeds.
 */
export function differ(a: readonly Measured[], b: readonly Measured[]): boolean | undefined {
  const other = new Map(b.map(({ seed, value }) => [seed, value]));
  const differences = a.flatMap(({ seed, value }) => (other.has(seed) ? [value - other.get(seed)!] : []));
  const n = differences.length;
  if (n < 2) return undefined;
  const { mean, deviation } = spread(differences);
  return Math.abs(mean) > (quantile(n - 1) * deviation) / Math.sqrt(n);
}

/** Student's t that 2.5 % lie above, for so many degrees of freedom; beyond ten slightly too large. */
function quantile(freedom: number): number {
  const table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
  return table[freedom - 1] ?? 1.96 + 2.7 / freedom;
}
