/** How fast push-sum brings models together, round by round, on edges that may go one way (Kempe, Dobra, Gehrke 2003). */

import { requireNumber } from './range.js';
import type { Rounds } from './rounds.js';

/** Nodes up to which the matrix is looked at. */
export const mostPushing = 256;

/**
 * The part of the distance between models that a round leaves in the long run: of what a node has, it and its receivers get equal parts,
 * so the columns of the matrix of a round sum to 1; over a period of P rounds it is the P-th root of the second largest absolute
 * eigenvalue of their product. Masses converge as fast as what they weigh, so the models between them do too. 0 where a period makes all
 * equal, 1 where the graph falls apart. The eigenvalue is the limit of |B^m|^(1/m), B the product less 1/n (which takes the eigenvalue 1
 * away and no other, as columns sum to 1), by squaring (Gelfand 1941). O(n^3). Throws CONFIG_RANGE above `mostPushing` nodes.
 */
export function pushSumRadius(rounds: Rounds): number {
  const { nodes, period } = rounds;
  requireNumber('push-sum: nodes', nodes, { whole: true, min: 2, max: mostPushing });
  let product = matrixOf(rounds, 0);
  for (let round = 1; round < period; round++) product = times(matrixOf(rounds, round), product, nodes);
  const radius = spectralRadius(
    product.map(value => value - 1 / nodes),
    nodes,
  );
  return radius ** (1 / period);
}

function matrixOf({ nodes, receivers }: Rounds, round: number): Float64Array {
  const matrix = new Float64Array(nodes * nodes);
  for (let from = 0; from < nodes; from++) {
    const to = [from, ...receivers(from, round)];
    for (const receiver of to) matrix[receiver * nodes + from] = 1 / to.length;
  }
  return matrix;
}

/** Below this a norm is what rounding left of 0. */
const nothing = 1e-14;

function spectralRadius(start: Float64Array, n: number): number {
  let matrix = start;
  let [exponent, before] = [0, Number.NaN]; // log2 of what was divided out
  for (let k = 0; k < 40; k++) {
    const norm = Math.sqrt(matrix.reduce((sum, value) => sum + value * value, 0));
    if (norm < nothing && k < 8) return 0;
    exponent += Math.log2(norm);
    const estimate = 2 ** (exponent / 2 ** k);
    if (Math.abs(estimate - before) <= 1e-13 * estimate) return estimate;
    before = estimate;
    matrix = matrix.map(value => value / norm);
    matrix = times(matrix, matrix, n);
    exponent *= 2;
  }
  return before;
}

function times(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const left = a[i * n + k];
      if (left === 0) continue;
      for (let j = 0; j < n; j++) product[i * n + j] += left * b[k * n + j];
    }
  return product;
}
