/** R12: the error of coupled problems falls like 1 / (n k): n nodes do the work of n (Yang and Lei, arXiv 2404.13669). */

import type { ExperimentInput } from '../engine/experiment.js';
import { type CoupledSteps, coupledError } from '../theory/coupled.js';
import { degree } from '../topology/graph.js';
import { laplacianSpectrum } from '../topology/spectrum.js';
import { topology } from '../topology/topology.js';
import { type Configuration, type Mark, measuredAt, type Reproduction } from './reproduction.js';
import { between, near, type Row } from './row.js';

export interface CoupledCase {
  readonly topology: string;
  readonly nodes: number;
  /** c_k / a_k. */
  readonly ratio: number;
  /** Unknowns of a model: runs beside each other. */
  readonly unknowns: number;
  /** n k MSE after each of the numbers of rounds, from an independent program. */
  readonly beside?: readonly number[];
}

export interface CoupledSizes {
  /** Numbers of rounds, each a multiple of the first. */
  readonly rounds: readonly number[];
  readonly cases: readonly CoupledCase[];
}

const sizes: CoupledSizes = {
  rounds: [100, 1000, 5000],
  cases: [
    { topology: 'ring', nodes: 1, ratio: 1, unknowns: 1024, beside: [4.0, 3.1, 2.2] },
    { topology: 'ring', nodes: 4, ratio: 1, unknowns: 1024, beside: [7.9, 2.5, 2.1] },
    { topology: 'ring', nodes: 16, ratio: 1, unknowns: 512, beside: [23, 2.8, 2.9] },
    { topology: 'ring', nodes: 64, ratio: 1, unknowns: 256, beside: [98, 4.0, 3.2] },
    { topology: 'ring', nodes: 16, ratio: 2, unknowns: 256 },
    { topology: 'torus', nodes: 16, ratio: 1, unknowns: 256 },
    { topology: 'complete', nodes: 16, ratio: 1, unknowns: 256 },
  ],
};

const steps = { rate: 2, offset: 20, variance: 1 };

export function coupled({ rounds, cases }: CoupledSizes = sizes): Reproduction {
  return {
    id: 'R12',
    about: 'a model and the parameter that it rests on, learnt at once: n k MSE is flat, after a transient that grows with n',
    notes: [
      `g = x - theta + N(0, 1), phi = theta - 1 + N(0, 1), a component; steps a_k = ${steps.rate} / (k + ${steps.offset}), those of theta ratio x a_k; all at 0 at first; MSE is the mean over the nodes of (x - 1)^2.`,
      'Expected (exact, our own recursion of second moments along the eigenvectors of W), within four standard errors of so many unknowns, 25 % at most; beside it an independent program, one seed.',
      `At the end, n k MSE of every ring must be from 1.5 to 3.75: 2 to 3, 25 % off; the paper has O(1 / (n k)) after a transient of O(n / (1 - rho)^2).`,
    ],
    charts: [
      {
        name: 'coupled',
        title: 'Error of coupled problems',
        x: { label: 'rounds k', log: true },
        y: { label: 'n k MSE', log: true },
        expected: 'exact',
      },
    ],
    configurations: ({ seed }) => cases.map((one, k) => cell(one, rounds, seed + k)),
    conclude: marks => flatness(marks, rounds[rounds.length - 1]),
  };
}

/** Eigenvalues of the mixing matrix of a regular graph, all of whose weights are 1 / (degree + 1). */
function mixingSpectrum(spec: string, nodes: number): number[] {
  const graph = topology(spec, nodes, 1);
  return [...laplacianSpectrum(graph)].map(value => 1 - value / (degree(graph, 0) + 1));
}

function cell(
  { topology: spec, nodes, ratio, unknowns, beside }: CoupledCase,
  rounds: readonly number[],
  seed: number,
): Configuration {
  const series = `${spec}, n = ${nodes}${ratio === 1 ? '' : `, ratio ${ratio}`}`;
  const share = Math.min(0.25, 4 * Math.sqrt(2 / unknowns));
  const theory: CoupledSteps = { ...steps, ratio };
  const [first, last] = [rounds[0], rounds[rounds.length - 1]];
  const input: ExperimentInput = {
    ...{ data: 'none', model: `coupled:${unknowns}`, batch: 1, nodes, topology: spec, track: 0, evaluate: 'full', seed },
    ...{ algorithm: ratio === 1 ? 'cdsa' : `cdsa:ratio=${ratio}`, clock: 'constant:mean=1' },
    optimizer: `sgd:rate=${steps.rate},schedule=harmonic,offset=${steps.offset}`,
    // a little after whole numbers, as rounds end at those
    ...{ time: last + 0.9, evaluateEvery: `${first + (0.5 * first) / last}s` },
  };
  return {
    name: series,
    work: nodes * unknowns,
    runs: [input],
    read([{ samples }]) {
      const exact = coupledError(mixingSpectrum(spec, nodes), theory, rounds);
      const rows: Row[] = [];
      const marks: Mark[] = [];
      rounds.forEach((round, k) => {
        const sample = samples.find(({ virtual }) => Math.floor(virtual!.time) === round);
        const scale = nodes * round;
        const value = sample ? (scale * 2 * sample.meanLoss!) / unknowns : Number.NaN;
        const found = { value, error: value * Math.sqrt(2 / unknowns) };
        const row = near(`${series}: n k MSE at k = ${round}`, found, scale * exact[k], share);
        rows.push({ ...row, beside: beside?.[k] ?? null });
        marks.push({ chart: 'coupled', series, x: round, y: value, error: found.error, expected: scale * exact[k] });
      });
      return { rows, marks };
    },
  };
}

/** The error falls like 1 / n and like 1 / k. */
function flatness(marks: readonly Mark[], last: number): Row[] {
  const rings = marks.filter(({ series, x }) => x === last && /^ring, n = \d+$/.test(series));
  const [least, most] = [Math.min, Math.max].map(choose => rings.find(({ y }) => y === choose(...rings.map(({ y }) => y)))!);
  return [
    between(`ring: n k MSE at k = ${last}, the smallest of all n`, measuredAt(least), 1.5, 3.75),
    between(`ring: n k MSE at k = ${last}, the largest of all n`, measuredAt(most), 1.5, 3.75),
  ];
}
