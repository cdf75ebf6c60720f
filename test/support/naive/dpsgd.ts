/**
 * Synchronous decentralized SGD (D-PSGD, Lian et al. 2017) on f(x) = |x|^2 / 2 with gradient noise of variance `noise`^2 a coordinate:
 *
 *   x_i  <-  sum_j W_ij x_j - rate (x_i + noise),   W_ij = 1 / (degree + 1) for a node and its neighbours
 */

import type { Graph } from './graph.js';
import { random } from './random.js';

export interface Dpsgd {
  readonly graph: Graph;
  readonly rate: number;
  readonly noise: number;
  readonly dimensions: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly seed: number;
}

/** Average over the rounds of |mean model|^2, from models that begin at 0. */
export function meanSquare({ graph, rate, noise, dimensions, warmUp, rounds, seed }: Dpsgd): number {
  const draw = random(seed);
  const n = graph.neighbours.length;
  let x = graph.neighbours.map(() => new Array<number>(dimensions).fill(0));
  let sum = 0;
  for (let round = 0; round < warmUp + rounds; round++) {
    x = x.map((own, i) =>
      own.map((value, k) => {
        const mixed = graph.neighbours[i].reduce((total, j) => total + x[j][k], value) / (graph.neighbours[i].length + 1);
        return mixed - rate * (value + noise * draw.normal());
      }),
    );
    if (round < warmUp) continue;
    for (let k = 0; k < dimensions; k++) sum += (x.reduce((total, model) => total + model[k], 0) / n) ** 2;
  }
  return sum / rounds;
}
