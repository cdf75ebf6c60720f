/** Dampings at which something changes: where decay begins to oscillate, and where it ends. */

import { complex } from './complex.js';
import type { Delay } from './law.js';
import { dispersion, meanDelay, transform } from './transform.js';

/** Where the dominant root stops being real. */
export interface Critical {
  /** 1 / (e tau) for a fixed delay, 1 / (4 tau) for an exponential one; Infinity without any delay. */
  readonly damping: number;
  /** The decay rate there, -s: 1 / tau and 1 / (2 tau). */
  readonly rate: number;
}

/**
 * Theorem: s + a E[e^(-s tau)] = 0 has a real root if and only if a <= max over r > 0 of r / E[e^(r tau)], and then the dominant root is
 * real. (Existence: put s = -r. Dominance: with a real root the fundamental solution is positive (Győri and Ladas 1991), and the
 * transform of a positive function has its abscissa of convergence as a singularity, by Landau.) The maximum is unique, as log r is
 * concave and log E[e^(r tau)] convex, and lies at r <= 1 / E[tau].
 */
export function criticalDamping(law: Delay): Critical {
  const mean = meanDelay(law);
  if (mean === 0) return { damping: Number.POSITIVE_INFINITY, rate: Number.POSITIVE_INFINITY };
  if (law.starts.length === 1 && law.tail === 0) return { damping: 1 / (Math.E * mean), rate: 1 / mean };
  if (exponentialAlone(law)) return { damping: 1 / (4 * mean), rate: 1 / (2 * mean) };
  let [low, high] = [0, 1 / mean];
  for (let turn = 0; turn < 60; turn++) {
    const r = (low + high) / 2;
    const { value, slope } = transform(law, complex(-r));
    // an overflow lies far beyond the maximum
    if (-slope.re * r < value.re) low = r;
    else high = r;
  }
  return { damping: low / transform(law, complex(-low)).value.re, rate: low };
}

/** Beyond this mean number of decays within a delay, a E[tau], nobody need look. */
export const farthest = 100;

/**
 * Theorem: the solutions decay for every damping below the least a at which i w + a E[e^(-i w tau)] = 0 has a real w > 0; there a pair of
 * roots reaches the imaginary axis. It is pi / (2 tau) for a fixed delay, Infinity for an exponential one (always stable), and at least 1
 * / E[tau] for any law. The least is found by following Re E[e^(-i w tau)] from w = 0 with steps that its slope bounds; two zeros closer
 * than a 200th of a radian at the root mean square delay could be missed. Infinity when nothing happens up to a E[tau] = 100.
 */
export function largestDamping(law: Delay): number {
  const mean = meanDelay(law);
  if (mean === 0 || exponentialAlone(law)) return Number.POSITIVE_INFINITY;
  if (law.starts.length === 1 && law.tail === 0) return Math.PI / (2 * mean);
  const at = (w: number) => transform(law, complex(0, w)).value;
  const short = 0.005 / (mean * Math.sqrt(dispersion(law)));
  let least = Number.POSITIVE_INFINITY;
  let [w, value] = [0, at(0)];
  // |E| <= 1, so a = w / |E| is at least w
  while (w < least && w < farthest / mean) {
    const next = w + Math.max(short, Math.abs(value.re) / mean);
    const there = at(next);
    if (value.re > 0 !== there.re > 0) {
      const zero = bisect(w, next, middle => at(middle).re > 0 === value.re > 0);
      const { im } = at(zero);
      if (im < 0) least = Math.min(least, zero / -im);
    }
    [w, value] = [next, there];
  }
  return least * mean <= farthest ? least : Number.POSITIVE_INFINITY;
}

/** No start but 0, and no limit: the law with closed forms of its own. */
export function exponentialAlone({ starts, tail, limit }: Delay): boolean {
  return tail > 0 && limit === Number.POSITIVE_INFINITY && starts[starts.length - 1] === 0;
}

function bisect(low: number, high: number, before: (middle: number) => boolean): number {
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2;
    if (before(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
