/** How fast errors decay under delayed updates: the dominant root, the one with the largest real part. */

import { requireNumber } from '../range.js';
import { type Characteristic, characteristic, characteristicAt, height, newton, walk } from './characteristic.js';
import { type Complex, complex, scale, size, sqrt } from './complex.js';
import { criticalDamping, exponentialAlone } from './critical.js';
import { lambertW } from './lambertw.js';
import type { Delay } from './law.js';
import { meanDelay, transform } from './transform.js';

/** The dominant root s of s + a E[e^(-s tau)] = 0, per unit of time. Solutions behave like e^(s t). */
export interface Root {
  /** Negative when errors decay. */
  readonly re: number;
  /** Frequency of the oscillation in radians per unit of time, from 0. */
  readonly im: number;
  /** True when it is known that no root lies farther right: by a formula, a theorem or a count of roots; see `dominantRoot`. */
  readonly proved: boolean;
}

/**
 * The dominant root for `damping` a (above 0) and any law of the delay.
 *
 * Theorems. Fixed delay: W_0(-a tau) / tau, real up to a tau = 1/e, negative real part up to pi/2. Exponential delay: the roots of m s^2 +
 * s + a, always stable, real up to a m = 1/4. Any law: real up to `criticalDamping`; there it is bisected. Else: Newton's iteration from
 * the roots that a fixed delay of the same mean would have, then a count of the zeros that lie farther right by 1e-6 of the root's size
 * (an argument principle with steps bounded by the slope: a proof up to rounding). Where the count finds more, Newton starts from where
 * that line is near zeros, from more and more such places. `proved` is false only if that fails too.
 *
 * What is an approximation is the equation itself: that updates come so densely that the path of the weights is continuous, and that for
 * random delays each update's own delay may be replaced by the mean over the law. For 100 workers and a E[tau] up to 0.8 descent played
 * event by event has its rate within 3 %. Throws CONFIG_RANGE.
 */
export function dominantRoot(damping: number, law: Delay): Root {
  requireNumber('damping', damping, { min: 1e-12, max: 1e12 });
  const mean = meanDelay(law);
  if (mean === 0) return { re: -damping, im: 0, proved: true };
  if (law.starts.length === 1 && law.tail === 0) return known(scale(lambertW(complex(-damping * mean)), 1 / mean));
  if (exponentialAlone(law)) {
    const inside = 1 - 4 * damping * mean;
    // the smaller solution without cancellation
    if (inside >= 0) return known(complex((-2 * damping) / (1 + Math.sqrt(inside))));
    return known(complex(-1 / (2 * mean), Math.sqrt(-inside) / (2 * mean)));
  }
  const critical = criticalDamping(law);
  if (damping <= critical.damping) return known(complex(-realRate(damping, law, critical.rate)));

  const equation = characteristic(damping, law);
  const starts = [
    beside(equation, -critical.rate),
    ...[0, 1, 2].map(k => scale(lambertW(complex(-damping * mean), k), 1 / mean)),
  ];
  let best = rightmost(equation, starts);
  for (let round = 0; round < 30; round++) {
    const line = best ? best.re + 1e-6 * size(best) : -2 * critical.rate;
    const { zeros, near } = walk(equation, line);
    if (best && zeros === 0) return known(best);
    // the rightmost first; then more of them, and where they are no help, points between
    const fewer = near.slice(0, 4 * 2 ** round);
    const points = fewer.length < near.length ? 0 : 8 * 2 ** Math.min(round, 8);
    const top = height(equation, line);
    const between = Array.from({ length: points }, (_, k) => complex(line, (top * (k + 0.5)) / points));
    const found = rightmost(equation, [...fewer, ...between]);
    if (found && (!best || found.re > best.re)) best = found;
  }
  return { re: best?.re ?? Number.NaN, im: Math.abs(best?.im ?? Number.NaN), proved: false };
}

function known({ re, im }: Complex): Root {
  return { re, im: Math.abs(im), proved: true };
}

/** The least r with r = a E[e^(r tau)]: r / E[e^(r tau)] grows up to the critical rate. */
function realRate(damping: number, law: Delay, most: number): number {
  let [low, high] = [0, most];
  for (let turn = 0; turn < 1100 && high - low > 2e-16 * high; turn++) {
    const r = (low + high) / 2;
    if (r < damping * transform(law, complex(-r)).value.re) low = r;
    else high = r;
  }
  return high;
}

/** Where the two real roots that met at `double` have gone: a parabola's zero. */
function beside(equation: Characteristic, double: number): Complex {
  const h = 1e-4 * double;
  const { value, slope } = characteristicAt(equation, complex(double));
  const bend = (characteristicAt(equation, complex(double + h)).slope.re - slope.re) / h;
  const off = sqrt(complex((-2 * value.re) / bend));
  return complex(double + off.re, off.im);
}

function rightmost(equation: Characteristic, starts: readonly Complex[]): Complex | undefined {
  let best: Complex | undefined;
  for (const start of starts) {
    const root = newton(equation, start);
    if (root && (!best || root.re > best.re)) best = root;
  }
  return best;
}
