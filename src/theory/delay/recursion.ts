/**
 * The recursion x_(k+1) = x_k - p x_(k-d) that delayed descent is along one direction of a quadratic: p = eta h, and every
 * gradient is d updates old, as with d + 1 workers that take turns. Its bounds are theorems, without any passage to continuous time.
 */

import { requireNumber } from '../range.js';

/**
 * p_stab: all solutions tend to 0 if and only if 0 < p < 2 sin(pi / (2 (2d + 1))) (Levin and May 1976; Kuruklis 1994). About
 * (pi/2) / (d + 1/2). `delay` d is a whole number of updates, 0 to 1,000,000. Throws CONFIG_RANGE.
 */
export function largestStableStep(delay: number): number {
  requireDelay(delay);
  return 2 * Math.sin(Math.PI / (2 * (2 * delay + 1)));
}

/**
 * p_osc: there are solutions that don't change sign if and only if p <= d^d / (d+1)^(d+1) (Erbe and Zhang 1989; Győri and Ladas 1991);
 * 1 for d = 0. About 1 / (e (d + 1/2)). `delay` as above. Throws CONFIG_RANGE.
 */
export function largestSmoothStep(delay: number): number {
  requireDelay(delay);
  return Math.exp(delay === 0 ? 0 : -delay * Math.log1p(1 / delay)) / (delay + 1);
}

/** What `settlingUpdates` is asked: x <- x - p x(d updates ago), until |x| is below the accuracy for good. */
export interface Settling {
  /** p, above 0. */
  readonly step: number;
  /** d, updates; 0 to 1,000,000. */
  readonly delay: number;
  /** Above 0 and below 1; |x| starts at 1. */
  readonly accuracy: number;
  /** Updates to look at, at most 1e8; 1e7 when left out. */
  readonly most?: number;
}

/**
 * Updates until |x_k| <= accuracy for good, from x = 1 now and before: the recursion itself is run, until a stretch of 3 (d + 1) updates
 * stayed below a thousandth of the accuracy. Infinity from p_stab on, and when `most` updates were not enough. Throws CONFIG_RANGE.
 */
export function settlingUpdates({ step, delay, accuracy, most = 1e7 }: Settling): number {
  requireDelay(delay);
  requireNumber('step', step, { above: 0, max: 1e6 });
  requireNumber('accuracy', accuracy, { above: 0, below: 1 });
  requireNumber('updates', most, { whole: true, min: 1, max: 1e8 });
  if (step >= largestStableStep(delay)) return Number.POSITIVE_INFINITY;
  const past = new Float64Array(delay + 1).fill(1); // x_k lies at k mod d + 1
  let x = 1;
  let settled = 0;
  for (let k = 1, quiet = 0; k <= most; k++) {
    const place = k % (delay + 1); // of x_(k-d-1), which x_k replaces
    x -= step * past[place];
    past[place] = x;
    const off = Math.abs(x);
    if (off > accuracy) settled = k + 1;
    quiet = off <= 1e-3 * accuracy ? quiet + 1 : 0;
    if (quiet >= 3 * (delay + 1)) return settled;
  }
  return Number.POSITIVE_INFINITY;
}

function requireDelay(delay: number): void {
  requireNumber('delay in updates', delay, { whole: true, min: 0, max: 1e6 });
}
