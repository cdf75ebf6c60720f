/** Lambert's W: the solutions w of w e^w = z, for complex z (Corless, Gonnet, Hare, Jeffrey and Knuth 1996). */

import { requireNumber } from '../range.js';
import { add, type Complex, complex, divide, exp, log, multiply, scale, size, sqrt, subtract } from './complex.js';

/** Two doubles whose sum is 1/e, and so the distance to the branch point has all its digits. */
const [reciprocal, rest] = [0.36787944117144233, -1.2428753672788363e-17];

/** Coefficients of the series in p = sqrt(2 (e z + 1)) about the branch point -1/e (Corless et al., 4.22). */
const series = [-1, 1, -1 / 3, 11 / 72, -43 / 540, 769 / 17280, -221 / 8505, 680863 / 43545600, -1963 / 204120];

/**
 * W_k(z) with k = `branch` (a whole number, -1000 to 1000), the branches of Corless et al.: the cut of W_0 is (-inf, -1/e), that of the
 * others (-inf, 0], both closed from above. |w e^w - z| <= 1e-12 |z| for |z| from 1e-300 to 1e300; at the branch point -1/e, rounded or
 * not, -1. W_0(0) is 0, the others have no value at 0. Starts from the series where the branch point is near, else from the logarithms,
 * and goes on by Halley's iteration. Throws CONFIG_RANGE.
 */
export function lambertW(z: Complex, branch = 0): Complex {
  requireNumber('Lambert W: branch', branch, { whole: true, min: -1000, max: 1000 });
  requireNumber('Lambert W: size of the argument', size(z), branch === 0 ? { min: 0, max: 1e300 } : { above: 0, max: 1e300 });
  if (size(z) < 1e-300) return branch === 0 ? z : halley(z, fromLogarithms(z, branch));
  const sheet = branch === 0 ? 1 : branch === -(z.im >= 0 ? 1 : -1) ? -1 : 0; // which root of p this branch takes, if any
  if (sheet !== 0) {
    const p = scale(sqrt(scale(complex(z.re + reciprocal + rest, z.im), 2 * Math.E)), sheet);
    // Halley's denominator vanishes at the branch point, where the series has all digits
    if (size(p) < 0.01) return fromSeries(p);
    if (size(p) < (sheet > 0 ? 1.9 : 1.2)) return halley(z, fromSeries(p));
  }
  if (branch === 0 && z.re > 0 && size(z) < 3) return halley(z, small(z));
  if (branch === -1 && z.im === 0 && z.re < 0 && z.re > -reciprocal) {
    const far = Math.log(-z.re);
    return halley(z, complex(far - Math.log(-far)));
  }
  return halley(z, fromLogarithms(z, branch));
}

function fromSeries(p: Complex): Complex {
  return series.reduceRight((sum, coefficient) => add(multiply(sum, p), complex(coefficient)), complex(0));
}

/** log(1 + z) has the value and the slope of W_0 at 0, and is near it right of 0. */
function small(z: Complex): Complex {
  return log(add(complex(1), z));
}

function fromLogarithms(z: Complex, branch: number): Complex {
  const first = add(log(z), complex(0, 2 * Math.PI * branch));
  return subtract(first, log(first));
}

/** Third order: w - f / (e^w (w + 1) - (w + 2) f / (2 w + 2)) with f = w e^w - z. */
function halley(z: Complex, start: Complex): Complex {
  let w = start;
  for (let turn = 0; turn < 60; turn++) {
    const power = exp(w);
    const off = subtract(multiply(w, power), z);
    const next = add(w, complex(1));
    const bend = divide(multiply(add(w, complex(2)), off), scale(next, 2));
    const step = divide(off, subtract(multiply(power, next), bend));
    w = subtract(w, step);
    if (size(step) <= 4 * Number.EPSILON * size(w)) break;
  }
  return w;
}
