/**
 * How stale models are: S_i^j = N_i^i - N_i^j over tracked nodes i that update and all nodes j, alive both, and the age of what they
 * contain.
 */

import type { Row } from './algorithm.js';
import type { WideSpread } from './observer.js';
import type { Versions } from './versions.js';

export interface Staleness {
  readonly versions: WideSpread;
  readonly age: WideSpread;
  /** Means of the single nodes j, over the tracked nodes i; in the order of `live`. */
  readonly perNode: { readonly versions: readonly number[]; readonly age: readonly number[] };
}

/** Pairs that are looked at; beyond, receivers are taken at even distances. */
const mostPairs = 2 ** 22;

/**
 * Looks at every pair i != j once, i < `updating`: only while nobody moves a row. `now` in the seconds that versions are made at: of
 * training, or virtual; version 0 was made at 0.
 */
export function stalenessOf(
  versions: Versions,
  everyone: readonly Row[],
  now: number,
  updating = Number.POSITIVE_INFINITY,
): Staleness | null {
  const alive = new Set(everyone);
  const all = Array.from({ length: versions.tracked }, (_, source) => source);
  const sources = all.filter(source => alive.has(versions.nodeOf(source)) && versions.nodeOf(source) < updating);
  const step = Math.ceil((everyone.length * sources.length) / mostPairs);
  const live = step <= 1 ? everyone : everyone.filter((_, k) => k % step === 0);
  const among = new Set(live);
  const pairs = sources.reduce((sum, source) => sum + live.length - (among.has(versions.nodeOf(source)) ? 1 : 0), 0);
  if (pairs === 0) return null;
  const gaps = new Float64Array(pairs);
  const ages = new Float64Array(pairs);
  const sums = { versions: new Float64Array(live.length), age: new Float64Array(live.length) };
  const counts = new Float64Array(live.length);
  let k = 0;
  for (const source of sources) {
    const node = versions.nodeOf(source);
    const newest = versions.version(node, source);
    for (let j = 0; j < live.length; j++) {
      const row = live[j];
      if (row === node) continue;
      gaps[k] = newest - versions.version(row, source);
      ages[k] = now - versions.made(row, source);
      sums.versions[j] += gaps[k];
      sums.age[j] += ages[k++];
      counts[j]++;
    }
  }
  const means = (values: Float64Array) => Array.from(values, (sum, j) => (counts[j] > 0 ? sum / counts[j] : 0));
  const perNode = { versions: means(sums.versions), age: means(sums.age) };
  return { versions: wideSpread(gaps), age: wideSpread(ages), perNode };
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
