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

/** Sorts `values`. */
export function wideSpread(values: Float64Array): WideSpread {
  values.sort();
  let sum = 0;
  for (const value of values) sum += value;
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))];
  return { mean: sum / values.length, p50: at(0.5), p99: at(0.99), max: values[values.length - 1] };
}
