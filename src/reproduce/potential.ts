/** R5: how far models are apart when their work is pure noise, by graph and by rule (SwarmSGD, Nadiradze et al. 2021, arXiv 1910.12308). */

import type { ExperimentInput } from '../engine/experiment.js';
import { type Interaction, stationaryPotential } from '../theory/potential.js';
import { degree } from '../topology/graph.js';
import { spectralGap } from '../topology/spectrum.js';
import { topology } from '../topology/topology.js';
import { ratioOf } from './measured.js';
import { averageAfter } from './nothing.js';
import { type Configuration, type Mark, measuredAt, type Reproduction } from './reproduction.js';
import { between, near, type Row } from './row.js';

export interface PotentialSizes {
  readonly complete: readonly number[];
  readonly ring: readonly number[];
  readonly hypercube: readonly number[];
  readonly torus: readonly number[];
  /** Coordinates of a model: replicas of each other, but for the edges, which they share. */
  readonly parameters: number;
  /** Looks times n. */
  readonly looks: number;
}

const sizes: PotentialSizes = {
  complete: [4, 8, 16, 32, 64],
  ring: [4, 8, 16, 32, 64],
  hypercube: [8, 16, 32, 64],
  torus: [9, 16, 36, 64],
  parameters: 64,
  looks: 40_000,
};

const blocking: Interaction = { both: true, order: 'commit' };
const rules: readonly (readonly [name: string, rule: Interaction])[] = [
  ['both, commit first', blocking],
  ['both, mix first', { both: true, order: 'mix' }],
  ['initiator, mix first', { both: false, order: 'mix' }],
  ['initiator, commit first', { both: false, order: 'commit' }],
];

export function potential({ parameters, looks, ...graphs }: PotentialSizes = sizes): Reproduction {
  return {
    id: 'R5',
    about:
      'distance between models whose work is noise: bounded on the complete graph for each of four rules, growing like n on the ring',
    notes: [
      `Random edges interact; the work of a node is noise with E|noise|^2 = V = 1 over ${parameters} coordinates. Gamma is the sum of squared distances to the mean model.`,
      'Expected (exact, our own derivation from the Laplacian eigenvalues; the paper bounds it from above): Gamma of a uniform random edge at a time, complete graph within 3 %, others within 8 %.',
      'Averages after eight times of the slowest mode.',
    ],
    charts: [
      {
        name: 'potential',
        title: 'Distance between models, noise alone',
        x: { label: 'nodes n', log: true },
        y: { label: 'Gamma / (n V)', log: true },
        expected: 'exact',
      },
    ],
    configurations: ({ seed }) => [
      ...rules.flatMap(([name, rule]) =>
        graphs.complete.map(nodes => cell({ graph: 'complete', nodes, name, rule, parameters, looks, seed })),
      ),
      ...(['ring', 'hypercube', 'torus'] as const).flatMap(graph =>
        graphs[graph].map(nodes => cell({ graph, nodes, name: rules[0][0], rule: blocking, parameters, looks, seed })),
      ),
    ],
    conclude: marks => [largest(marks), growth(marks)],
  };
}

interface Cell {
  readonly graph: string;
  readonly nodes: number;
  readonly name: string;
  readonly rule: Interaction;
  readonly parameters: number;
  readonly looks: number;
  readonly seed: number;
}

function cell({ graph: spec, nodes, name, rule, parameters, looks, seed }: Cell): Configuration {
  const graph = topology(spec, nodes, seed);
  const expected = stationaryPotential(graph, rule, 1).value / nodes;
  // A second has n interactions, and each takes the mode of eigenvalue l down by l / edges.
  const slowest = degree(graph, 0) / 2 / spectralGap(graph).lambda2;
  const warmUp = 8 * slowest;
  const pause = Math.max(1, slowest / 2);
  const time = warmUp + (looks / nodes) * pause;
  const series = `${spec}: ${name}`;
  const input: ExperimentInput = {
    ...{ data: 'none', model: `noise:${parameters}`, optimizer: 'sgd:rate=1', batch: 1, track: 0, clock: 'edges' },
    ...{ nodes, topology: spec, seed, time, evaluateEvery: `${pause.toPrecision(6)}s` },
    algorithm: `swarm:steps=1,both=${rule.both},order=${rule.order}`,
  };
  return {
    name: `${series}, n = ${nodes}`,
    work: time * nodes,
    runs: [input],
    read([run]) {
      const found = averageAfter(warmUp, run, ({ consensus }) => consensus);
      return {
        rows: [near(`${series}, n = ${nodes}: Gamma / n`, found, expected, spec === 'complete' ? 0.03 : 0.08)],
        marks: [{ chart: 'potential', series, x: nodes, y: found.value, error: found.error, expected }],
      };
    },
  };
}

/** On the complete graph it never exceeds V a node, however many there are. */
function largest(marks: readonly Mark[]): Row {
  const points = marks.filter(({ series }) => series === `complete: ${rules[0][0]}`);
  const most = points.reduce((a, b) => (b.y > a.y ? b : a));
  const what = `complete: ${rules[0][0]}: the largest Gamma / n of all n`;
  return between(what, measuredAt(most), null, 1.03);
}

/** On the ring it grows in proportion to n. */
function growth(marks: readonly Mark[]): Row {
  const points = marks.filter(({ series }) => series.startsWith('ring')).sort((a, b) => a.x - b.x);
  const [first, last] = [points[Math.max(0, points.length - 3)], points[points.length - 1]];
  const wanted = last.x / first.x;
  const what = `ring: Gamma / n at n = ${last.x} over that at n = ${first.x}`;
  return between(what, ratioOf(measuredAt(last), measuredAt(first)), 0.8 * wanted, 1.3 * wanted);
}
