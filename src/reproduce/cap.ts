/**
 * R15: a cap on the messages that a node takes costs little accuracy, and saves messages (DRACO: Jeong and Kountouris, arXiv 2406.13533).
 */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import { average, type Measured, meanOf, ratioOf } from './measured.js';
import { type Configuration, type Mark, measuredAt, type Reproduction } from './reproduction.js';
import { between, near, type Row } from './row.js';

export interface CapSizes {
  readonly nodes: number;
  /** Neighbours of a node. */
  readonly degree: number;
  /** Virtual seconds between two unifications, and how many such periods a run has. */
  readonly period: number;
  readonly periods: number;
  readonly rows: number;
  /** Psi; the largest ones cap nothing. */
  readonly caps: readonly number[];
  /** Runs of each, with the same seeds for all. */
  readonly runs: number;
}

const sizes: CapSizes = { nodes: 25, degree: 4, period: 20, periods: 3, rows: 2000, caps: [1, 2, 5, 10, 20, 40, 80], runs: 6 };

export function cap(size: CapSizes = sizes): Reproduction {
  const { nodes, degree, period, periods, rows, caps, runs } = size;
  return {
    id: 'R15',
    about: `at most Psi messages for each of ${nodes} nodes between two unifications: accuracy saturates, messages grow with Psi until none is refused`,
    notes: [
      `${nodes} nodes on regular:${degree}, ${rows} digits in shards of two classes a node, softmax, batch 16, sgd:rate=0.05; draco with 2 steps a piece, ${periods} periods of ${period} virtual seconds, ideal links; Psi also unbounded, and without unification. Means over ${runs} runs with the same seeds for all.`,
      'Accuracy and distance: of the mean model, and of the models to it, averaged over looks after the first period. Messages: those that a node has taken in a period, unification apart.',
      `Expected (exact, our own derivation): Psi messages, up to half of those that come; between two broadcasts a node waits for a piece of work and for a tick, a second each, and anew after a unification: ${degree} neighbours send ${degree} (P/2 - 1/4) in a period of P seconds. Shapes: the paper says in its abstract that a cap keeps the accuracy and saves communication, and users stay near each other. The rule is a reconstruction; see docs/algorithms.md.`,
    ],
    charts: [
      {
        name: 'accuracy',
        title: 'Accuracy, by the messages that a node may take',
        x: { label: 'Psi: most messages of a node in a period', log: true },
        y: { label: 'accuracy of the mean model' },
      },
      {
        name: 'messages',
        title: 'Messages taken, by the messages that a node may take',
        x: { label: 'Psi: most messages of a node in a period', log: true },
        y: { label: 'messages of a node in a period', log: true },
        expected: 'the smaller of Psi and all that come',
      },
    ],
    configurations: ({ seed }) => [...caps.map(psi => cell(psi, size, seed)), unbounded(size, seed)],
    conclude: marks => comparison(marks, size),
  };
}

function inputOf(algorithm: string, { nodes, degree, period, periods, rows }: CapSizes, seed: number): ExperimentInput {
  return {
    ...{ data: `digits:${rows}`, model: 'softmax', partition: 'shards:2', batch: 16, optimizer: 'sgd:rate=0.05', track: 0, seed },
    ...{ nodes, topology: `regular:${degree}`, clock: 'exponential:mean=1', kernels: 'simd' },
    // before the last unification, which is of no period
    ...{ algorithm, time: (periods - 1e-6) * period, evaluateEvery: `${period / 5}s` },
  };
}

/**
 * Messages that come to a node in a period: a broadcast of a neighbour waits for a piece of work, then for a tick, each without memory and
 * of mean 1.
 */
function coming({ degree, period }: CapSizes): number {
  return degree * (period / 2 - (1 - Math.exp(-2 * period)) / 4);
}

function messagesOf({ done }: Completed, { nodes, periods }: CapSizes): number {
  const unifying = (nodes - 1) * (periods - 1); // the hub sends, the others take
  return (done.exchanges - unifying) / (nodes * periods);
}

