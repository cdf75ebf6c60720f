/**
 * Check values of the two regression tasks, from an independent program: averages over two of its seeds, complete graph, push, updates of
 * 0.5 + an exponential of mean 0.5. And how far a set of settings is from them.
 */

import { complete } from './graph.js';
import { type Regression, regression } from './regression.js';
import { type Scheme, timely } from './timely.js';

export interface CheckValues {
  readonly task: 'linear' | 'tanh';
  readonly n: number;
  readonly lambda: number;
  /** Mean and maximum over the users of the test error at times 10, 20, 40; null where there is none. */
  readonly errors: readonly (readonly [mean: number | null, max: number | null])[];
  /** Mean squared distance to the mean model at time 40. */
  readonly consensus: number;
}

const none = [null, null] as const;
const late = (mean: number) => [none, none, [mean, null]] as const;

// biome-ignore format: a table
export const checkValues: readonly CheckValues[] = [
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: 2.303 was measured
  { task: 'linear', n: 10, lambda: 0, errors: [[2.41, 3.986], [2.32, 3.98], [2.303, 3.979]], consensus: 1.1 },
  { task: 'linear', n: 10, lambda: 1, errors: [[0.801, 1.005], [0.185, 0.288], [0.0206, 0.0245]], consensus: 1.7e-3 },
  { task: 'linear', n: 10, lambda: Math.log(10), errors: [[0.513, 0.613], [0.104, 0.129], [0.0154, 0.0169]], consensus: 3.8e-4 },
  { task: 'linear', n: 10, lambda: 10, errors: [[0.46, 0.494], [0.0934, 0.0981], [0.0091, 0.0094]], consensus: 8e-5 },
  { task: 'linear', n: 50, lambda: 1, errors: [[0.928, 1.624], [0.151, 0.269], [0.0091, 0.0164]], consensus: 2.3e-3 },
  { task: 'linear', n: 50, lambda: Math.log(50), errors: [[0.548, 0.7], [0.0569, 0.0817], [0.0019, 0.0056]], consensus: 3.7e-4 },
  { task: 'linear', n: 50, lambda: 50, errors: [[0.438, 0.479], [0.0482, 0.0503], [0.0012, 0.0015]], consensus: 1.8e-5 },
  { task: 'linear', n: 100, lambda: 1, errors: [[0.841, 2.284], [0.133, 0.378], [0.0062, 0.0134]], consensus: 2.1e-3 },
  { task: 'linear', n: 100, lambda: Math.log(100), errors: [[0.431, 0.564], [0.0428, 0.0587], [0.001, 0.0046]], consensus: 3.6e-4 },
  { task: 'tanh', n: 10, lambda: 0, errors: late(0.46), consensus: 0.44 },
  { task: 'tanh', n: 10, lambda: 1, errors: late(0.0756), consensus: 6.3e-3 },
  { task: 'tanh', n: 10, lambda: Math.log(10), errors: late(0.0744), consensus: 1.1e-3 },
  { task: 'tanh', n: 10, lambda: 10, errors: late(0.0606), consensus: 4.3e-4 },
  { task: 'tanh', n: 50, lambda: 0, errors: late(0.481), consensus: 0.47 },
  { task: 'tanh', n: 50, lambda: 1, errors: late(0.0595), consensus: 7.7e-3 },
  { task: 'tanh', n: 50, lambda: Math.log(50), errors: late(0.0485), consensus: 1.4e-3 },
  { task: 'tanh', n: 50, lambda: 50, errors: late(0.0434), consensus: 1.1e-4 },
  { task: 'tanh', n: 100, lambda: 0, errors: late(0.474), consensus: 0.48 },
  { task: 'tanh', n: 100, lambda: 1, errors: late(0.0541), consensus: 8e-3 },
  { task: 'tanh', n: 100, lambda: Math.log(100), errors: late(0.0407), consensus: 1e-3 },
];

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
