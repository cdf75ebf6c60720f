/** R9: how carefully gamma must be chosen under compression, of CHOCO-SGD and of AdaGossip (Aketi, Hashemi, Roy 2024, arXiv 2404.05919). */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import { chartOf, consensus, errors, gathered } from './consensus.js';
import { type Decay, decays, setting } from './decays.js';
import { average, meanOf } from './measured.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { between, type Row, shown } from './row.js';

type Rule = Decay['rule'];

export interface AdaptiveSizes {
  /** Lines of the table of consensus, and runs of each. */
  readonly lines: readonly Decay[];
  readonly gatherings: number;
  readonly sweeps: readonly Sweep[];
  readonly nodes: number;
  readonly rows: number;
  readonly rounds: number;
  /** Runs of each gamma. */
  readonly runs: number;
}

/** The gammas that are tried, ascending. */
export interface Sweep {
  readonly share: number;
  readonly gammas: Readonly<Record<Rule, readonly number[]>>;
}

const sizes: AdaptiveSizes = {
  ...{ lines: decays, gatherings: 4, nodes: 16, rows: 2000, rounds: 200, runs: 3 },
  sweeps: [
    {
      share: 0.1,
      gammas: {
        choco: [0.1, 0.16, 0.2, 0.25, 0.32, 0.4, 0.45, 0.5, 0.56, 0.63],
        adagossip: [0.0004, 0.00063, 0.001, 0.0016, 0.0025, 0.004, 0.0063, 0.01, 0.016, 0.025, 0.04],
      },
    },
    {
      share: 0.01,
      gammas: {
        choco: [0.02, 0.03, 0.04, 0.05, 0.063, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25],
        adagossip: [0.0002, 0.0004, 0.00063, 0.001, 0.0016, 0.0025, 0.004, 0.0063, 0.01],
      },
    },
  ],
};

const rules = ['choco', 'adagossip'] as const;
/** A gamma is good when the loss is at most so many times the least. */
const good = 1.25;

export function adaptive(given: AdaptiveSizes = sizes): Reproduction {
  const { lines, gatherings, sweeps, nodes, rows, rounds, runs } = given;
  return {
    id: 'R9',
    about:
      'compressed gossip: AdaGossip forgives a wrong gamma more than CHOCO-SGD does, while it learns; consensus alone it does not speed up',
    notes: [
      `Consensus: ${setting.nodes} models of ${setting.parameters} normal draws on a ring, nothing to learn, top 10 % and 1 %. Gamma_t is the sum of squared distances to the mean model. Expected (simulation): means of 16 runs of a second, naive simulation; tolerance ${errors} standard errors of the difference of its mean and that of ${gatherings} runs here. Beside: check values of a third program.`,
      `Learning: ${nodes} nodes on a ring, ${rows} digits of which a node has few kinds (dirichlet:0.1), softmax, batch 16, sgd:rate=0.1, ${rounds} rounds of one local step. Loss: test loss of the nodes, each by itself, at the end. A gamma is good when that is at most ${good} times the least of all gammas tried; the ends of that range are interpolated, loss and gamma as logarithms. Means of ${runs} seeds.`,
      'Expected (shape): more decades of good gammas for AdaGossip. Its gamma has the unit of a weight and that of CHOCO none, so only ranges compare.',
    ],
    charts: [
      ...[...new Set(lines.map(({ share }) => share))].map(share => ({
        name: chartOf(share),
        title: `Consensus through messages of the largest ${100 * share} %`,
        x: { label: 'round' },
        y: { label: 'Gamma / Gamma_0', log: true },
      })),
      {
        name: 'sensitivity',
        title: 'Loss when gamma is wrong',
        x: { label: 'gamma, over the best', log: true },
        y: { label: 'loss, over the least', log: true },
      },
    ],
    configurations: ({ seed }) => [
      ...lines.map((line, k) => consensus(line, gatherings, seed + 100 * k)),
      ...sweeps.map(sweep => learning(sweep, given, seed)),
    ],
    conclude: marks => gathered(marks, lines),
  };
}