/** Averaged over the looks after the first period. */
function late(run: Completed, { period }: CapSizes, read: (sample: Completed['samples'][number]) => number): number {
  return average(run.samples.filter(({ virtual }) => virtual!.time > period).map(read));
}

const seeds = (runs: number, first: number) => Array.from({ length: runs }, (_, k) => first + k);
const mark = (chart: string, series: string, x: number, { value, error }: Measured): Mark => ({
  chart,
  series,
  x,
  y: value,
  error,
});

function cell(psi: number, size: CapSizes, first: number): Configuration {
  const all = coming(size);
  const algorithm = `draco:steps=2,period=${size.period},psi=${psi}`;
  return {
    name: `Psi = ${psi}`,
    runs: seeds(size.runs, first).map(seed => inputOf(algorithm, size, seed)),
    read(runs) {
      const messages = meanOf(runs.map(run => messagesOf(run, size)));
      const accuracy = meanOf(runs.map(run => late(run, size, ({ accuracy }) => accuracy!)));
      return {
        rows: psi <= all / 2 ? [near(`Psi = ${psi}: messages of a node in a period`, messages, psi, 0.02)] : [],
        marks: [
          mark('accuracy', 'at most Psi messages', psi, accuracy),
          { ...mark('messages', 'taken', psi, messages), expected: Math.min(psi, all) },
        ],
      };
    },
  };
}

/** Without a cap, with and without unification. */
function unbounded(size: CapSizes, first: number): Configuration {
  const { period, runs: count, caps } = size;
  const kinds = [`period=${period}`, 'period=inf'];
  const widest = Math.max(...caps);
  return {
    name: 'no cap, with and without unification',
    runs: seeds(count, first).flatMap(seed => kinds.map(kind => inputOf(`draco:steps=2,${kind}`, size, seed))),
    read(runs) {
      const [unified, apart] = kinds.map((_, kind) => runs.filter((_, k) => k % 2 === kind));
      const messages = meanOf(unified.map(run => messagesOf(run, size)));
      const spread = (of: readonly Completed[]) => meanOf(of.map(({ done }) => done.consensus));
      return {
        rows: [
          near('no cap: messages of a node in a period', messages, coming(size), 0.05),
          between(
            'distance of users at the end, without unification over with',
            ratioOf(spread(apart), spread(unified)),
            1.3,
            null,
          ),
        ],
        marks: [mark('accuracy', 'no cap', widest, meanOf(unified.map(run => late(run, size, ({ accuracy }) => accuracy!))))],
      };
    },
  };
}

/** What the paper says in words. */
function comparison(marks: readonly Mark[], { caps }: CapSizes): Row[] {
  const accuracies = marks.filter(({ chart }) => chart === 'accuracy');
  const uncapped = measuredAt(accuracies.find(({ series }) => series === 'no cap')!);
  const at = (psi: number) => measuredAt(accuracies.find(({ series, x }) => series !== 'no cap' && x === psi)!);
  const taken = (psi: number) => marks.find(({ chart, x }) => chart === 'messages' && x === psi)!.y;
  const [least, widest] = [Math.min(...caps), Math.max(...caps)];
  // The smallest cap under which at least half of all messages are taken.
  const half = caps.find(psi => psi >= taken(widest) / 2)!;
  return [
    between(`accuracy at Psi = ${least}, over that without a cap`, ratioOf(at(least), uncapped), null, 0.8),
    between(`accuracy at Psi = ${half}, over that without a cap`, ratioOf(at(half), uncapped), 0.93, 1.07),
    between(
      `messages at Psi = ${half}, over those at Psi = ${widest}`,
      { value: taken(half) / taken(widest), error: Number.NaN },
      null,
      0.75,
    ),
    near(`accuracy at Psi = ${widest}, which refuses none, over that without a cap`, ratioOf(at(widest), uncapped), 1, 1e-9),
  ];
}
