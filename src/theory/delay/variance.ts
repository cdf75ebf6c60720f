/** What noise leaves of the weights' distance to the optimum when updates are late. */

import { requireNumber } from '../range.js';
import { complex } from './complex.js';
import { exponentialAlone, largestDamping } from './critical.js';
import type { Delay } from './law.js';
import { dominantRoot } from './root.js';
import { meanDelay, transform } from './transform.js';

/**
 * Stationary variance of dx = -a E[x(t - tau)] dt + c dB, for `damping` a (above 0) and `noise` c (from 0, in x per square root of time);
 * Infinity where the solutions don't decay. Theorems: c^2 / (2a) (1 + sin z) / cos z with z = a tau for a fixed delay (Küchler and Mensch
 * 1992), c^2 / (2a) (1 + a m) for an exponential one, and for any law c^2 / pi times the integral over w from 0 of
 * |i w + a E[e^(-i w tau)]|^-2, taken here to a relative error of 1e-4. That updates with random delays act like the mean over the law, and
 * gradients' noise like c dB, are approximations. Throws CONFIG_RANGE.
 */
export function stationaryVariance(damping: number, law: Delay, noise = 1): number {
  requireNumber('damping', damping, { min: 1e-12, max: 1e12 });
  requireNumber('noise', noise, { min: 0, max: 1e12 });
  return (noise ** 2 / (2 * damping)) * inflation(damping, law);
}

/** The variance in units of what it would be without delay. */
function inflation(damping: number, law: Delay): number {
  const z = damping * meanDelay(law);
  if (z === 0) return 1;
  if (law.starts.length === 1 && law.tail === 0)
    return z < Math.PI / 2 ? (1 + Math.sin(z)) / Math.cos(z) : Number.POSITIVE_INFINITY;
  if (exponentialAlone(law)) return 1 + z;
  if (damping >= largestDamping(law) && dominantRoot(damping, law).re >= 0) return Number.POSITIVE_INFINITY;
  // in units of a; what 1 / (w^2 + 1) takes away makes the rest fall like w^-3
  const excess = (w: number) => {
    const { re, im } = transform(law, complex(0, w * damping)).value;
    return 1 / (re * re + (w + im) ** 2) - 1 / (w * w + 1);
  };
  const end = 100 / Math.cbrt(Math.min(z, 1)); // what lies beyond is below 2 / (z end^3)
  let sum = 0;
  for (let from = 0; from < end; ) {
    const to = Math.min(end, from + Math.max(0.5 / Math.max(1, z), Math.min(from / 8, 0.5 / z)));
    sum += integral(excess, from, to, (1e-5 * (to - from)) / end);
    from = to;
  }
  return 1 + (2 / Math.PI) * sum;
}

/** Simpson's rule, halved until it agrees with itself (Lyness 1969). */
function integral(f: (x: number) => number, from: number, to: number, within: number): number {
  const middle = (from + to) / 2;
  return refine(f, from, to, f(from), f(middle), f(to), within, 40);
}

function refine(
  f: (x: number) => number,
  from: number,
  to: number,
  low: number,
  mid: number,
  high: number,
  within: number,
  depth: number,
): number {
  const width = to - from;
  const [left, right] = [f(from + width / 4), f(to - width / 4)];
  const coarse = (width / 6) * (low + 4 * mid + high);
  const fine = (width / 12) * (low + 4 * left + 2 * mid + 4 * right + high);
  if (depth === 0 || Math.abs(fine - coarse) <= 15 * Math.max(within, 1e-6 * Math.abs(fine))) return fine + (fine - coarse) / 15;
  const middle = from + width / 2;
  return (
    refine(f, from, middle, low, left, mid, within / 2, depth - 1) +
    refine(f, middle, to, mid, right, high, within / 2, depth - 1)
  );
}
