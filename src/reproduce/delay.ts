/** R8: what lateness does to descent: many workers on one shared vector (Yu, Chen, Poor, arXiv 2406.11159, for the question). */

import type { ExperimentInput } from '../engine/experiment.js';
import { type Delay, exponentialDelay, fixedDelay, shiftedDelay } from '../theory/delay/law.js';
import { dominantRoot } from '../theory/delay/root.js';
import { stationaryVariance } from '../theory/delay/variance.js';
import { workerSweep } from '../theory/delay/workers.js';
import type { Completed } from '../threads/crowd.js';
import { meanOf, sure } from './measured.js';
import { averageAfter } from './nothing.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { between, near, type Row } from './row.js';

export interface DelaySizes {
  /** z = eta h M where the decay is measured; the largest lie beyond pi/2. */
  readonly dampings: readonly number[];
  /** Workers there: eta is z over their number, so that many make a continuous path. */
  readonly workers: number;
  /** Numbers of workers in the sweep; those of `told` have a row each. */
  readonly sweep: readonly number[];
  readonly told: readonly number[];
  /** Runs for each law of random times. */
  readonly runs: number;
}

const sizes: DelaySizes = {
  dampings: [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1, 1.2, 1.4, 1.5, 1.58, 1.62],
  workers: 400,
  sweep: [...Array.from({ length: 40 }, (_, k) => k + 1), 48, 56, 64, 70, 84],
  told: [1, 2, 4, 8, 16, 19, 24, 32, 48, 64, 70, 84],
  runs: 8,
};

const sweepStep = 0.02;
const accuracy = 1e-3;
/** Looks at the model in a round, in which each worker is done once. */
const looks = 32;
/** One weight on h/2 x^2 with h = 1, from x = 1. */
const quadratic: ExperimentInput = {
  ...{ data: 'none', model: 'noise:1,variance=0,curvature=1,start=1', batch: 1, track: 0 },
  ...{ algorithm: 'asgd', topology: 'ring' },
};

export function delay({ dampings, workers, sweep, told, runs }: DelaySizes = sizes): Reproduction {
  return {
    id: 'R8',
    about:
      'many workers on one model: descent decays faster with a little delay, swings with more, and diverges from eta h M = pi/2 on',
    notes: [
      'M workers read one weight x, take a gradient of x^2 / 2 and add their step to what x has become (asgd); a round is the mean time of a piece of work. z = eta h M.',
      `Decay a round: ${workers} workers with equal times. Expected (exact, of the delay equation): -Re W_0(-z) with z < 0.3 within 3 %, above it within 4 %; and pi/2 for the z at which it ends, from the two rates about it.`,
      `Sweep: eta h = ${sweepStep}, updates until |x| <= ${accuracy} for good. Expected (exact): the recursion x_(k+1) = x_k - p x_(k-M+1), which equal times are.`,
      `Random times: means of ${runs} runs of 200 workers. Expected (exact for Poisson, near here): the root of s + a E[e^(-s tau)] = 0.`,
      'Noise: the variance of x, eta sigma^2 / (2 h) (1 + sin z) / cos z.',
    ],
    charts: [
      {
        name: 'decay',
        title: 'Decay of the error under delay',
        x: { label: 'z = eta h M' },
        y: { label: 'decay a round' },
        expected: 'delay equation',
      },
      {
        name: 'workers',
        title: `Workers until |x| <= ${accuracy}, eta h = ${sweepStep}`,
        x: { label: 'workers M' },
        y: { label: 'updates, or rounds', log: true },
        expected: 'recursion',
      },
    ],
    configurations: ({ seed }) => [
      ...dampings.map(z => fixed(z, workers)),
      ...sweep.map(count => swept(count, told.includes(count))),
      scattered('exponential', 'exponential', exponentialDelay(1), 0.2, runs, seed),
      scattered('half fixed, half exponential', 'shifted:c=0.5,mu=2', shiftedDelay(0.5, 2), 0.3, runs, seed),
      ...[0.5, 1].map(z => noisy(z, seed)),
    ],
    conclude: marks => [...flips(marks), ...best(marks, sweep, 'all'), ...best(marks, told, 'those above'), cost(marks)],
  };
}

function inputOf(count: number, step: number, clock: string): ExperimentInput {
  return { ...quadratic, nodes: count, optimizer: `sgd:rate=${step}`, clock };
}

/** Decay at z with equal times: every gradient is M - 1 updates old. */
function fixed(z: number, workers: number): Configuration {
  const expected = -dominantRoot(z, fixedDelay(1)).re;
  const rounds = Math.ceil(Math.min(250, 30 + 12 / Math.abs(expected)));
  return {
    name: `z = ${z}`,
    work: rounds * workers,
    runs: [{ ...inputOf(workers, z / workers, 'constant:mean=1'), time: rounds, evaluateEvery: `${1 / looks}s` }],
    read([run]) {
      const found = sure(decay(run, z > 1 / Math.E));
      const what = `z = ${z}: decay a round`;
      const row =
        z >= 1.5
          ? between(what, found, z < Math.PI / 2 ? 0 : null, z < Math.PI / 2 ? null : 0)
          : near(what, found, expected, z < 0.3 ? 0.03 : 0.04);
      return { rows: [row], marks: [{ chart: 'decay', series: 'equal times', x: z, y: found.value, expected }] };
    },
  };
}

