/** How many workers share one vector with most profit, how far a step may go, and how late a gradient may come. */

import { requireNumber } from '../range.js';
import { criticalDamping, exponentialAlone, farthest, largestDamping } from './critical.js';
import { type Delay, delayQuantile, fixedDelay, sumOfDelays, truncatedDelay, within } from './law.js';
import { settlingUpdates } from './recursion.js';
import { dominantRoot } from './root.js';
import { meanDelay } from './transform.js';

/** Workers that read one shared vector, compute a gradient, and apply it when they are done, over and over. */
export interface Crew {
  /** eta, above 0. */
  readonly step: number;
  /** Eigenvalues h of the Hessian, above 0; 1 to 1024 of them, in any order. */
  readonly curvatures: readonly number[];
  /** M, 1 to 1e9. */
  readonly workers: number;
  /** T: from reading the vector to applying the gradient, computing and communicating. Its mean is above 0. */
  readonly delay: Delay;
  /** The most updates per unit of time that the channel takes; Infinity when left out. */
  readonly bandwidth?: number;
  /** Gradients that took longer are dropped, in units of time; Infinity when left out. */
  readonly threshold?: number;
}

/** What the shared vector sees of a crew. */
export interface Arrivals {
  /** nu: finished gradients per unit of time, applied or dropped. */
  readonly rate: number;
  /** Applied updates per unit of time. */
  readonly applied: number;
  /** tau: the law of the delays of those. */
  readonly delay: Delay;
}

/**
 * nu = M / E[T] (theorem, for every law: each worker finishes one in E[T] on average; that they come as a Poisson process is an
 * approximation for many workers). Above `bandwidth` nu stays there, and each gradient waits M / bandwidth - E[T] longer: by Little's law
 * on average, and here, an approximation, always. A threshold thins nu by P(tau <= threshold) and cuts the law. Throws CONFIG_RANGE.
 */
export function arrivals(crew: Crew): Arrivals {
  const { workers, delay, bandwidth, threshold } = requireCrew(crew);
  const mean = meanDelay(delay);
  const wait = Math.max(0, workers / bandwidth - mean);
  const rate = Math.min(workers / mean, bandwidth);
  const late = wait > 0 ? sumOfDelays(delay, fixedDelay(wait)) : delay;
  if (threshold === Number.POSITIVE_INFINITY) return { rate, applied: rate, delay: late };
  return { rate, applied: rate * within(late, threshold), delay: truncatedDelay(late, threshold) };
}

/**
 * The rate of convergence, min over h of -Re s, per unit of time: the slowest direction of the quadratic; negative when one diverges.
 * Damping a = eta nu h. Throws CONFIG_RANGE.
 */
export function decayRate(crew: Crew): number {
  const { applied, delay } = arrivals(crew);
  return Math.min(...worst(crew.curvatures).map(h => -dominantRoot(crew.step * applied * h, delay).re));

  // for a fixed delay the rate rises and then falls with a, so that the slowest is at an end
  function worst(curvatures: readonly number[]): readonly number[] {
    const fixed = delay.starts.length === 1 && delay.tail === 0;
    return fixed ? [Math.min(...curvatures), Math.max(...curvatures)] : curvatures;
  }
}

/** A number of workers or a threshold, and the decay rate that it gives. */
export interface Best {
  readonly value: number;
  readonly rate: number;
}

/**
 * The number of workers with the largest decay rate, the least of equals. All up to 64 are tried, then steps of 5 %, then what lies about
 * the best of those: where the rate rises and then falls with M, as for fixed delays (theorem: then it is quasi-concave), that finds the
 * best; where delays differ so much that it has several tops, one near the best. The search ends at the bandwidth (the equation's rate may
 * still rise a little with the waiting beyond it, as delay acts like momentum), where the steepest direction diverges (or a E[tau] is 100),
 * and at 1e9. About 1 / (e eta h) for one direction and fixed delays. Throws CONFIG_RANGE.
 */
