/**
 * The calculator of delayed descent: what M workers on one shared vector do to a quadratic with given curvatures, from the delays to the
 * verdict. `claims` says which of the statements are theorems and which are approximations.
 */

import { requireNumber } from '../range.js';
import { criticalDamping, largestDamping } from './critical.js';
import { type Delay, delayQuantile, fixedDelay, sumOfDelays } from './law.js';
import { largestStableStep } from './recursion.js';
import { dominantRoot, type Root } from './root.js';
import { dispersion, meanDelay } from './transform.js';
import { stationaryVariance } from './variance.js';
import { type Arrivals, arrivals, type Best, bestThreshold, bestWorkers, type Crew, largestSteps } from './workers.js';

/**
 * What `calculate` is asked: workers that share one vector, with delays, noise and an accuracy. Times are in one unit
 * throughout.
 */
export interface Question extends Omit<Crew, 'delay'> {
  /** From reading the shared vector to the finished gradient. */
  readonly compute: Delay;
  /** From there until it is applied, independent of it; 0 when left out. */
  readonly communication?: Delay;
  /** sigma: standard deviation of a gradient's noise along each direction, from 0; 0 when left out. */
  readonly noise?: number;
  /** epsilon: the share of the starting error that shall be left, above 0 and below 1; 1e-3 when left out. */
  readonly accuracy?: number;
}

/** How one direction of a quadratic behaves: it creeps to the optimum, swings around it, or leaves it. */
export type Verdict = 'overdamped' | 'oscillating' | 'unstable';

/** One eigenvalue of the Hessian. */
export interface Direction {
  /** h. */
  readonly curvature: number;
  /** a = eta nu h, per unit of time. */
  readonly damping: number;
  /** a E[tau]; eta h M for M workers without threshold. */
  readonly z: number;
  readonly root: Root;
  readonly verdict: Verdict;
  /** Stationary variance of the weights along it, c = eta sqrt(nu) sigma; Infinity when unstable. */
  readonly variance: number;
}

/** How late gradients are: mean, and what 50, 90 and 99 in 100 keep. */
export interface Lateness {
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
}

