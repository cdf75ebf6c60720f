/**
 * Check values of the two regression tasks, from an independent program: averages over two of its seeds, complete graph, push, updates of
 * 0.5 + an exponential of mean 0.5. Its batch was not told: that it is one row is our fit, as with that the values are near ours.
 */

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
