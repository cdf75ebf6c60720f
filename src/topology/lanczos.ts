/** The ends of the spectrum of a large sparse symmetric matrix. */

import { normal, source } from '../random.js';
import { eigenvalue } from './eigenvalues.js';

/** Smallest and largest eigenvalue away from the constant vector. Before convergence both lie inside the true interval. */
export interface Ends {
  readonly smallest: number;
  readonly largest: number;
  readonly iterations: number;
  /** True when a quarter more iterations moved neither end by more than 1e-8 of itself. */
  readonly converged: boolean;
}

/**
 * Lanczos' iteration (Golub and Van Loan, algorithm 10.1.1) on the space orthogonal to the constant vector, which must be an
 * eigenvector; n >= 2. Old vectors are not kept and not orthogonalised again: that only finds some eigenvalues repeatedly, and
 * leaves the ends right (Paige 1972). Starts from a fixed counted vector. `multiply(x, y)` writes y = A x. Takes at most `limit`
 * iterations.
 */
export function ends(n: number, multiply: (x: Float64Array, y: Float64Array) => void, limit: number): Ends {
  const diagonal: number[] = [];
  const beside: number[] = [];
  const draws = source(0, 'lanczos start');
  let previous = new Float64Array(n);
  let current = Float64Array.from({ length: n }, (_, i) => normal(draws, 0, i));
  let next = new Float64Array(n);
  centre(current);
  normalise(current);

  let [smallest, largest, converged] = [Number.NaN, Number.NaN, false];
  for (let check = 16; !converged && diagonal.length < limit; ) {
    multiply(current, next);
    const along = dot(current, next);
    const back = beside.at(-1) ?? 0;
    for (let i = 0; i < n; i++) next[i] -= along * current[i] + back * previous[i];
    centre(next); // rounding brings the constant vector back in
    diagonal.push(along);
    beside.push(normalise(next));
    [previous, current, next] = [current, next, previous];

    const iterations = diagonal.length;
    const norm = Math.max(...diagonal.slice(-2).map(Math.abs), Math.abs(smallest || 0), Math.abs(largest || 0));
    const exhausted = beside[iterations - 1] <= 1e-12 * norm; // the vectors so far span all there is to find
    if (iterations < check && iterations < limit && !exhausted) continue;
    check = Math.ceil(check * 1.25);
    const before = [smallest, largest];
    smallest = eigenvalue({ diagonal, beside }, iterations, 0);
    largest = eigenvalue({ diagonal, beside }, iterations, iterations - 1);
    const settled = [smallest, largest].every((end, k) => Math.abs(end - before[k]) <= 1e-8 * Math.abs(end) + 1e-15 * norm);
    converged = settled || exhausted;
  }
  return { smallest, largest, iterations: diagonal.length, converged };
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

function centre(x: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i];
  const mean = sum / x.length;
  for (let i = 0; i < x.length; i++) x[i] -= mean;
}

/** Scales x to length 1, unless it is zero, and returns the length it had. */
function normalise(x: Float64Array): number {
  const length = Math.sqrt(dot(x, x));
  if (length > 0) for (let i = 0; i < x.length; i++) x[i] /= length;
  return length;
}
