/**
 * How fast models agree that step towards compressed copies of their neighbours, as in CHOCO-SGD, when nothing is learnt:
 *
 *   h_i <- h_i + C(x_i - h_i),   x_i <- x_i + gamma sum over j of w_ij (h_j - h_i)
 */

import { requireNumber } from './range.js';

/** The spectrum of W, symmetric and doubly stochastic: all eigenvalues, one of them 1. */
export interface Mode {
  readonly eigenvalues: readonly number[];
  /** E |C(x) - x|^2 <= (1 - delta) |x|^2, above 0 and up to 1. */
  readonly delta: number;
}

/**
 * The step gamma* for which convergence is proved, and the part of e = sum |x_i - mean|^2 + |x_i - h_i|^2 that a round then leaves at most
 * (Koloskova, Stich, Jaggi 2019, arXiv 1902.00340, theorem 2; the constants from memory, and below the exact factor wherever it was
 * compared). rho: spectral gap of W; beta: norm of I - W. Throws CONFIG_RANGE.
 */
export function provedConsensus({ eigenvalues, delta }: Mode): { gamma: number; left: number } {
  requireNumber('delta', delta, { above: 0, max: 1 });
  const others = withoutFirst(eigenvalues);
  const rho = 1 - Math.max(...others.map(Math.abs));
  const beta = 1 - Math.min(...others);
  const gamma = (rho ** 2 * delta) / (16 * rho + rho ** 2 + 4 * beta ** 2 + 2 * rho * beta ** 2 - 8 * rho * delta);
  return { gamma, left: 1 - (rho ** 2 * delta) / 82 };
}

/**
 * The part of Gamma, the sum of squared distances to the mean, that a round leaves in the long run: above 1 it grows. Of a C that takes
 * each number with the chance delta, independently of other nodes (randk), and nodes that are all alike (complete graph, ring), exactly, in the
 * mean over its draws; one with E C(x) = delta x and E |C(x) - x|^2 = (1 - delta) |x|^2 has the same moments. With delta = 1 it is max (1 -
 * gamma (1 - l))^2. It is the largest eigenvalue of the map of `openMoments`, by the power method. Throws CONFIG_RANGE.
 */
export function consensusFactor(mode: Mode, gamma: number): number {
  if (mode.delta === 1) return Math.max(...withoutFirst(mode.eigenvalues).map(l => (1 - gamma * (1 - l)) ** 2));
  const moments = openMoments(mode, gamma);
  const rounds = Math.min(20_000, Math.ceil(2e6 / mode.eigenvalues.length));
  let [factor, settled] = [Number.NaN, 0];
  for (let round = 0; round < rounds && settled < 20; round++) {
    moments.step();
    const before = factor;
    factor = moments.rescale();
    settled = Math.abs(factor - before) <= 1e-12 * factor ? settled + 1 : 0;
  }
  return factor;
}

/** Gamma after each of so many rounds, over what it is at first, when numbers are independent at first and copies 0. Throws CONFIG_RANGE. */
export function consensusCourse(mode: Mode, gamma: number, rounds: number): number[] {
  const moments = openMoments(mode, gamma);
  return Array.from({ length: rounds }, () => {
    moments.step();
    return moments.gamma() / (mode.eigenvalues.length - 1);
  });
}

/**
 * Along an eigenvector of W the second moments of x and h move among themselves, and get delta (1 - delta) E(x - h)^2 of an average node
 * more: h' = (1 - delta) h + delta x + noise, x' = x + gamma (l - 1) h'. Own derivation.
 */
function openMoments({ eigenvalues, delta }: Mode, gamma: number) {
  requireNumber('delta', delta, { above: 0, max: 1 });
  requireNumber('gamma', gamma, { above: 0, max: 1e6 });
  const others = withoutFirst(eigenvalues);
  const keep = 1 - delta;
  const xx = Float64Array.from(others, () => 1);
  const xh = new Float64Array(others.length);
  const hh = new Float64Array(others.length);
  let first = 1; // E (x - h)^2 along the mean, which itself stays
  return {
    step() {
      let apart = first;
      for (let k = 0; k < others.length; k++) apart += xx[k] - 2 * xh[k] + hh[k];
      const noise = (delta * keep * apart) / eigenvalues.length;
      first = keep * keep * first + noise;
      for (let k = 0; k < others.length; k++) {
        const s = gamma * (others[k] - 1);
        const [ax, ah] = [1 + s * delta, s * keep];
        const [a, b, c] = [xx[k], xh[k], hh[k]];
        xx[k] = ax * ax * a + 2 * ax * ah * b + ah * ah * c + s * s * noise;
        xh[k] = ax * delta * a + (ax * keep + ah * delta) * b + ah * keep * c + s * noise;
        hh[k] = delta * delta * a + 2 * delta * keep * b + keep * keep * c + noise;
      }
    },
    gamma: () => xx.reduce((sum, value) => sum + value, 0),
    /** Returns the sum of all moments, and makes it 1. */
    rescale() {
      let total = first;
      for (let k = 0; k < others.length; k++) total += xx[k] + hh[k];
      for (const moments of [xx, xh, hh]) for (let k = 0; k < moments.length; k++) moments[k] /= total;
      first /= total;
      return total;
    },
  };
}

/** The first gamma up to 1 from which distances grow in the model of `consensusFactor`; 1 where there is none. */
export function largestGamma(mode: Mode): number {
  if (consensusFactor(mode, 1) < 1) return 1;
  let [low, high] = [0, 1];
  for (let k = 0; k < 24; k++) {
    const middle = (low + high) / 2;
    if (consensusFactor(mode, middle) < 1) low = middle;
    else high = middle;
  }
  return low;
}

function withoutFirst(eigenvalues: readonly number[]): readonly number[] {
  requireNumber('eigenvalues', eigenvalues.length, { min: 2 });
  return [...eigenvalues].sort((a, b) => b - a).slice(1);
}