function learning({ share, gammas }: Sweep, { nodes, rows, rounds, runs }: AdaptiveSizes, first: number): Configuration {
  const base: ExperimentInput = {
    ...{ data: `digits:${rows}`, model: 'softmax', batch: 16, partition: 'dirichlet:0.1', optimizer: 'sgd:rate=0.1', track: 0 },
    ...{ nodes, topology: 'ring', clock: 'constant:mean=1', time: rounds + 0.5, evaluateEvery: `${rounds}s` },
  };
  const tried = rules.flatMap(rule => gammas[rule].map(gamma => ({ rule, gamma })));
  const name = `top ${100 * share} %`;
  return {
    name: `learning: ${name}`,
    work: 4,
    runs: tried.flatMap(({ rule, gamma }) =>
      Array.from({ length: runs }, (_, k) => ({
        ...{ ...base, seed: first + k },
        algorithm: `${rule}:steps=1,compress=topk:${share},gamma=${gamma}`,
      })),
    ),
    read(done) {
      const of = (rule: Rule) => {
        const from = rule === 'choco' ? 0 : gammas.choco.length;
        return gammas[rule].map((_, k) => done.slice((from + k) * runs, (from + k + 1) * runs));
      };
      const found = rules.map(rule => sensitivity(`${name}, ${rule}`, gammas[rule], of(rule)));
      const [choco, adagossip] = found.map(({ decades }) => decades);
      const wider = meanOf(adagossip.map((value, k) => value - choco[k]));
      return {
        rows: [
          ...found.flatMap(one => one.rows),
          between(`${name}: decades of good gammas, adagossip less choco`, wider, 0, null),
        ],
        marks: found.flatMap(one => one.marks),
      };
    },
  };
}

/** `runs`: for each gamma one of each seed. */
function sensitivity(series: string, gammas: readonly number[], runs: readonly (readonly Completed[])[]) {
  const losses = runs.map(seeds => seeds.map(({ done }) => done.meanLoss));
  const bySeed = losses[0].map((_, k) => losses.map(seeds => seeds[k]));
  const ranges = bySeed.map(values => goodRange(gammas, values));
  const decades = ranges.map(([low, high]) => Math.log10(high / low));
  const means = losses.map(average);
  const least = Math.min(...means);
  const best = gammas[means.indexOf(least)];
  const middle = (values: readonly number[]) => 10 ** average(values.map(Math.log10));
  const rows: Row[] = [
    shown(`${series}: least loss`, meanOf(bySeed.map(values => Math.min(...values)))),
    shown(`${series}: gamma of the least loss`, { value: best, error: Number.NaN }),
    shown(`${series}: least good gamma`, { value: middle(ranges.map(([low]) => low)), error: Number.NaN }),
    shown(`${series}: largest good gamma`, { value: middle(ranges.map(([, high]) => high)), error: Number.NaN }),
    shown(`${series}: decades of good gammas`, meanOf(decades)),
  ];
  const marks: Mark[] = gammas.map((gamma, k) => ({ chart: 'sensitivity', series, x: gamma / best, y: means[k] / least }));
  return { rows, marks, decades };
}

/** Around the least of the losses, where they are at most `good` times as large: NaN at an end that was not reached. */
export function goodRange(gammas: readonly number[], losses: readonly number[]): [low: number, high: number] {
  const best = losses.indexOf(Math.min(...losses));
  const most = Math.log(good * losses[best]);
  const end = (step: 1 | -1) => {
    let k = best;
    while (Math.log(losses[k]) <= most) k += step;
    const [inside, outside] = [k - step, k];
    const part = (most - Math.log(losses[inside])) / (Math.log(losses[outside]) - Math.log(losses[inside]));
    return gammas[inside] * (gammas[outside] / gammas[inside]) ** part;
  };
  return [end(-1), end(1)];
}
