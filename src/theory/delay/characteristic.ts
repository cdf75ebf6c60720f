/**
 * The characteristic equation s + a E[e^(-s tau)] = 0 of dx/dt = -a E[x(t - tau)], cleared of the pole that an exponential part has:
 *
 *   g(s) = s (1 + s m) + a n(s) = 0        m: mean of an exponential part without limit, else 0     n: entire
 *
 * An upper bound of g's slope on a vertical line makes the count of zeros beside it a proof, up to rounding.
 */

import { angle, type Complex, complex, divide, size, subtract } from './complex.js';
import type { Delay } from './law.js';
import { type Transform, transform } from './transform.js';

export interface Characteristic {
  /** a. */
  readonly damping: number;
  /** m. */
  readonly pole: number;
  /** The law whose transform is n. */
  readonly rest: Delay;
}

export function characteristic(damping: number, law: Delay): Characteristic {
  const open = law.limit === Number.POSITIVE_INFINITY;
  return { damping, pole: open ? law.tail : 0, rest: open ? { ...law, tail: 0 } : law };
}

/** g and its derivative at s. */
export function characteristicAt({ damping, pole, rest }: Characteristic, s: Complex): Transform {
  const { value, slope } = transform(rest, s);
  const [re, im] = [s.re * (1 + pole * s.re) - pole * s.im * s.im, s.im * (1 + 2 * pole * s.re)];
  return {
    value: complex(re + damping * value.re, im + damping * value.im),
    slope: complex(1 + 2 * pole * s.re + damping * slope.re, 2 * pole * s.im + damping * slope.im),
  };
}

/** Above this height no zero lies on the line Re s = `line` or right of it: there |s (1 + s m)| is at least 2 a n(line). */
export function height({ damping, pole, rest }: Characteristic, line: number): number {
  const bound = 2 * damping * transform(rest, complex(line)).value.re;
  const beside = 1 + pole * line; // least |1 + s m| where it is positive
  return Math.min(
    pole > 0 ? Math.sqrt(bound / pole) : Number.POSITIVE_INFINITY,
    beside > 0 ? bound / beside : Number.POSITIVE_INFINITY,
  );
}

/** What a walk down a vertical line learns. */
export interface Walk {
  /** Zeros right of the line, with their multiplicity; NaN when the walk could not pass one that lies too close. */
  readonly zeros: number;
  /**
   * Where Newton's step leads from places on the line where it is shorter than above and below: near zeros. The rightmost first, far leaps
   * last.
   */
  readonly near: readonly Complex[];
}

/**
 * Counts the zeros right of Re s = `line`, where none lies, by the argument principle. Up and right of the corner at `height` |a n| is
 * at most half of |s (1 + s m)|, so g's angle there is known; down the line every step is so short, by a bound of the slope, that the
 * angle turns by less than a right angle. A million steps at most.
 */
export function walk(equation: Characteristic, line: number): Walk {
  const { damping, pole, rest } = equation;
  const s = complex(line, height(equation, line));
  const factor = complex(1 + pole * line, pole * s.im);
  const leading = complex(s.re * factor.re - s.im * factor.im, s.re * factor.im + s.im * factor.re);
  const steep = -damping * transform(rest, complex(line)).slope.re;
  let y = s.im;
  const top = characteristicAt(equation, s);
  let { value } = top;
  let turned = angle(s) + angle(factor) + angle(divide(value, leading));
  const places: { y: number; step: Complex }[] = [];
  let [before, last] = [complex(0), divide(value, top.slope)]; // Newton's steps at the two places above
  for (let steps = 0; y > 0; steps++) {
    const next = Math.max(0, y - (0.9 * size(value)) / (1 + 2 * pole * Math.hypot(line, y) + steep));
    if (steps > 1e6 || !(next < y)) return { zeros: Number.NaN, near: [] };
    const there = characteristicAt(equation, complex(line, next));
    turned += angle(divide(there.value, value));
    const step = divide(there.value, there.slope);
    if (size(last) < size(before) && size(last) <= size(step)) places.push({ y, step: last });
    if (next === 0 && size(step) < size(last)) places.push({ y: 0, step });
    [before, last] = [last, step];
    [y, value] = [next, there.value];
  }
  // on the real axis g is real, so that anything between whole numbers would be a fault
  const zeros = Math.round(turned / Math.PI) + 0; // no -0
  return { zeros: Math.abs(turned / Math.PI - zeros) < 1e-6 ? zeros : Number.NaN, near: rightmost(line, places) };
}

/** A step farther than to half of the way to the next place leads anywhere. */
function rightmost(line: number, places: readonly { y: number; step: Complex }[]): Complex[] {
  const gap = (k: number, other: number) => (places[other] ? Math.abs(places[k].y - places[other].y) : Number.POSITIVE_INFINITY);
  const leaps = places.map(({ step }, k) => size(step) > Math.min(gap(k, k - 1), gap(k, k + 1)) / 2);
  const order = [...places.keys()].sort((a, b) => Number(leaps[a]) - Number(leaps[b]) || places[a].step.re - places[b].step.re);
  return order.map(k => subtract(complex(line, places[k].y), places[k].step));
}

/** A zero by Newton's iteration from `start`, or undefined when that goes astray. */
export function newton(equation: Characteristic, start: Complex): Complex | undefined {
  let s = start;
  for (let turn = 0; turn < 80; turn++) {
    const { value, slope } = characteristicAt(equation, s);
    const step = divide(value, slope);
    if (!Number.isFinite(step.re + step.im)) return undefined;
    s = complex(s.re - step.re, s.im - step.im);
    if (size(step) <= 1e-12 * size(s)) return s; // the error is the square of the step
  }
  return undefined;
}
