/** How stale models are: S_i^j = N_i^i - N_i^j over tracked nodes i and all nodes j that are alive, and the age of what they contain. */

import type { Row } from './algorithm.js';
import type { WideSpread } from './observer.js';
import type { Versions } from './versions.js';

export interface Staleness {
  readonly versions: WideSpread;
  readonly age: WideSpread;
}

/** Looks at every pair i != j once: only while nobody moves a row. `now` in the seconds that versions are made at. */
export function stalenessOf(versions: Versions, live: readonly Row[], now: number): Staleness | null {
  const alive = new Set(live);
  const all = Array.from({ length: versions.tracked }, (_, source) => source);
  const sources = all.filter(source => alive.has(versions.nodeOf(source)));
  const pairs = sources.length * (live.length - 1);
  if (pairs <= 0) return null;
  const gaps = new Float64Array(pairs);
  const ages = new Float64Array(pairs);
  let k = 0;
  for (const source of sources) {
    const node = versions.nodeOf(source);
    const newest = versions.version(node, source);
    for (const row of live) {
      if (row === node) continue;
      gaps[k] = newest - versions.version(row, source);
      ages[k++] = now - versions.made(row, source);
    }
  }
  return { versions: wideSpread(gaps), age: wideSpread(ages) };
}

/** Mean, percentiles and maximum of some numbers, of which none is NaN; at least one. Moves them about. */
export function wideSpread(values: Float64Array): WideSpread {
  const last = values.length - 1;
  let sum = 0;
  for (const value of values) sum += value;
  const at = (share: number) => Math.min(last, Math.floor(share * values.length));
  const p50 = select(values, at(0.5), 0);
  const p99 = select(values, at(0.99), at(0.5));
  let max = p99;
  for (let k = at(0.99); k <= last; k++) max = Math.max(max, values[k]);
  return { mean: sum / values.length, p50, p99, max };
}

/**
 * The number of rank `k` (0: the smallest), which then stands at `k`, with none larger before it and none smaller behind it; those before
 * `from` must be none larger already. Linear time on average (Hoare 1961), also where many are equal.
 */
function select(values: Float64Array, k: number, from: number): number {
  let low = from;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k];
}
