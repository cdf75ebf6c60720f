/**
 * What the naive simulation of the two regressions comes to, for the table in src/reproduce/regressions.ts, of which this program prints
 * the lines. Steps on all rows of a user (`batch: 'all'`): then engine and naive simulation are the same process, drawn from other numbers.
 */

import { fileURLToPath } from 'node:url';
import type { Expectation } from '../../../src/reproduce/regressions.js';
import { complete } from './graph.js';
import { regression } from './regression.js';
import { settings } from './table.js';
import { timely } from './timely.js';

export const rates = { '0': () => 0, '1': () => 1, log: Math.log, n: (n: number) => n };

/** Runs behind a line: the fewer users there are, the more one run differs from another. */
export function runsOf(nodes: number): number {
  return nodes <= 10 ? 500 : nodes <= 50 ? 200 : 100;
}

/** Mean and deviation of each figure over the first `runs` seeds. */
export function expectation(
  task: Expectation['task'],
  nodes: number,
  rate: Expectation['rate'],
  runs = runsOf(nodes),
): Expectation {
  const found = Array.from({ length: runs }, (_, k) => figures(task, nodes, rates[rate](nodes), k + 1));
  const mean = found[0].map((_, k) => found.reduce((sum, run) => sum + run[k], 0) / runs);
  const deviation = mean.map((m, k) => Math.sqrt(found.reduce((sum, run) => sum + (run[k] - m) ** 2, 0) / (runs - 1)));
  const short = (value: number) => Number(value.toPrecision(5));
  return { task, nodes, rate, runs, mean: mean.map(short), deviation: deviation.map(short) };
}

/** At 10, 20, 30 and 40 s: mean and largest test error of the users, and the mean squared distance to the mean model. */
function figures(task: Expectation['task'], users: number, lambda: number, seed: number): number[] {
  const learner = regression({ ...settings, batch: 'all', task, users, seed });
  const found: number[] = [];
  timely({
    graph: complete(users),
    duration: { constant: 0.5, exponential: 0.5 },
    lambda,
    scheme: 'push',
    from: 0,
    until: 40,
    seed: seed + 1000,
    learner,
    every: 10,
    watch() {
      const errors = learner.errors();
      found.push(errors.reduce((sum, error) => sum + error, 0) / users, Math.max(...errors), learner.consensus());
    },
  });
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const task of ['linear', 'tanh'] as const) {
    for (const nodes of [10, 50, 100]) {
      for (const rate of ['0', '1', 'log', 'n'] as const) {
        const { runs, mean, deviation } = expectation(task, nodes, rate);
        console.log(`  {\n    ...{ task: '${task}', nodes: ${nodes}, rate: '${rate}', runs: ${runs} },`);
        console.log(`    mean: [${mean.join(', ')}],\n    deviation: [${deviation.join(', ')}],\n  },`);
      }
    }
  }
}
