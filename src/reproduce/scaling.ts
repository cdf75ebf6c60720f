/**
 * R13: a common diagonal against features of very different sizes: SAVIC needs a fraction of the rounds of local SGD (arXiv 2406.00846).
 */

import type { ExperimentInput } from '../engine/experiment.js';
import { type Measured, meanOf } from './measured.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { between, type Row, shown } from './row.js';

export interface ScalingSizes {
  readonly nodes: number;
  /** H: local steps of a round. */
  readonly steps: number;
  /** Loss on the test rows to which rounds are counted, and how many a run may take. */
  readonly loss: number;
  readonly rounds: number;
  readonly rules: readonly string[];
  readonly runs: number;
}

const sizes: ScalingSizes = {
  ...{ nodes: 8, steps: 4, loss: 0.25, rounds: 3000, runs: 2 },
  rules: ['adam', 'rmsprop', 'oasis', 'adahessian'],
};
const scaled = new URL('./scaled.js', import.meta.url).href;
const alpha = '0.0001';
const plainRates = [0.01, 0.001, 0.0001];
const scaledRates = [0.3, 0.1, 0.03, 0.01];
const evenRates = [1, 0.1];

export function scaling({ nodes, steps, loss, rounds, rules, runs }: ScalingSizes = sizes): Reproduction {
  /** Meetings until the loss is there, each a second; those of measurements count. */
  const cell = (series: string, algorithm: string, spread: number, rate: number, seed: number): Configuration => {
    const input: ExperimentInput = {
      ...{ data: 'synthetic:rows=4000,features=10,test=500', model: `${scaled}:spread=${spread}`, nodes, track: 0 },
      ...{ optimizer: `sgd:rate=${rate}`, algorithm, clock: 'constant:mean=1', time: rounds },
      ...{ until: `loss=${loss}`, evaluateEvery: '5s', kernels: 'simd' },
    };
    return {
      name: `${series}, rate ${rate}`,
      work: rounds,
      runs: Array.from({ length: runs }, (_, k) => ({ ...input, seed: seed + k })),
      read(done) {
        const { value, error } = meanOf(done.map(({ done }) => done.virtual!.time));
        return { rows: [], marks: [{ chart: 'rounds', series, x: rate, y: value, error }] };
      },
    };
  };
  return {
    id: 'R13',
    about:
      'logistic regression on features of sizes 0.01 to 100: local steps divided by a common diagonal need a fraction of the rounds',
    notes: [
      `10 features of N(0, 1) times 10^-2 .. 10^2, labels the sign of their sum before that; ${nodes} nodes, ${steps} local steps a round, batch 32. Rounds until the loss of the mean model on the test rows is ${loss}; a run that is not there after ${rounds} counts as so many.`,
      'Every method with the best of its rates. A measurement of the diagonal is a round too. Local SGD on features of one size, which need no scaling, beside it.',
      'Expected (shape): at least 5 times fewer rounds; the paper reports faster training, of networks.',
    ],
    charts: [
      {
        name: 'rounds',
        title: `Rounds to a loss of ${loss}, at most ${rounds}`,
        x: { label: 'rate', log: true },
        y: { label: 'rounds', log: true },
      },
    ],
    configurations: ({ seed }) => [
      ...plainRates.map(rate => cell('local', `local:steps=${steps}`, 2, rate, seed)),
      ...evenRates.map(rate => cell('local, one size', `local:steps=${steps}`, 0, rate, seed)),
      ...rules.flatMap(rule =>
        scaledRates.map(rate => cell(rule, `savic:rule=${rule},steps=${steps},alpha=${alpha}`, 2, rate, seed)),
      ),
    ],
    conclude: marks => comparison(marks, rules),
  };
}

function best(marks: readonly Mark[], method: string): Measured {
  const { y, error = Number.NaN } = marks.filter(({ series }) => series === method).reduce((a, b) => (b.y < a.y ? b : a));
  return { value: y, error };
}

function comparison(marks: readonly Mark[], rules: readonly string[]): Row[] {
  const local = best(marks, 'local');
  return [
    shown('rounds of local SGD', local),
    shown('rounds of local SGD on features of one size', best(marks, 'local, one size')),
    ...rules.map(rule => shown(`rounds of savic, ${rule}`, best(marks, rule))),
    ...rules.map(rule =>
      between(
        `rounds of local SGD over those of savic, ${rule}`,
        { value: local.value / best(marks, rule).value, error: Number.NaN },
        5,
        null,
      ),
    ),
  ];
}
