/**
 * R3 and R4: linear and tanh regression in the timely system (Mitra and Ulukus, arXiv 2404.19749), test error against time at rates 0, 1,
 * ln n and n.
 */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Sample } from '../engine/observer.js';
import { readRate } from '../engine/rate.js';
import { source, word } from '../random.js';
import type { Completed } from '../threads/crowd.js';
import { checkValues } from './checkvalues.js';
import { average, meanOf } from './measured.js';
import { type Expectation, expectations } from './regressions.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { agrees, between, type Row } from './row.js';

export interface RegressionSizes {
  readonly nodes: readonly number[];
  /** Runs of a configuration: the fewer users there are, the more one differs from another. */
  runs(nodes: number): number;
}

const sizes: RegressionSizes = { nodes: [10, 50, 100], runs: nodes => Math.max(150, 5000 / nodes) };
const tasks = {
  linear: { id: 'R3', model: 'linear:bias=false', name: 'Linear regression', words: 'linear regression, y = w.x' },
  tanh: { id: 'R4', model: 'neuron:tanh', name: 'Tanh regression', words: 'nonlinear regression, y = tanh(w.x)' },
} as const;
/** Standard errors of the difference that a mean may be off. */
const errors = 4;
/** Of the expectations; in the table are those at `told`. */
const times = [10, 20, 30, 40];
const told = [10, 20, 40];
const end = 40;
const figureNames = ['mean error', 'worst error', 'Gamma / n'];

export function regression(task: Expectation['task'], { nodes, runs }: RegressionSizes = sizes): Reproduction {
  const { id, name, words } = tasks[task];
  const chosen = expectations.filter(line => line.task === task && nodes.includes(line.nodes));
  const largest = Math.max(...nodes);
  const frame = (file: string, label: string, title: string) => ({
    name: file,
    title: `${name}, n = ${largest}: ${title}`,
    x: { label: 'time', unit: 's' },
    y: { label, log: true },
    expected: 'naive simulation, at 10, 20, 30, 40 s',
  });
  return {
    id,
    about: `${words}: test error against time at gossip rates 0, 1, ln n and n, mean and worst of the users`,
    notes: [
      '10 features, 5 rows a user with noise of deviation 0.1, |w|^2 = 5, start at zero; 5 steps of rate 0.05 an update on all 5 rows, gradient of half the squared error; updates of 0.5 s + an exponential of mean 0.5 s; complete graph, one-way push.',
      'Gradients are taken at the begin of an update, on a copy of the row; at its end the difference is added to what the row has become.',
      `Means of ${nodes.map(n => `${runs(n)} runs (n = ${n})`).join(', ')}. Expected (simulation): means of 100 to 500 runs of a second, naive simulation that shares no code with the engine; tolerance ${errors} standard errors of the difference. The test rows have no noise; error is the mean squared error.`,
      'Beside: check values of a third program (averages of two runs; that its batches are one row is our fit): they judge nothing. Of the paper only the shape is known: gossip beats none, and where n is large the worst user needs more than rate 1.',
    ],
    charts: [
      frame('error', 'mean test error of the users', 'test error'),
      frame('spread', 'worst over mean test error', 'worst user over mean'),
      frame('consensus', 'Gamma / n', 'distance to the mean model'),
    ],
    configurations: ({ seed }) => chosen.map(line => cell(line, line.nodes === largest, runs(line.nodes), seed)),
    conclude: marks => shape(marks, largest),
  };
}

