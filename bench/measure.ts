/** How the benches time: candidates side by side, in turns, so that what else runs on the machine hits all of them alike. */

import { performance } from 'node:perf_hooks';

/** One line of a bench: a value with its unit, and what it is compared with. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is a part of, and the part: '92 % of the limit'. */
  readonly ratio?: number;
  readonly of?: string;
  /** The least ratio that is asked for. */
  readonly bar?: number;
}

/**
 * Milliseconds of one call of each function, five samples each. All are warmed up; then come five rounds, in which each function runs
 * for about `slice` ms, eight times at least, and the fastest of its runs is the sample (a run that was interrupted says nothing about the code).
 */
export function sideBySide<Name extends string>(
  functions: Readonly<Record<Name, () => void>>,
  slice = 30,
): Record<Name, number[]> {
  const names = Object.keys(functions) as Name[];
  const calls = new Map(names.map(name => [name, warmUp(functions[name], slice)]));
  const samples = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < 5; round++) {
    for (const name of names) samples[name].push(fastest(functions[name], calls.get(name)!, slice));
  }
  return samples;
}

/** The median over the rounds of a / b: what slows a whole round down leaves it alone. */
export function ratio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((sample, round) => sample / b[round]));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Runs until the engine has compiled what runs; returns how many calls take about half a millisecond. */
function warmUp(run: () => void, slice: number): number {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < 3 * slice) {
    run();
    calls++;
  }
  return Math.max(1, Math.ceil(calls / (6 * slice)));
}

function fastest(run: () => void, calls: number, slice: number): number {
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + slice;
  for (let runs = 0; runs < 8 || performance.now() < end; runs++) {
    const start = performance.now();
    for (let k = 0; k < calls; k++) run();
    least = Math.min(least, (performance.now() - start) / calls);
  }
  return least;
}

/** The rows as aligned columns. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(row => row.name.length));
  return rows
    .map(({ name, value, unit, ratio, of, bar }) => {
      const figure = `${value.toPrecision(3).padStart(8)} ${unit.padEnd(8)}`;
      const part = ratio === undefined ? '' : `${(100 * ratio).toFixed(0).padStart(5)} % ${of ?? ''}`;
      const asked =
        bar === undefined || ratio === undefined ? '' : `  (asked ${(100 * bar).toFixed(0)} %${ratio < bar ? ', MISSED' : ''})`;
      return `${name.padEnd(width)} ${figure}${part}${asked}`.trimEnd();
    })
    .join('\n');
}
