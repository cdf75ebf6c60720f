/** How long a round takes in which all wait for the slowest. */

import { type Estimate, exact, type Sampling, Tally } from './estimate.js';
import { harmonic } from './harmonic.js';
import { requireNumber } from './range.js';

/** E[largest of n] of `fixed` plus exponentials of the mean `tail` (both from 0): fixed + tail H_n. Throws CONFIG_RANGE. */
export function roundOf(nodes: number, fixed: number, tail: number): Estimate {
  requireNumber('round: fixed part', fixed, { min: 0 });
  requireNumber('round: mean of the exponential part', tail, { min: 0 });
  return exact(fixed + tail * harmonic(nodes));
}

/** The same for any durations, from `samples` rounds (2 to 1e6; 1000): `duration(node, k)` is that of round k. Throws CONFIG_RANGE. */
export function sampledRound(
  nodes: number,
  duration: (node: number, k: number) => number,
  { samples = 1000 }: Sampling = {},
): Estimate {
  requireNumber('round: samples', samples, { whole: true, min: 2, max: 1e6 });
  const tally = new Tally();
  for (let k = 0; k < samples; k++) {
    let largest = 0;
    for (let node = 0; node < nodes; node++) largest = Math.max(largest, duration(node, k));
    tally.add(largest);
  }
  return tally.estimate();
}
