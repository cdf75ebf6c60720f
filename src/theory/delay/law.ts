/**
 * Laws of the delay tau between the reading of the weights and the update that uses them. One family holds them all:
 *
 *   tau = A + E, given tau <= limit       A: one of some starts, equally likely     E: exponential with mean `tail`, or 0
 *
 * Fixed delay: one start. Exponential: the start 0 and a tail. Shifted exponential: a start and a tail. Measured delays: many starts.
 */

import { HearsayError } from '../../errors.js';
import { requireNumber } from '../range.js';

/** Times are in one unit throughout, say seconds. */
export interface Delay {
  /** Ascending, from 0; 1 to 1024 of them. */
  readonly starts: Float64Array;
  /** Mean of the exponential part, from 0. */
  readonly tail: number;
  /** No delay is longer; Infinity when nothing is cut off. Some delay is shorter. */
  readonly limit: number;
}

/** More starts make every root dear and tell nothing more: give quantiles of a larger sample. */
export const mostSamples = 1024;

/** tau = `time`, from 0. Throws CONFIG_RANGE. */
export function fixedDelay(time: number): Delay {
  requireNumber('delay', time, { min: 0, max: 1e9 });
  return { starts: Float64Array.of(time), tail: 0, limit: Number.POSITIVE_INFINITY };
}

/** Exponential with the given mean, above 0. Throws CONFIG_RANGE. */
export function exponentialDelay(mean: number): Delay {
  requireNumber('delay: mean', mean, { min: 1e-9, max: 1e9 });
  return { ...fixedDelay(0), tail: mean };
}

/** `fixed` (from 0) plus an exponential of `rate` (above 0): c and mu of the shifted exponential. Throws CONFIG_RANGE. */
export function shiftedDelay(fixed: number, rate: number): Delay {
  requireNumber('delay: rate of the exponential part', rate, { min: 1e-9, max: 1e9 });
  return { ...fixedDelay(fixed), tail: 1 / rate };
}

/** One of the measured times, each as likely as another: 1 to 1024 numbers from 0; of more, give quantiles. Throws CONFIG_RANGE. */
export function sampledDelay(times: ArrayLike<number>): Delay {
  requireNumber('delay: samples (of more, give quantiles)', times.length, { whole: true, min: 1, max: mostSamples });
  for (let k = 0; k < times.length; k++) requireNumber(`delay: sample ${k}`, times[k], { min: 0, max: 1e9 });
  return { starts: Float64Array.from(times).sort(), tail: 0, limit: Number.POSITIVE_INFINITY };
}

/**
 * The law of the sum of two independent delays without limits, computing and then communicating, say. Throws CONFIG_RANGE when both
 * have an exponential part, or for more than 1024 pairs of starts.
 */
export function sumOfDelays(a: Delay, b: Delay): Delay {
  if ((a.tail > 0 && b.tail > 0) || a.limit < Number.POSITIVE_INFINITY || b.limit < Number.POSITIVE_INFINITY)
    throw new HearsayError(
      'CONFIG_RANGE',
      'delay: a sum of two exponential parts or of laws with limits, allowed is one exponential part and no limit; give samples of the sum',
    );
  requireNumber('delay: pairs of samples', a.starts.length * b.starts.length, { max: mostSamples });
  const starts = Float64Array.from([...a.starts].flatMap(start => [...b.starts].map(other => start + other))).sort();
  return { starts, tail: a.tail + b.tail, limit: Number.POSITIVE_INFINITY };
}

/** The law of tau given tau <= `limit`: what is left when later gradients are dropped. Throws CONFIG_RANGE when nothing is left. */
export function truncatedDelay(law: Delay, limit: number): Delay {
  if (!(limit > 0) || !(within(law, limit) > 0))
    throw new HearsayError(
      'CONFIG_RANGE',
      `delay: limit: found ${limit}, allowed is one that some delays keep, from ${law.starts[0]} on`,
    );
  const cut = Math.min(limit, law.limit);
  if (law.tail === 0) return { ...law, starts: law.starts.filter(start => start <= cut) };
  return { ...law, limit: cut };
}

/** P(tau <= time). */
export function within(law: Delay, time: number): number {
  if (time >= law.limit) return 1;
  return share(law, time) / (law.limit < Number.POSITIVE_INFINITY ? share(law, law.limit) : 1);
}

/** The time that a share `portion` (0 to below 1; 1 for laws without a tail) of all delays keeps. Throws CONFIG_RANGE. */
export function delayQuantile(law: Delay, portion: number): number {
  const bounded = law.tail === 0 || law.limit < Number.POSITIVE_INFINITY;
  requireNumber('delay: portion', portion, bounded ? { min: 0, max: 1 } : { min: 0, below: 1 });
  const { starts } = law;
  if (law.tail === 0) return starts[Math.max(0, Math.ceil(portion * starts.length * (1 - 1e-15)) - 1)];
  let low = starts[0];
  let high = Math.min(law.limit, starts[starts.length - 1] - law.tail * Math.log1p(-Math.min(portion, 1 - 2 ** -53)));
  for (let turn = 0; turn < 100 && high - low > 1e-15 * high; turn++) {
    const middle = low + (high - low) / 2;
    if (within(law, middle) < portion) low = middle;
    else high = middle;
  }
  return high;
}

/** P(A + E <= time), whatever the limit. */
function share({ starts, tail }: Delay, time: number): number {
  let sum = 0;
  for (const start of starts) {
    if (start > time) break;
    sum += tail > 0 ? -Math.expm1((start - time) / tail) : 1;
  }
  return sum / starts.length;
}