/** -d ln |x| / dt, from a third of the run on: of x itself, or of its peaks where it swings. */
function decay({ samples }: Completed, swings: boolean): number {
  const sizes = samples.map(({ virtual, loss }) => ({ time: virtual!.time, size: Math.sqrt(2 * loss) }));
  const late = sizes.slice(Math.floor(sizes.length / 3));
  const kept = swings
    ? late.filter((one, k) => k > 0 && k + 1 < late.length && late[k - 1].size < one.size && late[k + 1].size <= one.size)
    : late;
  const [first, last] = [kept[0], kept[kept.length - 1]];
  return Math.log(first.size / last.size) / (last.time - first.time);
}

/** Updates until |x| is small for good, looked at after every one. */
function swept(count: number, isTold: boolean): Configuration {
  const [{ updates }] = workerSweep(sweepStep, [count], accuracy);
  const steps = Number.isFinite(updates) ? Math.ceil(1.3 * updates + 4 * count) : 12_000;
  return {
    name: `M = ${count}`,
    work: 20 * steps,
    runs: [{ ...inputOf(count, sweepStep, 'constant:mean=1'), steps, evaluateEvery: 1 }],
    read([{ samples }]) {
      const off = samples.map(({ loss }) => Math.sqrt(2 * loss));
      const settled = off.findLastIndex(size => size > accuracy) + 2; // the sample of an update has the number below it
      if (!Number.isFinite(updates)) {
        const growth = sure(off[off.length - 1] / off[0]);
        return { rows: isTold ? [between(`M = ${count}: |x| after ${steps} updates`, growth, 2, null)] : [], marks: [] };
      }
      const mark = (series: string, y: number, expected: number): Mark => ({ chart: 'workers', series, x: count, y, expected });
      return {
        rows: isTold ? [near(`M = ${count}: updates until |x| <= ${accuracy}`, sure(settled), updates, 0.005)] : [],
        marks: [mark('updates', settled, updates), mark('rounds', settled / count, updates / count)],
      };
    },
  };
}

/** Decay with random times. */
function scattered(name: string, clock: string, law: Delay, z: number, count: number, first: number): Configuration {
  const workers = 200;
  const root = dominantRoot(z, law);
  const rounds = Math.ceil(30 - 15 / root.re);
  return {
    name: `${name} times, z = ${z}`,
    work: count * rounds * workers,
    runs: Array.from({ length: count }, (_, k) => ({
      ...{ ...inputOf(workers, z / workers, clock), seed: first + k },
      ...{ time: rounds, evaluateEvery: '0.25s' },
    })),
    read(runs) {
      const found = meanOf(runs.map(run => decay(run, root.im > 0)));
      return {
        rows: [near(`${name} times, z = ${z}: decay a round`, found, -root.re, 0.04, 'exact for Poisson, near here')],
        marks: [{ chart: 'decay', series: `${name} times`, x: z, y: found.value, error: found.error, expected: -root.re }],
      };
    },
  };
}

/** The spread of x about its optimum, over many axes. */
function noisy(z: number, seed: number): Configuration {
  const [workers, axes] = [100, 256];
  const step = z / workers;
  const expected = stationaryVariance(step * workers, fixedDelay(1), step * Math.sqrt(workers));
  return {
    name: `noise, z = ${z}`,
    work: 200 * workers * axes,
    runs: [
      {
        ...inputOf(workers, step, 'constant:mean=1'),
        ...{ model: `noise:${axes},variance=${axes},curvature=1`, seed, time: 420, evaluateEvery: '0.997s' },
      },
    ],
    read([run]) {
      const found = averageAfter(20, run, ({ loss }) => (2 * loss) / axes);
      return { rows: [near(`noise, z = ${z}: variance of x`, found, expected, 0.05)], marks: [] };
    },
  };
}

/** Where the decay ends, on the line through the last rate that is above 0 and the first that is not. */
function flips(marks: readonly Mark[]): Row[] {
  const rates = marks.filter(({ chart, series }) => chart === 'decay' && series === 'equal times').sort((a, b) => a.x - b.x);
  const after = rates.findIndex(({ y }) => y <= 0);
  if (after < 1) return [between('z at which decay ends', sure(Number.NaN), 0, null)];
  const [a, b] = [rates[after - 1], rates[after]];
  return [near('z at which decay ends: pi/2', sure(a.x + ((b.x - a.x) * a.y) / (a.y - b.y)), Math.PI / 2, 0.01)];
}

/** How many workers are the best of some. */
function best(marks: readonly Mark[], among: readonly number[], words: string): Row[] {
  const theory = workerSweep(sweepStep, among, accuracy);
  return (['updates', 'rounds'] as const).map(what => {
    const found = least(
      rowsOf(marks, what).filter(({ x }) => among.includes(x)),
      ({ y }) => y,
    );
    return near(`M with the fewest ${what}, of ${words}`, sure(found.x), least(theory, one => one[what]).workers, 0.06);
  });
}

/** Many more workers are slower. */
function cost(marks: readonly Mark[]): Row {
  const rounds = rowsOf(marks, 'rounds');
  const [most, fastest] = [least(rounds, ({ x }) => -x), least(rounds, ({ y }) => y)];
  return between(`rounds at M = ${most.x}, over the best`, sure(most.y / fastest.y), 2, null);
}

function rowsOf(marks: readonly Mark[], series: string): Mark[] {
  return marks.filter(mark => mark.chart === 'workers' && mark.series === series);
}

/** The first item with the least value. */
function least<Item>(items: readonly Item[], value: (item: Item) => number): Item {
  return items.reduce((a, b) => (value(b) < value(a) ? b : a));
}
