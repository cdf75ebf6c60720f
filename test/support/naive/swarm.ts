/**
 * Interactions at the edges of a graph when nobody has anything to learn: the local work between two interactions is noise of mean 0 and
 * total variance `variance`. At every step a uniformly chosen edge, in a random direction (initiator first), interacts by one rule:
 *
 *   blocking       both add their work, then both become the average                     (SwarmSGD, arXiv 1910.12308, with locks)
 *   non-blocking   both become the average of before, then each adds its own work
 *   initiator      both become the average of before, then the initiator adds its work
 *   commit         the initiator adds its work, then both become the average
 *
 * Measured is Gamma = sum_i |x_i - mean|^2 after an interaction, averaged over the interactions.
 */

import type { Graph } from './graph.js';
import { random } from './random.js';

export type Rule = 'blocking' | 'non-blocking' | 'initiator' | 'commit';

export interface Swarm {
  readonly graph: Graph;
  readonly rule: Rule;
  readonly variance: number;
  /** Coordinates of a model, among which the variance is divided. */
  readonly dimensions: number;
  /** Interactions before the first that counts, and interactions that count. */
  readonly warmUp: number;
  readonly interactions: number;
  readonly seed: number;
}

/** Average of Gamma, from models that begin at 0. */
export function meanGamma({ graph, rule, variance, dimensions, warmUp, interactions, seed }: Swarm): number {
  const draw = random(seed);
  const edges = graph.neighbours.flatMap((list, i) => list.map(j => [i, j] as const));
  const x = graph.neighbours.map(() => new Array<number>(dimensions).fill(0));
  const deviation = Math.sqrt(variance / dimensions);
  let sum = 0;
  for (let step = 0; step < warmUp + interactions; step++) {
    const [i, j] = edges[draw.below(edges.length)];
    for (let k = 0; k < dimensions; k++) {
      const [mine, other] = [deviation * draw.normal(), deviation * draw.normal()];
      const [a, b] = [x[i][k], x[j][k]];
      if (rule === 'blocking') x[i][k] = x[j][k] = (a + mine + b + other) / 2;
      if (rule === 'non-blocking') [x[i][k], x[j][k]] = [(a + b) / 2 + mine, (a + b) / 2 + other];
      if (rule === 'initiator') [x[i][k], x[j][k]] = [(a + b) / 2 + mine, (a + b) / 2];
      if (rule === 'commit') x[i][k] = x[j][k] = (a + mine + b) / 2;
    }
    if (step >= warmUp) sum += gamma(x);
  }
  return sum / interactions;
}

/** Sum over nodes of the squared distance to the mean model. */
export function gamma(x: readonly (readonly number[])[]): number {
  let total = 0;
  for (let k = 0; k < x[0].length; k++) {
    let [sum, squares] = [0, 0];
    for (const model of x) sum += model[k];
    for (const model of x) squares += (model[k] - sum / x.length) ** 2;
    total += squares;
  }
  return total;
}

/**
 * The exact stationary value on a graph whose edges are all alike, from the recursion of the covariance of the models: an interaction at a
 * random edge takes an eigendirection of the Laplacian (eigenvalue l, m edges, degree r) from c to
 * c - l c / m + q l / (4 m) + v(l), where q is the mean squared difference over an edge and v(l) the variance that the rule's work adds:
 *
 *   blocking V (2 r - l) / (2 m)    commit: half of it    non-blocking V r / m    initiator: half of it
 *
 * Summed over the directions, q = 2 sum v.
 */
export function stationaryGamma({ neighbours, eigenvalues }: Graph, rule: Rule, variance: number): number {
  const degree = neighbours[0].length;
  const edges = (neighbours.length * degree) / 2;
  const together = (l: number) => (variance * (2 * degree - l)) / (2 * edges);
  const apart = () => (variance * degree) / edges;
  const added = {
    blocking: together,
    'non-blocking': apart,
    initiator: () => apart() / 2,
    commit: (l: number) => together(l) / 2,
  }[rule];
  const q = 2 * eigenvalues.reduce((sum, l) => sum + added(l), 0);
  return eigenvalues.reduce((sum, l) => sum + q / 4 + (edges * added(l)) / l, 0);
}
