/**
 * Exchanges of 2 and 3 bits. The noise of so coarse a lattice would feed on itself: it is as large as the distances that its side is made
 * for. Three things keep it below them.
 *
 * The radius follows the root mean square r of the differences, the noise of the lattice (s^2/12) taken off, in place of the largest one, in
 * which it is. Rotated differences are nearly normal, so that of n hardly any is above r sqrt(2 ln 2n).
 *
 * What both have sent enters as a difference, x + w (Q(y) - Q(x)), so that of one's own noise a part of w is taken, not all of it; the
 * sum of both models stays what it is, to the rounding.
 *
 * w is small. With r^2 the mean square of the pair's differences, an exchange takes 2w(1-w) r^2 a coordinate off Gamma, the sum of squared
 * distances to the mean model, and adds 2 w^2 (2 s^2/12). So it falls, in the mean, if w (1 + k) < 1, k = s^2 / (6 r^2), and fastest, by w
 * r^2, for w = 1 / (2 (1 + k)): 1 + k times as slowly as floats with w = 1/2, so that noise of the work keeps models 1 + k times as far apart
 * (Gamma; the default order). Own derivation, for pairs that are as far apart as those that they have met.
 */

import { logarithm } from '../../logarithm.js';

/** Fewer bits than these are few. */
export const enough = 4;

/** Of n coordinates of the mean square 1, after a rotation, the largest is hardly more. n is 1 or more. */
export function reachOf(n: number): number {
  return Math.sqrt(2 * logarithm(2 * n));
}

/** k of the largest side that a radius asks for: sides are powers of two, so twice what is needed at most, and half of it at least. */
export function noiseOf(bits: number, n: number): number {
  const side = (4 * reachOf(n)) / (2 ** bits - 1);
  return side ** 2 / 6;
}

/** From this weight on the largest side adds as much to Gamma as the average takes off. */
export function limitOf(bits: number, n: number): number {
  return 1 / (1 + noiseOf(bits, n));
}
