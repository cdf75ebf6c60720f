/** How often a node finishes a piece of local work: laws of the duration D between two of its versions. */

import { requireNumber } from './range.js';

/** A law by its first two moments; no closed form here needs more. */
export interface UpdateLaw {
  /** E[D], above 0. */
  readonly mean: number;
  /** E[D^2], at least mean^2. */
  readonly meanSquare: number;
}

/**
 * D = `fixed` (from 0) plus an exponential of `rate` (above 0): c and mu of Mitra and Ulukus, arXiv 2404.19749. Throws CONFIG_RANGE.
 */
export function shiftedExponential(fixed: number, rate: number): UpdateLaw {
  requireNumber('update law: fixed part', fixed, { min: 0 });
  requireNumber('update law: rate of the exponential part', rate, { above: 0 });
  const tail = 1 / rate;
  return { mean: fixed + tail, meanSquare: fixed * fixed + 2 * tail * (fixed + tail) };
}

/** Versions come as a Poisson process of `rate`, above 0. Throws CONFIG_RANGE. */
export function poisson(rate: number): UpdateLaw {
  return shiftedExponential(0, rate);
}

/** Versions come every `duration`, above 0. Throws CONFIG_RANGE. */
export function deterministic(duration: number): UpdateLaw {
  requireNumber('update law: duration', duration, { above: 0 });
  return { mean: duration, meanSquare: duration * duration };
}

/** Lambda: versions per unit of time when one takes `mean` on average, above 0. Throws CONFIG_RANGE. */
export function updateRate(mean: number): number {
  requireNumber('update law: mean', mean, { above: 0 });
  return 1 / mean;
}

/** E[D^2] / (2 E[D]): mean time since the last version, seen at a random instant (the renewal paradox). Throws CONFIG_RANGE. */
export function sourceAge({ mean, meanSquare }: UpdateLaw): number {
  requireNumber('update law: mean', mean, { above: 0 });
  requireNumber('update law: mean square', meanSquare, { min: mean * mean * (1 - 1e-12) });
  return meanSquare / (2 * mean);
}
