/** E[e^(-s tau)], by which delays enter every equation here, and the moments that it holds. */

import { type Complex, complex } from './complex.js';
import type { Delay } from './law.js';

/** E[e^(-s tau)] and its derivative by s. */
export interface Transform {
  readonly value: Complex;
  readonly slope: Complex;
}

/**
 * The transform at s, exact up to rounding. It converges for Re s > -1 / tail, everywhere when there is no tail or a limit; left of that
 * line it is continued, with its pole at -1 / tail.
 */
export function transform({ starts, tail, limit }: Delay, s: Complex): Transform {
  const { re: x, im: y } = s;
  const cut = tail > 0 && limit < Number.POSITIVE_INFINITY;
  let [re, im, slopeRe, slopeIm, kept] = [0, 0, 0, 0, 0];
  for (const start of starts) {
    if (start > limit) break;
    const length = Math.exp(-x * start);
    const [ownRe, ownIm] = [length * Math.cos(y * start), y === 0 ? 0 : -length * Math.sin(y * start)];
    if (!cut) {
      kept++;
      re += ownRe;
      im += ownIm;
      slopeRe -= start * ownRe;
      slopeIm -= start * ownIm;
      continue;
    }
    // the integral of e^(-s u) e^(-u/tail) / tail over u up to the limit
    const left = limit - start;
    const part = decay((1 / tail + x) * left, y * left);
    const [a, b] = [(part.value.re * left) / tail, (part.value.im * left) / tail];
    const [da, db] = [(part.slope.re * left * left) / tail, (part.slope.im * left * left) / tail];
    kept -= Math.expm1(-left / tail);
    const [partRe, partIm] = [ownRe * a - ownIm * b, ownRe * b + ownIm * a];
    re += partRe;
    im += partIm;
    slopeRe += ownRe * da - ownIm * db - start * partRe;
    slopeIm += ownRe * db + ownIm * da - start * partIm;
  }
  const value = complex(re / kept, im / kept);
  const slope = complex(slopeRe / kept, slopeIm / kept);
  if (cut || tail === 0) return { value, slope };
  // an independent exponential multiplies by 1 / (1 + tail s)
  const [u, v] = [1 + tail * x, tail * y];
  const square = u * u + v * v;
  const over = (a: Complex) => complex((a.re * u + a.im * v) / square, (a.im * u - a.re * v) / square);
  const whole = over(value);
  return { value: whole, slope: over(complex(slope.re - tail * whole.re, slope.im - tail * whole.im)) };
}

/** E[tau]. */
export function meanDelay(law: Delay): number {
  return -transform(law, complex(0)).slope.re;
}

/** E[tau^2] / E[tau]^2: 1 for a fixed delay, 2 for an exponential one; 1 when every delay is 0. */
export function dispersion(law: Delay): number {
  const mean = meanDelay(law);
  return mean === 0 ? 1 : secondMoment(law) / mean ** 2;
}

/** (1 - e^-q) / q and its derivative by q. */
function decay(x: number, y: number): Transform {
  const square = x * x + y * y;
  if (square < 1) {
    let [re, im, slopeRe, slopeIm] = [1, 0, 0, 0];
    let [powerRe, powerIm] = [1, 0]; // (-q)^(k-1) / (k+1)!
    let factor = 0.5;
    for (let k = 1; k < 20; k++) {
      slopeRe -= k * factor * powerRe;
      slopeIm -= k * factor * powerIm;
      [powerRe, powerIm] = [-(powerRe * x - powerIm * y), -(powerRe * y + powerIm * x)];
      re += factor * powerRe;
      im += factor * powerIm;
      factor /= k + 2;
    }
    return { value: complex(re, im), slope: complex(slopeRe, slopeIm) };
  }
  const length = Math.exp(-x);
  const [powerRe, powerIm] = [length * Math.cos(y), -length * Math.sin(y)];
  const over = (re: number, im: number) => complex((re * x + im * y) / square, (im * x - re * y) / square);
  const value = over(1 - powerRe, -powerIm);
  return { value, slope: over(powerRe - value.re, powerIm - value.im) };
}

function secondMoment(law: Delay): number {
  const { starts, tail, limit } = law;
  if (tail > 0 && limit < Number.POSITIVE_INFINITY) {
    const y = 1e-5 / limit; // E[tau sin(y tau)] / y, which falls short by at most 2e-11 of itself
    return transform(law, complex(0, y)).slope.im / y;
  }
  return starts.reduce((sum, start) => sum + start * start + 2 * start * tail + 2 * tail * tail, 0) / starts.length;
}
