/** Several runs as one: mean, deviation and worst of each number that they ended with. */

import type { Done, Summary } from '../engine/observer.js';

type Numbers = Record<string, number>;

/**
 * Mean, deviation (n - 1; 0 of one run) and worst of every number that all runs have, inner ones as outer.inner. `targetReached`
 * is the share of the runs that reached their target, when they had one; if one missed it, there is no `secondsToTarget`.
 */
export function summarize(runs: readonly Done[]): Summary {
  const metrics: Record<string, { mean: number; deviation: number; worst: number }> = {};
  const tables = runs.map(numbersOf);
  const higherIsBetter = runs[0]?.target?.metric === 'accuracy' ? [...rising, 'target.best'] : rising;
  for (const key of Object.keys(tables[0] ?? {})) {
    const values = tables.map(table => table[key]);
    if (!values.every(value => Number.isFinite(value))) continue;
    metrics[key] = { ...spread(values), worst: higherIsBetter.includes(key) ? Math.min(...values) : Math.max(...values) };
  }
  return { event: 'summary', repeats: runs.length, metrics };
}

/** Mean and deviation (n - 1; 0 of one value). */
export function spread(values: readonly number[]): { mean: number; deviation: number } {
  // from the first on, so that equal values have no deviation
  const mean = values[0] + values.reduce((sum, value) => sum + (value - values[0]), 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

/** Where the worst is the lowest. */
const rising = ['accuracy', 'worstAccuracy', 'stepsPerSecond', 'samplesPerSecond', 'targetReached', 'virtual.live'];

function numbersOf(done: Done): Numbers {
  const numbers: Numbers = {};
  collect(done, '', numbers);
  if (done.target) numbers.targetReached = done.secondsToTarget === null ? 0 : 1;
  return numbers;
}

/** Every number in `record` and in the records in it. Lists (one entry a thread, a node) are no numbers of the run. */
function collect(record: object, prefix: string, numbers: Numbers): void {
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === 'number') numbers[prefix + key] = value;
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) collect(value, `${prefix}${key}.`, numbers);
  }
}
