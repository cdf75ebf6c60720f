/** R10: nodes that are heard more often pull FedAvg to their side, and FedPBC not (Xiang and others, arXiv 2404.10091). */

import type { ExperimentInput } from '../engine/experiment.js';
import { averagingSettles, type Participation, postponedSettles } from '../theory/participation.js';
import { averageAfter } from './nothing.js';
import type { Configuration, Mark, Reproduction } from './reproduction.js';
import { between, near, type Origin, type Row } from './row.js';

export interface ParticipationSizes {
  readonly nodes: number;
  /** Local steps of a round. */
  readonly steps: number;
  /** Step sizes, the first for FedAvg and the mean of all too. */
  readonly rates: readonly number[];
  /** Looks after the warm-up, of two rounds each. */
  readonly looks: number;
}

const sizes: ParticipationSizes = { nodes: 100, steps: 5, rates: [0.05, 0.01, 0.002], looks: 2000 };
const [low, high] = [0.1, 0.9];
const server = new URL('./heard.js', import.meta.url).href;

export function participation({ nodes, steps, rates, looks }: ParticipationSizes = sizes): Reproduction {
  const places = Array.from({ length: nodes }, (_, node) => node / (nodes - 1));
  const all: Participation = { optima: places, chances: places.map(place => low + (high - low) * place) };
  const [first] = rates;
  const kept = (rate: number) => (1 - rate) ** steps;
  const inputOf = (algorithm: string, rate: number): ExperimentInput => ({
    ...{ data: 'none', model: `noise:1,variance=0,curvature=1,apart=${1 / (nodes - 1)}`, batch: 1, track: 0, nodes },
    ...{ optimizer: `sgd:rate=${rate}`, clock: 'constant:mean=1' },
    algorithm: `${algorithm}:steps=${steps},p=${low}..${high}`,
  });
  /** Where `algorithm` settles, as a row and a mark. */
  const cell = (
    series: string,
    algorithm: string,
    rate: number,
    expected: number,
    share: number,
    from: Origin,
    seed: number,
  ): Configuration => {
    const warmUp = Math.ceil(-Math.log(1e-5) / -Math.log(kept(rate)));
    const name = `${series}, eta = ${rate}`;
    return {
      name,
      work: warmUp + 2 * looks,
      // between two rounds, as those end at whole seconds
      runs: [{ ...inputOf(algorithm, rate), seed, time: warmUp + 2 * looks + 0.5, evaluateEvery: '2.002s' }],
      read([run]) {
        const found = averageAfter(warmUp, run, ({ loss }) => Math.sqrt(2 * loss)); // the loss is half the square of the model
        return {
          rows: [near(`${name}: settles at`, found, expected, share, from)],
          marks: [{ chart: 'bias', series, x: rate, y: found.value, error: found.error, expected }],
        };
      },
    };
  };
  return {
    id: 'R10',
    about:
      'nodes that are heard more often: FedAvg settles on their side, FedPBC in the middle; its server does as steps grow small',
    notes: [
      `${nodes} nodes, ${steps} steps a round, node i pulls towards u_i = i / ${nodes - 1} with curvature 1, and is heard with p = ${low} .. ${high}, evenly; the mean of the u_i is 0.5.`,
      'Expected (exact, our own derivation): FedAvg at the sum of u_i E[1{i heard} / number heard], about sum p u / sum p; the mean of all under FedPBC at 0.5.',
      'The server of FedPBC, the mean of those who are heard, in the limit of many nodes: sum w u / sum w, w_i = p_i / (1 - (1 - p_i) (1 - eta)^H); within 1 %.',
    ],
    charts: [
      {
        name: 'bias',
        title: 'Where rounds with unequal links settle',
        x: { label: 'step size', log: true },
        y: { label: 'model; 0.5 has no bias' },
        expected: 'theory',
      },
    ],
    configurations: ({ seed }) => [
      cell('FedAvg', 'fedavg', first, averagingSettles(all), 0.01, 'exact', seed),
      cell('FedPBC, mean of all', 'fedpbc', first, postponedSettles(all, kept(first)).mean, 0.002, 'exact', seed + 1),
      ...rates.map((rate, k) =>
        cell(
          'FedPBC, server',
          server,
          rate,
          postponedSettles(all, kept(rate)).server,
          0.01,
          'exact for many nodes, near here',
          seed + 2 + k,
        ),
      ),
    ],
    conclude: marks => comparison(marks, rates),
  };
}

/** What the paper says in words. */
function comparison(marks: readonly Mark[], rates: readonly number[]): Row[] {
  const bias = (series: string, rate: number) => {
    const { y, error = 0 } = marks.find(mark => mark.series === series && mark.x === rate)!;
    return { value: Math.abs(y - 0.5), error };
  };
  const [first, last] = [rates[0], rates[rates.length - 1]];
  const over = (a: ReturnType<typeof bias>, b: ReturnType<typeof bias>) => ({ value: a.value / b.value, error: Number.NaN });
  const averaging = bias('FedAvg', first);
  return [
    between(
      'bias of the mean of all under FedPBC, over that of FedAvg',
      over(bias('FedPBC, mean of all', first), averaging),
      null,
      0.02,
    ),
    between('bias of the server of FedPBC, over that of FedAvg', over(bias('FedPBC, server', first), averaging), null, 0.7),
    between(
      `bias of the server at eta = ${last}, over that at eta = ${first}`,
      over(bias('FedPBC, server', last), bias('FedPBC, server', first)),
      null,
      (2 * last) / first + 0.1,
    ),
  ];
}