/** What is known of it, in the unit of time of the question. */
export interface Answer {
  readonly arrivals: Arrivals;
  /**
   * Of the applied gradients, in units of time and in updates by others. The mean number is exact; percentiles are nu (M-1)/M times the
   * time.
   */
  readonly staleness: { readonly time: Lateness; readonly updates: Lateness };
  /** In the order of the question. */
  readonly directions: readonly Direction[];
  /** The worst of all directions. */
  readonly verdict: Verdict;
  /** Critical z minus the largest: pi/2 - z_max for a fixed delay; negative when unstable, Infinity when nothing is. */
  readonly margin: number;
  /** min over h of -Re s, per unit of time. */
  readonly rate: number;
  /** ln(1 / accuracy) / rate, and that many applied updates; Infinity when unstable. */
  readonly time: number;
  readonly updates: number;
  /** Sum over the directions. */
  readonly variance: number;
  /** eta_max: the first step that is unstable; pi / (2 h_max M) for a fixed delay. */
  readonly largestStep: number;
  /** eta_critical: the last step that does not oscillate; 1 / (e h_max M) for a fixed delay. */
  readonly criticalStep: number;
  /** M with the best rate, everything else as it is. */
  readonly bestWorkers: Best;
  /** Threshold with the best rate; Infinity when dropping does not pay. */
  readonly bestThreshold: Best;
  /** What to mind, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Times and rates are in the unit of the laws. Fixed and exponential delays take milliseconds; a thousand measured ones some 0.1 s for each
 * curvature and each number of workers and threshold that is tried (about 200), more where a few of them are hundreds of times the
 * mean. Throws CONFIG_RANGE.
 */
export function calculate(question: Question): Answer {
  const { step, curvatures, workers, noise = 0, accuracy = 1e-3, bandwidth, threshold } = question;
  requireNumber('noise', noise, { min: 0, max: 1e12 });
  requireNumber('accuracy', accuracy, { above: 0, below: 1 });
  const total = sumOfDelays(question.compute, question.communication ?? fixedDelay(0));
  const crew: Crew = { step, curvatures, workers, delay: total, bandwidth, threshold };
  const arriving = arrivals(crew);
  const { applied, delay } = arriving;
  const [mean, critical, largest] = [meanDelay(delay), criticalDamping(delay).damping, largestDamping(delay)];

  const directions = curvatures.map((curvature): Direction => {
    const damping = step * applied * curvature;
    const root = dominantRoot(damping, delay);
    const verdict = damping <= critical ? 'overdamped' : root.re < 0 && damping < largest ? 'oscillating' : 'unstable';
    const variance =
      verdict === 'unstable' ? Number.POSITIVE_INFINITY : stationaryVariance(damping, delay, step * Math.sqrt(applied) * noise);
    return { curvature, damping, z: damping * mean, root, verdict, variance: noise === 0 ? 0 : variance };
  });
  const verdict = (['unstable', 'oscillating', 'overdamped'] as const).find(word =>
    directions.some(one => one.verdict === word),
  )!;
  const rate = Math.min(...directions.map(({ root }) => -root.re));
  const time = verdict === 'unstable' ? Number.POSITIVE_INFINITY : -Math.log(accuracy) / rate;
  const steps = largestSteps(crew);
  return {
    arrivals: arriving,
    staleness: staleness(arriving, workers),
    directions,
    verdict,
    margin: (largest - Math.max(...directions.map(({ damping }) => damping))) * mean,
    rate,
    time,
    updates: time * applied,
    variance: directions.reduce((sum, direction) => sum + direction.variance, 0),
    largestStep: steps.stable,
    criticalStep: steps.critical,
    bestWorkers: bestWorkers(crew),
    bestThreshold: bestThreshold(crew),
    warnings: warnings(crew, arriving, directions, verdict),
  };
}

function staleness({ rate, delay }: Arrivals, workers: number): Answer['staleness'] {
  const time = {
    mean: meanDelay(delay),
    median: delayQuantile(delay, 0.5),
    p90: delayQuantile(delay, 0.9),
    p99: delayQuantile(delay, 0.99),
  };
  const others = (rate * (workers - 1)) / workers;
  const { mean, median, p90, p99 } = time;
  return { time, updates: { mean: mean * others, median: median * others, p90: p90 * others, p99: p99 * others } };
}

function warnings(crew: Crew, { rate, applied, delay }: Arrivals, directions: readonly Direction[], verdict: Verdict): string[] {
  const found: string[] = [];
  const { step, curvatures, workers, bandwidth = Number.POSITIVE_INFINITY } = crew;
  const steepest = step * Math.max(...curvatures);
  const z = Math.max(...directions.map(direction => direction.z));
  const digits = (value: number) => String(Number(value.toPrecision(3)));
  const spread = dispersion(delay);
  if (spread > 1.05 && z >= 1 && verdict !== 'unstable')
    found.push(
      `stability rests on the scatter of the delays: a fixed delay of the same mean would have z = ${digits(z)}${z >= Math.PI / 2 ? ', which is unstable' : ''}`,
    );
  if (spread > 2.05)
    found.push(
      `delays have a heavier tail than exponential ones (E[tau^2] / E[tau]^2 = ${digits(spread)}): the mean says little, the whole law was used; what the samples don't show is not in it`,
    );
  if (directions.some(({ root }) => !root.proved))
    found.push('a dominant root could not be confirmed: roots farther right may exist');
  if (steepest > 0.05)
    found.push(`eta h = ${digits(steepest)} is no small step: the continuous path is off; compare with the recursion's bound`);
  const bound = largestStableStep(Math.min(workers, 1e6) - 1);
  if (
    delay.tail === 0 &&
    delay.starts.length === 1 &&
    applied === workers / delay.starts[0] &&
    steepest < bound !== (verdict !== 'unstable')
  )
    found.push(
      `the recursion with ${workers - 1} updates of delay is ${steepest < bound ? 'stable' : 'unstable'} (eta h = ${digits(steepest)}, bound ${digits(bound)}), unlike the continuous equation`,
    );
  if (workers < 4)
    found.push(
      `${workers} worker${workers > 1 ? 's' : ''}: arrivals are no Poisson process, and delays in updates are whole numbers`,
    );
  if (workers / meanDelay(crew.delay) > bandwidth)
    found.push(`the channel is full: from ${digits(bandwidth * meanDelay(crew.delay))} workers on more of them only add delay`);
  if (applied < 0.999 * rate) found.push(`the threshold drops ${digits(100 * (1 - applied / rate))} % of the gradients`);
  return found;
}
