/** R16: how much sooner more threads reach a target, on the clock of the wall. */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import { median } from './measured.js';
import type { Configuration, Reproduction } from './reproduction.js';
import { between, type Row, shown } from './row.js';

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
      'Expected (shape): no speed-up beyond the number of threads (15 % for chance: the race decides how many steps it takes), and at least 70 % of the speed-up that nodes without exchange have at the same hour. How many cores are free decides the rest.',
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
        const verdicts: Row[] = [
          between(`${words}: speed-up of the time to the target`, sure(sooner), null, 1.15 * threads),
          between(`${words}: speed-up in steps a second`, sure(faster), null, 1.15 * threads),
          between(`${words}: the same over that of nodes without exchange`, sure(faster / alone), 0.7, null),
        ];
        return {
          rows: [shown(`${words}: seconds to the target`, sure(over(target, 0, k))), ...(threads > 1 ? verdicts : [])],
          marks: [at('time to the target', sooner), at('steps a second', faster), at('steps a second, no exchange', alone)],
        };
      });
      return { rows: findings.flatMap(({ rows }) => rows), marks: findings.flatMap(({ marks }) => marks) };
    },
  };
}

/** A median, whose error is not known. */
function sure(value: number) {
  return { value, error: Number.NaN };
}
