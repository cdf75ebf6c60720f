/**
 * How far x is from where it belongs when two coupled problems are learnt by rounds (Yang and Lei, arXiv 2404.13669, for the question; the
 * recursion is our own): the model `coupled` of src/models/coupled.ts on n nodes, all at 0 at first,
 *
 *   x <- W (x - a_k (x - theta + noise)),   theta <- W (theta - c_k (theta - 1 + noise))
 *
 * In the direction of an eigenvalue l of W both are multiplied by l after their steps, and the second moments of the errors, P = E x^2, Q
 * = E x theta, R = E theta^2, close: three numbers a direction. The errors at first lie along the eigenvalue 1.
 */

import { HearsayError } from '../errors.js';
import { requireNumber } from './range.js';

export interface CoupledSteps {
  /** a_k = rate / (k + offset). */
  readonly rate: number;
  readonly offset: number;
  /** c_k / a_k. */
  readonly ratio: number;
  /** Of the noise of each component. */
  readonly variance: number;
}

/**
 * E (x_i - 1)^2, a component, the mean over nodes, after each of the numbers of `rounds` (ascending). `eigenvalues`: of W, symmetric and
 * doubly stochastic, as many as nodes. Throws CONFIG_RANGE.
 */
export function coupledError(
  eigenvalues: readonly number[],
  { rate, offset, ratio, variance }: CoupledSteps,
  rounds: readonly number[],
): number[] {
  for (const [name, value] of Object.entries({ rate, offset, ratio })) requireNumber(name, value, { above: 0 });
  requireNumber('variance', variance, { min: 0 });
  const nodes = eigenvalues.length;
  const first = eigenvalues.reduce((best, value, k) => (Math.abs(value - 1) < Math.abs(eigenvalues[best] - 1) ? k : best), 0);
  if (nodes === 0 || Math.abs(eigenvalues[first] - 1) > 1e-9 || eigenvalues.some(value => !(Math.abs(value) <= 1 + 1e-9)))
    throw new HearsayError(
      'CONFIG_RANGE',
      'eigenvalues: allowed are numbers from -1 to 1, one of them 1: those of a mixing matrix',
    );
  const total = new Array<number>(rounds.length).fill(0);
  for (const [k, eigenvalue] of eigenvalues.entries()) {
    const square = eigenvalue * eigenvalue;
    let p = k === first ? nodes : 0;
    let q = p;
    let r = p;
    let next = 0;
    for (let round = 0; next < rounds.length; round++) {
      for (; next < rounds.length && rounds[next] <= round; next++) total[next] += p / nodes;
      const a = rate / (round + offset);
      const c = ratio * a;
      const [u, v] = [1 - a, 1 - c];
      p = square * (u * u * p + 2 * a * u * q + a * a * (r + variance));
      q = square * v * (u * q + a * r);
      r = square * (v * v * r + c * c * variance);
    }
  }
  return total;
}
