/** How the rate changes with the node's own step number, counted from 0. */

/** The factor of the rate at a step; 1 is the whole rate. */
export type Schedule = (step: number) => number;

export const constant: Schedule = () => 1;

/** Multiplied by `factor` after every `every` steps. */
export function stepwise(every: number, factor: number): Schedule {
  return step => power(factor, Math.floor(step / every));
}

/** 1 / (step + offset): the steps of stochastic approximation (Robbins and Monro 1951). */
export function harmonic(offset: number): Schedule {
  return step => 1 / (step + offset);
}

/** Half a cosine from 1 to 0 over `total` steps (Loshchilov and Hutter 2017, eq. 5, one period), 0 from then on. */
export function cosine(total: number): Schedule {
  return step => 0.5 * (1 + cos((Math.PI * Math.min(step, total)) / total));
}

/** A straight rise to 1 over the first `steps` steps; the schedule `then` begins after them. */
export function warmUp(steps: number, then: Schedule): Schedule {
  return step => (step < steps ? (step + 1) / steps : then(step - steps));
}

/** cos on [0, pi] by 1 - 2 sin^2(x / 2) and the series of sin: Math.cos may differ from engine to engine. */
function cos(x: number): number {
  const half = x / 2;
  const z = half * half;
  let term = half;
  let sine = half;
  for (let k = 3; k <= 23; k += 2) sine += term *= -z / (k * (k - 1));
  return 1 - 2 * sine * sine;
}

/** factor^n for a whole n >= 0 by squaring: Math.pow may differ from engine to engine. */
export function power(factor: number, n: number): number {
  let result = 1;
  for (; n > 0; n = Math.floor(n / 2), factor *= factor) if (n % 2 === 1) result *= factor;
  return result;
}
