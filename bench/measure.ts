/** How the benches time: candidates side by side, in turns, so that what else runs on the machine hits all of them alike. */

import { Bench } from 'tinybench';

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
  /** What was measured is not the right thing: beside it no figure counts. */
  readonly isWrong?: boolean;
}

/** Of the process: 1 when a row is wrong. A bar that is missed is a figure like others. */
export function exitStatus(rows: readonly Row[]): 0 | 1 {
  return rows.some(({ isWrong }) => isWrong) ? 1 : 0;
}

/**
 * Milliseconds of one call of each function, five samples each: in five rounds each function runs for about `slice` ms, and the
 * fastest of its runs is the sample (a run that was interrupted says nothing about the code). `calls` of a function stand in a
 * run, for those that are too short to be timed alone.
 */
export function sideBySide<Name extends string>(
  functions: Readonly<Record<Name, () => void>>,
  slice = 30,
  calls = 1,
): Record<Name, number[]> {
  const names = Object.keys(functions) as Name[];
  const samples = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < 5; round++) {
    const bench = new Bench({ time: slice, iterations: 8, warmup: round === 0, warmupTime: 3 * slice });
    for (const name of names) {
      bench.add(name, () => {
        for (let k = 0; k < calls; k++) functions[name]();
      });
    }
    bench.runSync();
    for (const task of bench.tasks) {
      if (task.result.state === 'errored') throw task.result.error;
      if (task.result.state === 'completed') samples[task.name as Name].push(task.result.latency.min / calls);
    }
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

/** The rows as aligned columns. */
export function table(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(row => row.name.length));
  return rows
    .map(({ name, value, unit, ratio, of, bar, isWrong }) => {
      const figure = `${value.toPrecision(3).padStart(8)} ${unit.padEnd(8)}`;
      const part = ratio === undefined ? '' : `${(100 * ratio).toFixed(0).padStart(5)} % ${of ?? ''}`;
      const asked =
        bar === undefined || ratio === undefined ? '' : `  (asked ${(100 * bar).toFixed(0)} %${ratio < bar ? ', MISSED' : ''})`;
      return `${name.padEnd(width)} ${figure}${part}${asked}${isWrong ? '  WRONG' : ''}`.trimEnd();
    })
    .join('\n');
}
