/** R16: how much sooner more threads reach a target, on the clock of the wall. */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import { median } from './measured.js';
import type { Configuration, Reproduction } from './reproduction.js';
import { between, type Row, shown, unjudged } from './row.js';

export interface SpeedupSizes {
  /** Runs of each kind; each round has all kinds, so that other work on the machine slows all of them. */
  readonly rounds: number;
  readonly rows: number;
  readonly accuracy: number;
  /** Of the run without exchange. */
  readonly seconds: number;
}

const sizes: SpeedupSizes = { rounds: 5, rows: 4000, accuracy: 0.93, seconds: 1.5 };

export function speedup(chosen: SpeedupSizes = sizes): Reproduction {
  const { rounds, rows, accuracy } = chosen;
  return {
    id: 'R16',
    about:
      'wall time to a target accuracy against threads: at most as many times as fast as there are threads, and gossip costs little of it',
    notes: [
      `Live: ${rows} digits, mlp:128, 8 nodes, swarm with 4 steps, until the mean model has ${100 * accuracy} % (looked at every 250 steps; the clock stands still meanwhile), 1, 2, 4 ... threads up to --threads.`,
      `Medians of ${rounds} rounds; each round runs all thread counts, and nodes that never exchange, one after the other.`,
      'Expected (shape), where nodes without exchange gain at least 75 % of the number of threads in the same minutes: to the target at least 70 % and at most 115 % of it (the race decides how many steps it takes), and at least 70 % of the speed-up of nodes without exchange. Where they gain less, the cores were not free, and nothing is judged.',
    ],
    live: true,
    charts: [
      {
        name: 'speedup',
        title: 'Speed-up on the clock of the wall',
        x: { label: 'threads' },
        y: { label: 'times as fast as one thread' },
        expected: 'as many times as threads',
      },
    ],
    configurations: ({ seed, threads }) => [everything(chosen, seed, countsTo(threads))],
  };
}

/** 1, 2, 4, ... up to `most`. */
function countsTo(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, k) => 2 ** k);
}

function everything({ rounds, rows, accuracy, seconds }: SpeedupSizes, first: number, counts: readonly number[]): Configuration {
  const base: ExperimentInput = {
    ...{
      data: `digits:${rows}`,
      model: 'mlp:128',
      nodes: Math.max(8, ...counts),
      standardize: 'whole',
      kernels: 'simd',
      track: 0,
    },
    optimizer: 'sgd:rate=0.3',
  };
  const kinds: readonly Omit<ExperimentInput, 'threads' | 'seed'>[] = [
    { ...base, algorithm: 'swarm:steps=4', until: `accuracy=${accuracy}`, evaluateEvery: 250, steps: 20_000 },
    { ...base, algorithm: 'none:steps=64', seconds, evaluateEvery: `${2 * seconds}s` },
  ];
  const round = (seed: number) => kinds.flatMap(kind => counts.map(threads => ({ ...kind, threads, seed })));
  const perRound = kinds.length * counts.length;
  return {
    name: `${counts.join(', ')} threads`,
    runs: Array.from({ length: rounds }, (_, k) => round(first + k)).flat(),
    read(runs) {
      /** The medians over the rounds of what `value` says of a kind on a number of threads. */
      const over = (value: (run: Completed, one: Completed) => number, kind: number, count: number) =>
        median(
          Array.from({ length: rounds }, (_, k) => {
            const place = k * perRound + kind * counts.length;
            return value(runs[place + count], runs[place]);
          }),
        );
      const target = ({ done }: Completed) => done.secondsToTarget ?? Number.NaN;
      const pace = ({ done }: Completed) => done.stepsPerSecond;
      const findings = counts.map((threads, k) => {
        const words = threads === 1 ? '1 thread' : `${threads} threads`;
        const sooner = over((run, one) => target(one) / target(run), 0, k);
        const faster = over((run, one) => pace(run) / pace(one), 0, k);
        const alone = over((run, one) => pace(run) / pace(one), 1, k);
        const at = (series: string, y: number) => ({ chart: 'speedup', series, x: threads, y, expected: threads });
        const verdicts = verdictsOf(words, threads, { sooner, faster, alone });
        return {
          rows: [shown(`${words}: seconds to the target`, sure(over(target, 0, k))), ...(threads > 1 ? verdicts : [])],
          marks: [at('time to the target', sooner), at('steps a second', faster), at('steps a second, no exchange', alone)],
        };
      });
      return { rows: findings.flatMap(({ rows }) => rows), marks: findings.flatMap(({ marks }) => marks) };
    },
  };
}

/** How many times as fast as one thread: to the target, in steps a second, and in those of nodes that never exchange. */
interface Gains {
  readonly sooner: number;
  readonly faster: number;
  readonly alone: number;
}

/** Of threads that had no core of their own nothing can be said: nodes that never exchange show it. */
function verdictsOf(words: string, threads: number, { sooner, faster, alone }: Gains): Row[] {
  const free = alone >= 0.75 * threads;
  const why = threads === 2 ? 'no second core was free' : `${threads} cores were not free`;
  const judge = (what: string, value: number, low: number | null, high: number | null) =>
    free ? between(`${words}: ${what}`, sure(value), low, high) : unjudged(`${words}: ${what}`, sure(value), why);
  return [
    shown(`${words}: speed-up of nodes without exchange`, sure(alone)),
    judge('speed-up of the time to the target', sooner, 0.7 * threads, 1.15 * threads),
    judge('speed-up in steps a second', faster, null, 1.15 * threads),
    judge('the same over that of nodes without exchange', faster / alone, 0.7, null),
  ];
}

/** A median, whose error is not known. */
function sure(value: number) {
  return { value, error: Number.NaN };
}
