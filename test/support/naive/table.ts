/** How far a set of settings of the two regression tasks is from the check values. */

import type { CheckValues } from '../../../src/reproduce/checkvalues.js';
import { complete } from './graph.js';
import { type Regression, regression } from './regression.js';
import { type Scheme, timely } from './timely.js';

/**
 * The settings whose results the check values look like. The true weights must have squared length features / 2: that is what the users'
 * error without gossip says (half of it, as 5 rows leave 5 of 10 directions unknown), and two draws from N(0, 1) happened to have. Steps
 * on all rows (`all`) give the same mean errors, but at time 40 and from lambda = ln n on only about half of the consensus distance.
 */
export const settings: Omit<Regression, 'task' | 'users' | 'seed'> = {
  features: 10,
  rows: 5,
  noise: 0.1,
  truth: 5,
  testRows: 300,
  rate: 0.05,
  tau: 5,
  gradients: 'begin',
  batch: 'one',
  factor: 1 / 2,
};

export interface Fit {
  /** Geometric mean over the cells of found / check value. */
  readonly ratio: number;
  /** Root mean square over the cells of the difference in standard deviations: 1 when the two programs differ by their seeds alone. */
  readonly deviations: number;
}

/** How `settings` with `changes` fit the rows of the table, averaged over `seeds` (two or more). */
export function fit(
  rows: readonly CheckValues[],
  seeds: readonly number[],
  changes: Partial<Regression> & { scheme?: Scheme } = {},
): Fit {
  const cells = rows.flatMap(row => {
    const found = seeds.map(seed => figures(row, seed, changes));
    const wanted = [...row.errors.flat(), row.consensus];
    return wanted.flatMap((value, k) =>
      value === null
        ? []
        : [
            compare(
              value,
              found.map(figures => figures[k]),
            ),
          ],
    );
  });
  const average = (value: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + value(cell), 0) / cells.length;
  return { ratio: Math.exp(average(cell => cell.log)), deviations: Math.sqrt(average(cell => cell.deviations ** 2)) };
}

interface Cell {
  readonly log: number;
  readonly deviations: number;
}

/** The check value is a mean of two draws from a distribution that `found` are draws from, if all is well. */
function compare(wanted: number, found: readonly number[]): Cell {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const logs = found.map(Math.log);
  const variance = mean(logs.map(log => (log - mean(logs)) ** 2)) * (logs.length / (logs.length - 1));
  const log = Math.log(mean(found) / wanted);
  // the check values have two or three digits
  return { log, deviations: log / Math.sqrt(Math.max(0.03 ** 2, variance * (1 / 2 + 1 / logs.length))) };
}

/** Mean and maximum of the test error at 10, 20, 40, and the distance to the mean model at 40. */
function figures({ task, n, lambda }: CheckValues, seed: number, changes: Partial<Regression> & { scheme?: Scheme }): number[] {
  const { scheme = 'push', ...rest } = changes;
  const learner = regression({ ...settings, ...rest, task, users: n, seed });
  const found: number[] = [];
  timely({
    graph: complete(n),
    duration: { constant: 0.5, exponential: 0.5 },
    lambda,
    scheme,
    from: 0,
    until: 40,
    seed: seed + 1000,
    learner,
    every: 10,
    watch(time) {
      const errors = learner.errors();
      if (time !== 30) found.push(errors.reduce((sum, error) => sum + error, 0) / n, Math.max(...errors));
    },
  });
  return [...found, learner.consensus()];
}