function cell({ task, nodes, rate, ...naive }: Expectation, isDrawn: boolean, count: number, first: number): Configuration {
  const series = seriesOf(rate);
  const input: ExperimentInput = {
    ...{ data: `synthetic:task=${task},rows=${5 * nodes},features=10,noise=0.1,test=300`, model: tasks[task].model, batch: 5 },
    ...{ nodes, optimizer: 'sgd:rate=0.05', clock: 'shifted:c=0.5,mu=2', track: 0 },
    algorithm: rate === '0' ? 'none:steps=5' : `timely:steps=5,rate=${rate}`,
    ...{ time: end, evaluateEvery: '2s', evaluate: 'full' },
  };
  const check = checkOf(task, nodes, rate);
  const seeds = source(first, `${task}, ${nodes} users, rate ${rate}`); // of its own: what one configuration says is no echo of another
  return {
    name: `n = ${nodes}, ${series}`,
    work: nodes * (rate === 'n' ? nodes : 1),
    runs: Array.from({ length: count }, (_, k) => ({ ...input, seed: word(seeds, 0, k) })),
    read(runs) {
      const found = runs.map(({ samples }) => times.flatMap(time => figures(at(samples, time))));
      const rows = times.flatMap((time, t) =>
        figureNames.flatMap((figure, f) => {
          if (!told.includes(time) || (f === 2 && time < end)) return [];
          const k = 3 * t + f;
          const error = naive.deviation[k] * Math.sqrt(1 / count + 1 / naive.runs);
          const mean = meanOf(found.map(run => run[k]));
          const what = `n = ${nodes}, ${series}: ${figure} at ${time} s`;
          return [agrees(what, mean, { value: naive.mean[k], error }, errors, check(time, f))];
        }),
      );
      return { rows, marks: isDrawn ? curves(runs, series, naive.mean) : [] };
    },
  };
}

function seriesOf(rate: Expectation['rate']): string {
  return `rate ${rate === 'log' ? 'ln n' : rate}`;
}

/** Mean and worst test error, and the distance. The engine's loss is half the squared error. */
function figures({ meanLoss, worstLoss, consensus }: Sample): [mean: number, worst: number, distance: number] {
  return [2 * meanLoss, 2 * worstLoss, consensus];
}

function at(samples: readonly Sample[], time: number): Sample {
  return samples.find(({ virtual }) => isAt(virtual!.time, time))!;
}

function isAt(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-6;
}

/** The check value of a figure at a time, null where there is none. */
function checkOf(task: Expectation['task'], nodes: number, rate: Expectation['rate']) {
  const lambda = rate === '0' ? 0 : readRate(rate, nodes);
  const known = checkValues.find(row => row.task === task && row.n === nodes && isAt(row.lambda, lambda));
  return (time: number, figure: number): number | null => {
    if (!known) return null;
    return figure === 2 ? known.consensus : known.errors[told.indexOf(time)][figure];
  };
}

/** Means over the runs, at every sample. */
function curves(runs: readonly Completed[], series: string, naive: readonly number[]): Mark[] {
  return runs[0].samples.flatMap(({ virtual }, k) => {
    const x = virtual!.time;
    const [mean, worst, distance] = figureNames.map((_, f) => meanOf(runs.map(({ samples }) => figures(samples[k])[f])));
    const t = times.findIndex(time => isAt(time, x));
    const mark = (chart: string, y: number, error?: number, expected?: number): Mark => ({
      ...{ chart, series, x, y },
      ...(error !== undefined && { error }),
      ...(t >= 0 && { expected }),
    });
    return [
      mark('error', mean.value, mean.error, naive[3 * t]),
      mark('spread', worst.value / mean.value, undefined, naive[3 * t + 1] / naive[3 * t]),
      mark('consensus', distance.value, distance.error, naive[3 * t + 2]),
    ];
  });
}

/** What the paper says in words, at the largest n. */
function shape(marks: readonly Mark[], nodes: number): Row[] {
  const value = (chart: string, series: string, t: number) =>
    marks.find(mark => mark.chart === chart && mark.series === series && isAt(mark.x, t))!.y;
  const over = (what: string, a: number, b: number, low: number | null, high: number | null) =>
    between(`n = ${nodes}: ${what}`, { value: a / b, error: Number.NaN }, low, high);
  const error = (series: string, t: number) => value('error', series, t);
  const worst = (series: string, t: number) => error(series, t) * value('spread', series, t);
  const early = average([error('rate ln n', 20) / error('rate n', 20), error('rate ln n', 40) / error('rate n', 40)]);
  return [
    over(`mean error at ${end} s without gossip, over rate 1`, error('rate 0', end), error('rate 1', end), 4, null),
    over('worst error at 10 s at rate 1, over rate ln n', worst('rate 1', 10), worst('rate ln n', 10), 1.4, null),
    over('worst over mean at 10 s at rate 1', worst('rate 1', 10), error('rate 1', 10), 1.3, null),
    over('mean error at rate ln n, over rate n', early, 1, 0.7, 1.6),
  ];
}
