/** Distributions and tests that tell whether draws follow them. */

/**
 * Upper-tail probability of a chi-square of `degrees`, by the Wilson-Hilferty approximation (good to 1e-3 from 10 degrees on).
 */
export function tail(chiSquare: number, degrees: number): number {
  const z = (Math.cbrt(chiSquare / degrees) - 1 + 2 / (9 * degrees)) / Math.sqrt(2 / (9 * degrees));
  return 1 - phi(z);
}

/** Normal distribution function, through the series for small |z| and the continued fraction for large. */
export function phi(z: number): number {
  if (Math.abs(z) > 6) return z > 0 ? 1 : 0;
  let sum = z;
  let term = z;
  for (let k = 1; k < 200; k++) sum += term *= (z * z) / (2 * k + 1);
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** Probability of a Kolmogorov-Smirnov distance at least as large, for n values against a distribution function. */
export function kolmogorovSmirnov(values: Float64Array, distribution: (x: number) => number): number {
  const n = values.length;
  let distance = 0;
  values.sort().forEach((value, i) => {
    const p = distribution(value);
    distance = Math.max(distance, (i + 1) / n - p, p - i / n);
  });
  const lambda = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  let sum = 0;
  for (let k = 1; k < 100; k++) sum += 2 * (k % 2 ? 1 : -1) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.min(1, sum);
}

/** Draws of a random variable, as the tests of their moments need them. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly secondMoment: number;
  /** Standard errors of both, as the draws themselves show them. */
  readonly meanError: number;
  readonly secondError: number;
}

export function moments(values: Float64Array): Moments {
  const count = values.length;
  let [first, second, fourth] = [0, 0, 0];
  for (const value of values) {
    first += value / count;
    second += value ** 2 / count;
    fourth += value ** 4 / count;
  }
  const error = (square: number, mean: number) => Math.sqrt(Math.max(0, square - mean ** 2) / count);
  return { count, mean: first, secondMoment: second, meanError: error(second, first), secondError: error(fourth, second) };
}
