/**
 * Where federated rounds settle when some nodes are heard more often than others (Xiang and others, arXiv 2404.10091, for the question;
 * the forms are our own). Node i pulls towards its own optimum u_i with one curvature for all: its local steps take x to u_i + r (x -
 * u_i), r from 0 to below 1, (1 - eta h)^H for H steps. In each round it is heard with probability p_i, independently of all else.
 */

import { HearsayError } from '../errors.js';
import { requireNumber } from './range.js';

/** u_i and p_i, node by node: as many of the one as of the other. */
export interface Participation {
  readonly optima: readonly number[];
  /** Above 0, up to 1. */
  readonly chances: readonly number[];
}

/**
 * The weight of each node in the model that FedAvg (the mean of those who are heard; nobody: no change) settles at; the weights sum to 1.
 * Theorem: the mean of the model is the sum of weight x u_i for any r, with the weight E[1{i heard} / number heard | somebody is]. About
 * p_i / sum of p for many nodes. The expectation is p_i times the integral over t from 0 to 1 of the product over j other than i of 1 -
 * p_j + p_j t. Throws CONFIG_RANGE.
 */
export function averagingWeights(chances: readonly number[]): number[] {
  requireChances(chances);
  const silent = chances.reduce((product, p) => product * (1 - p), 1);
  const sums = chances.map(() => 0);
  // Gauss's rule of two points in cells that are narrow where the product is steep, at 1
  const cells = 4000;
  for (let cell = 0; cell < cells; cell++) {
    const [from, to] = [1 - (1 - cell / cells) ** 2, 1 - (1 - (cell + 1) / cells) ** 2];
    for (const side of [-1, 1]) {
      const t = (from + to) / 2 + (side * (to - from)) / (2 * Math.sqrt(3));
      const all = chances.reduce((product, p) => product * (1 - p + p * t), 1);
      for (let i = 0; i < chances.length; i++) sums[i] += ((to - from) / 2) * (all / (1 - chances[i] + chances[i] * t));
    }
  }
  return sums.map((sum, i) => (chances[i] * sum) / (1 - silent));
}

/** Where FedAvg settles: its mean in the stationary state. Throws CONFIG_RANGE. */
export function averagingSettles({ optima, chances }: Participation): number {
  requireBoth({ optima, chances });
  return averagingWeights(chances).reduce((sum, weight, i) => sum + weight * optima[i], 0);
}

/**
 * Where FedPBC (those who are heard take their mean, the others keep their own) settles. `mean`: of the models of all, the mean of the
 * optima. Theorem: local steps take the mean m to u + r (m - u), and no exchange moves it. `server`: what those who are heard take.
 * Approximation for many nodes, whose mean then hardly scatters: sum of w_i u_i / sum of w_i with w_i = p_i / (1 - (1 - p_i) r), as node i
 * has been alone for k rounds with the chance p (1 - p)^(k-1). Unbiased as r goes to 1, small steps. Throws CONFIG_RANGE.
 */
export function postponedSettles({ optima, chances }: Participation, kept: number): { mean: number; server: number } {
  requireBoth({ optima, chances });
  requireNumber('participation: share kept by local steps', kept, { min: 0, below: 1 });
  const weights = chances.map(p => p / (1 - (1 - p) * kept));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    mean: optima.reduce((sum, u) => sum + u, 0) / optima.length,
    server: weights.reduce((sum, weight, i) => sum + weight * optima[i], 0) / total,
  };
}

function requireBoth({ optima, chances }: Participation): void {
  requireChances(chances);
  if (optima.length === chances.length) return;
  throw new HearsayError(
    'CONFIG_RANGE',
    `participation: found ${optima.length} optima and ${chances.length} chances, allowed is one of each for every node`,
  );
}

function requireChances(chances: readonly number[]): void {
  requireNumber('participation: nodes', chances.length, { whole: true, min: 1, max: 1e5 });
  chances.forEach((p, i) => {
    requireNumber(`participation: chance of node ${i}`, p, { above: 0, max: 1 });
  });
}
