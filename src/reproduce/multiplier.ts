/** R7: gossip needs more epochs than one node, and less time (SwarmSGD, Nadiradze et al. 2021, arXiv 1910.12308). */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import { type Measured, meanOf } from './measured.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { between, near, shown } from './row.js';

export interface MultiplierSizes {
  readonly nodes: number;
  /** H: local steps between two exchanges. */
  readonly steps: readonly number[];
  readonly rows: number;
  readonly accuracy: number;
  /** Runs of each kind, with the same data for all kinds. */
  readonly runs: number;
}

const sizes: MultiplierSizes = { nodes: 8, steps: [1, 2, 4], rows: 4000, accuracy: 0.88, runs: 6 };

export function multiplier({ nodes, steps, rows, accuracy, runs }: MultiplierSizes = sizes): Reproduction {
  const percent = 100 * accuracy;
  return {
    id: 'R7',
    about: `epochs to a target accuracy of ${nodes} nodes that gossip, over those of one node: above 1; an epoch takes 1/${nodes} of the time`,
    notes: [
      `${rows} digits, mlp:32, batch 32, sgd:rate=0.2 for all, until the mean model has ${percent} % on the test rows (looked at ten times an epoch). An epoch is one pass over the data by all nodes together; a step takes one virtual second (lognormal, sigma 0.1) at every node.`,
      `swarm with H local steps between exchanges, against one node that learns alone from the same data. Means of ${runs} ratios, of runs with the same seed.`,
      `Expected (shape): more epochs than one node, and fewer than ${nodes} times as many; the paper needed 1.4 to 2.7 times as many to the end of its training, on other tasks. Time an epoch: 1/${nodes} (exact), within 4 %.`,
    ],
    charts: [
      {
        name: 'multiplier',
        title: `Cost and gain of ${nodes} nodes, to ${percent} %`,
        x: { label: 'local steps H between exchanges' },
        y: { label: 'times those of one node' },
      },
    ],
    configurations: ({ seed }) => steps.map((h, k) => cell(h, k === 0, { nodes, steps, rows, accuracy, runs }, seed)),
    conclude: marks => [fastest(marks, nodes)],
  };
}

function cell(h: number, isFirst: boolean, { nodes, rows, accuracy, runs }: MultiplierSizes, first: number): Configuration {
  const base: ExperimentInput = {
    ...{ data: `digits:${rows}`, model: 'mlp:32', optimizer: 'sgd:rate=0.2', kernels: 'simd', track: 0 },
    ...{ until: `accuracy=${accuracy}`, evaluateEvery: '0.1epochs', epochs: 60 },
  };
  const kinds: readonly ExperimentInput[] = [
    { ...base, nodes: 1, algorithm: 'none:steps=1', clock: 'lognormal:mean=1,sigma=0.1' },
    { ...base, nodes, algorithm: `swarm:steps=${h}`, clock: `lognormal:mean=${h},sigma=0.1` },
  ];
  return {
    name: `H = ${h}`,
    runs: Array.from({ length: runs }, (_, k) => kinds.map(kind => ({ ...kind, seed: first + k }))).flat(),
    read(done) {
      const pairs = Array.from({ length: runs }, (_, k) => [done[2 * k], done[2 * k + 1]] as const);
      const over = (value: (run: Completed) => number) => meanOf(pairs.map(([one, many]) => value(many) / value(one)));
      const epochs = over(epochsTo);
      const time = over(run => epochsTo(run) * timeOfEpoch(run));
      const mark = (series: string, { value, error }: Measured): Mark => ({ chart: 'multiplier', series, x: h, y: value, error });
      return {
        rows: [
          ...(isFirst ? [shown('one node: epochs to the target', meanOf(pairs.map(([one]) => epochsTo(one))))] : []),
          between(`H = ${h}: epochs to the target, over one node`, epochs, 1, nodes),
          near(`H = ${h}: time of an epoch, over one node`, over(timeOfEpoch), 1 / nodes, 0.04),
          between(`H = ${h}: time to the target, over one node`, time, null, 0.9),
        ],
        marks: [mark('epochs to the target', epochs), mark('time to the target', time)],
      };
    },
  };
}

/** NaN, which no row lets pass, when the target was not reached. */
function epochsTo({ done }: Completed): number {
  return done.stopReason === 'until' ? done.epoch : Number.NaN;
}

function timeOfEpoch({ done }: Completed): number {
  return done.virtual!.time / done.epoch;
}

function fastest(marks: readonly Mark[], nodes: number) {
  const least = Math.min(...marks.filter(({ series }) => series === 'time to the target').map(({ y }) => y));
  return between('the best speed-up of the time to the target', { value: 1 / least, error: Number.NaN }, 1.2, nodes);
}
