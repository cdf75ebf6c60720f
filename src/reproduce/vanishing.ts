/**
 * R11: averages of models that started apart lose their variance, and nobody learns; corrected ones do (Tian and others, arXiv
 * 2404.04616).
 */

import type { ExperimentInput } from '../engine/experiment.js';
import { average, type Measured, meanOf } from './measured.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { between, near, type Row } from './row.js';

export interface VanishingSizes {
  readonly nodes: number;
  readonly rows: number;
  readonly epochs: number;
  /** Mean loss of the nodes, to which the epochs are counted. */
  readonly loss: number;
  readonly runs: number;
  /** Numbers of models in one average. */
  readonly merged: readonly number[];
}

const sizes: VanishingSizes = { nodes: 16, rows: 2000, epochs: 40, loss: 1.5, runs: 3, merged: [2, 4, 8, 16] };
const spread = new URL('./spread.js', import.meta.url).href;

const kinds = [
  { series: 'the same start', start: 'same', average: 'plain' },
  { series: 'starts of their own', start: 'own', average: 'plain' },
  { series: 'starts of their own, corrected', start: 'own', average: 'corrected' },
] as const;

export function vanishing(given: VanishingSizes = sizes): Reproduction {
  const { nodes, rows, epochs, loss, merged } = given;
  return {
    id: 'R11',
    about: 'gossip of models that start apart: their layers lose variance and nobody learns, unless averages are corrected',
    notes: [
      `${rows} digits, mlp:64,64,64 with Glorot's start, ${nodes} nodes on the complete graph, batch 32, sgd:rate=0.1: a step, then the average with a drawn neighbour. The loss is that of each node's own model, averaged.`,
      `Epochs until it is ${loss}; a run ends after ${epochs}. Expected (shape): a plateau with different starts, none with the same start, none with corrected averages.`,
      'Variance of a layer after the mean of k models that know nothing of each other: 1/k of theirs (exact), so each average of two halves it; corrected, all of it. 20,000 weights: within 4 %.',
    ],
    charts: [
      {
        name: 'plateau',
        title: `Gossip of ${nodes} models, an average after each step`,
        x: { label: 'epochs' },
        y: { label: 'mean loss of the nodes' },
      },
      {
        name: 'variance',
        title: 'Variance of a layer after the mean of k models',
        x: { label: 'k', log: true },
        y: { label: 'share of the variance before', log: true },
        expected: 'exact',
      },
    ],
    configurations: ({ seed }) => [...kinds.map(kind => learning(kind, given, seed)), ...merged.map(k => merging(k, seed))],
    conclude: marks => plateaus(marks, given),
  };
}

function learning(
  { series, start, average: averages }: (typeof kinds)[number],
  { nodes, rows, epochs, runs }: VanishingSizes,
  seed: number,
): Configuration {
  const input: ExperimentInput = {
    ...{
      data: `digits:${rows}`,
      model: 'mlp:64,64,64,start=glorot',
      nodes,
      optimizer: 'sgd:rate=0.1',
      kernels: 'simd',
      track: 0,
    },
    ...{ algorithm: 'swarm:steps=1,order=commit', clock: 'constant:mean=1', start, average: averages },
    ...{ epochs, evaluateEvery: '0.5epochs', evaluate: 'full' },
  };
  return {
    name: series,
    work: epochs,
    runs: Array.from({ length: runs }, (_, k) => ({ ...input, seed: seed + k })),
    read: done => ({
      rows: [],
      marks: done[0].samples.map(({ epoch }, k) => {
        const { value, error } = meanOf(done.map(({ samples }) => samples[k].meanLoss));
        return { chart: 'plateau', series, x: epoch, y: value, error };
      }),
    }),
  };
}

/** k models of their own, whose mean all take in one meeting. */
function merging(k: number, seed: number): Configuration {
  const input: ExperimentInput = {
    ...{ data: 'none', model: `${spread}:parameters=20000`, batch: 1, nodes: k, track: 0, start: 'own', seed },
    ...{ algorithm: 'allreduce', clock: 'constant:mean=1', time: 1.5, evaluateEvery: '1.5s' },
  };
  return {
    name: `mean of ${k}`,
    runs: [input, { ...input, average: 'corrected' }],
    read([plain, corrected]) {
      const shares = [plain, corrected].map(({ samples }): Measured => ({ value: samples.at(-1)!.meanLoss, error: Number.NaN }));
      const mark = (series: string, y: number, expected: number): Mark => ({ chart: 'variance', series, x: k, y, expected });
      return {
        rows: [
          near(`variance after the mean of ${k}`, shares[0], 1 / k, 0.04),
          near(`variance after the corrected mean of ${k}`, shares[1], 1, 0.04),
        ],
        marks: [mark('plain', shares[0].value, 1 / k), mark('corrected', shares[1].value, 1)],
      };
    },
  };
}

/** Epochs until the mean over the runs is there; the end of the runs when it never is. */
function plateaus(marks: readonly Mark[], { loss, epochs }: VanishingSizes): Row[] {
  const [same, own, corrected] = kinds.map(({ series }) => {
    const found = marks.find(mark => mark.series === series && mark.y <= loss);
    return found?.x ?? epochs;
  });
  const late = average(marks.filter(({ series, x }) => series === kinds[1].series && x <= same).map(({ y }) => y));
  const exact = (value: number): Measured => ({ value, error: Number.NaN });
  return [
    between(`epochs to ${loss} with the same start`, exact(same), null, epochs - 1),
    between('epochs with starts of their own, over the same start', exact(own / same), 2, null),
    between('epochs with corrected averages, over the same start', exact(corrected / same), 0.7, 1.4),
    near('mean loss with starts of their own until then: that of guessing', exact(late), Math.log(10), 0.02, 'shape'),
  ];
}
