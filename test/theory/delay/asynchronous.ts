/** Asynchronous descent played event by event: the oracle of the calculator. */

import { source, uniform } from '../../../src/random.js';

export interface Descent {
  /** eta h: one direction of a quadratic, with curvature 1. */
  readonly step: number;
  readonly workers: number;
  /** Duration of a piece of work; `draw` is uniform in (0, 1). */
  readonly duration: (draw: number) => number;
  /** Gradients that took longer are dropped. */
  readonly threshold?: number;
  readonly horizon: number;
  readonly seed: number;
}

export interface Course {
  /** Decay rate of |x| per unit of time, from the largest |x| in a stretch near the start and in one near the end. */
  readonly rate: number;
  /** Updates per unit of time, applied or not. */
  readonly arrivals: number;
  /** Mean number of others' updates between a worker's reading and its writing. */
  readonly lateness: number;
}

/** Workers read, work, write, and read again. Each begins in the midst of a piece, so that nobody marches in step. */
export function descend({ step, workers, duration, threshold = Number.POSITIVE_INFINITY, horizon, seed }: Descent): Course {
  const draws = source(seed, 'workers');
  let draw = 0;
  const fresh = () => uniform(draws, 0, draw++) * (1 - 2 ** -31) + 2 ** -32;
  const read = new Float64Array(workers).fill(1);
  const began = new Float64Array(workers);
  const count = new Float64Array(workers);
  const due = Float64Array.from({ length: workers }, (_, m) => duration(fresh()) * ((m + fresh()) / workers));
  let x = 1;
  let [updates, late] = [0, 0];
  // peaks over the second fifth and the last one
  const peaks = [0, 0];
  for (;;) {
    let next = 0;
    for (let m = 1; m < workers; m++) if (due[m] < due[next]) next = m;
    const now = due[next];
    if (now > horizon) break;
    if (now - began[next] <= threshold) x -= step * read[next];
    late += updates - count[next];
    updates++;
    read[next] = x;
    began[next] = now;
    count[next] = updates;
    due[next] = now + duration(fresh());
    const fifth = Math.floor((5 * now) / horizon);
    if (fifth === 1) peaks[0] = Math.max(peaks[0], Math.abs(x));
    if (fifth === 4) peaks[1] = Math.max(peaks[1], Math.abs(x));
  }
  return { rate: Math.log(peaks[0] / peaks[1]) / (0.6 * horizon), arrivals: updates / horizon, lateness: late / updates };
}