export function bestWorkers(crew: Omit<Crew, 'workers'>): Best {
  const { step, curvatures, delay, bandwidth, threshold } = requireCrew({ ...crew, workers: 1 });
  const mean = meanDelay(delay);
  const kept = within(delay, threshold);
  const cut = truncatedDelay(delay, threshold);
  // for these two the slowest direction gains nothing beyond its critical damping; other laws may, until the steepest diverges
  const known = exponentialAlone(cut) || (cut.starts.length === 1 && cut.tail === 0);
  const damping = known
    ? criticalDamping(cut).damping / Math.min(...curvatures)
    : Math.min(largestDamping(cut), farthest / meanDelay(cut)) / Math.max(...curvatures);
  const most = Math.min(1e9, Math.ceil(bandwidth * mean), Math.ceil((damping * mean) / (kept * step)));
  const tried: number[] = [];
  for (let workers = 1; workers <= most; workers = workers < 64 ? workers + 1 : Math.ceil(workers * 1.05)) tried.push(workers);
  const rateOf = (workers: number) => decayRate({ ...crew, workers });
  const coarse = best(tried, rateOf);
  const around = [coarse.value];
  if (coarse.value >= 60) {
    let [low, high] = [Math.floor(coarse.value / 1.06), Math.min(most, Math.ceil(coarse.value * 1.06))];
    while (high - low > 16) {
      const third = Math.floor((high - low) / 3);
      if (rateOf(low + third) < rateOf(high - third)) low += third;
      else high -= third;
    }
    for (let workers = low; workers <= high; workers++) around.push(workers);
  }
  around.sort((a, b) => a - b);
  return best(around, rateOf);
}

/**
 * The threshold with the largest decay rate among the percentiles of the delay and none at all (Infinity, which wins when equal): a scan,
 * so near the best. Waiting is better than dropping unless some delays are much longer than others. Throws CONFIG_RANGE.
 */
export function bestThreshold(crew: Omit<Crew, 'threshold'>): Best {
  const { delay } = arrivals(crew);
  const candidates = Array.from({ length: 99 }, (_, k) => delayQuantile(delay, (k + 1) / 100)).filter(limit => limit > 0);
  return best([Number.POSITIVE_INFINITY, ...new Set(candidates)], threshold => decayRate({ ...crew, threshold }));
}

/**
 * The largest step with which no direction diverges: `largestDamping` / (nu h_max), pi / (2 h_max M) for fixed delays. And the critical
 * one, with which none oscillates: 1 / (e h_max M). Both may be Infinity. Throws CONFIG_RANGE.
 */
export function largestSteps(crew: Omit<Crew, 'step'>): { readonly stable: number; readonly critical: number } {
  const { applied, delay } = arrivals({ ...crew, step: 1 });
  const steepest = applied * Math.max(...crew.curvatures);
  return { stable: largestDamping(delay) / steepest, critical: criticalDamping(delay).damping / steepest };
}

/** One number of workers in a sweep. */
export interface SweepRow {
  readonly workers: number;
  /** Updates until the distance is below the accuracy for good; Infinity when it never is. */
  readonly updates: number;
  /** The same in wall time, in units of E[T]: updates / workers. */
  readonly rounds: number;
}

/**
 * The sweep over numbers of workers by the recursion itself, d = M - 1: no approximation but that workers take turns. Throws CONFIG_RANGE.
 */
export function workerSweep(step: number, workers: readonly number[], accuracy: number, most?: number): SweepRow[] {
  return workers.map(count => {
    requireNumber('workers', count, { whole: true, min: 1, max: 1e6 });
    const updates = settlingUpdates({ step, delay: count - 1, accuracy, most });
    return { workers: count, updates, rounds: updates / count };
  });
}

function best(values: readonly number[], rateOf: (value: number) => number): Best {
  let found: Best = { value: Number.NaN, rate: Number.NEGATIVE_INFINITY };
  for (const value of values) {
    const rate = rateOf(value);
    if (rate > found.rate * (1 + 1e-12 * Math.sign(found.rate))) found = { value, rate };
  }
  return found;
}

function requireCrew(crew: Crew): Required<Crew> {
  const { bandwidth = Number.POSITIVE_INFINITY, threshold = Number.POSITIVE_INFINITY } = crew;
  requireNumber('step', crew.step, { min: 1e-12, max: 1e6 });
  requireNumber('workers', crew.workers, { whole: true, min: 1, max: 1e9 });
  requireNumber('curvatures', crew.curvatures.length, { whole: true, min: 1, max: 1024 });
  crew.curvatures.forEach((h, k) => {
    requireNumber(`curvature ${k}`, h, { min: 1e-9, max: 1e9 });
  });
  requireNumber('delay: mean', meanDelay(crew.delay), { min: 1e-9 });
  if (bandwidth !== Number.POSITIVE_INFINITY) requireNumber('bandwidth', bandwidth, { min: 1e-9 });
  if (threshold !== Number.POSITIVE_INFINITY) requireNumber('threshold', threshold, { above: 0 });
  return { ...crew, bandwidth, threshold };
}
