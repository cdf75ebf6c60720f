/**
 * How large a step is, from how much the gradients of neighbours differ. With R gradients, their mean m and V = sum |g - m|^2 / (R - 1):
 *
 *   v, q    running means (0.9) of V and |m|^2, without the bias of their start
 *   s     = v / max(q - v / R, 0), noise to signal: of |m|^2, v / R is noise
 *   root      pace = 1 / sqrt(1 + kappa s)
 *   inverse   pace = 1 / (1 + kappa s)
 *   absolute  pace = 1 / sqrt(1 + V / V0), V0 the first V above 0
 *
 * within [least, 1]. The first two do not change when all gradients are scaled. Of one coordinate it is the same rule, of numbers in place of
 * vectors. Our own.
 */

export const paces = ['root', 'inverse', 'absolute'] as const;
export type Pace = (typeof paces)[number];

/** Numbers of a running estimate: of V, of |m|^2, of 1 (for the bias), and V0. All 0 at the start. Several may lie one after the other. */
export const estimateWidth = 4;

const memory = 0.9;

export interface Spread {
  /** |m|^2 */
  readonly signal: number;
  readonly variance: number;
  readonly count: number;
}

/** Of two gradients or more, in their coordinates from..to-1: all of them, unless said. */
export function spreadOf(gradients: readonly Float32Array[], from = 0, to = gradients[0].length): Spread {
  const count = gradients.length;
  let [signal, squares] = [0, 0];
  for (let k = from; k < to; k++) {
    let mean = 0;
    for (const gradient of gradients) mean += gradient[k] / count;
    for (const gradient of gradients) squares += (gradient[k] - mean) ** 2;
    signal += mean * mean;
  }
  return { signal, variance: squares / (count - 1), count };
}

/** Brings the running estimate at place `at` up to date. */
export function learnSpread(estimate: Float32Array, { signal, variance }: Spread, at = 0): void {
  estimate[at] = memory * estimate[at] + (1 - memory) * variance;
  estimate[at + 1] = memory * estimate[at + 1] + (1 - memory) * signal;
  estimate[at + 2] = memory * estimate[at + 2] + (1 - memory);
  if (estimate[at + 3] === 0) estimate[at + 3] = variance;
}

/** The pace, with an estimate at place `at` that has seen `spread` last. */
export function paceOf(
  form: Pace,
  estimate: Float32Array,
  { variance, count }: Spread,
  kappa: number,
  least: number,
  at = 0,
): number {
  const first = estimate[at + 3];
  if (form === 'absolute') return clip(first === 0 ? 1 : 1 / Math.sqrt(1 + variance / first), least);
  const noise = estimate[at] / estimate[at + 2];
  const signal = estimate[at + 1] / estimate[at + 2];
  if (noise === 0) return 1;
  const ratio = noise / (Math.max(signal - noise / count, 0) + 1e-12 * noise);
  return clip(form === 'root' ? 1 / Math.sqrt(1 + kappa * ratio) : 1 / (1 + kappa * ratio), least);
}

function clip(pace: number, least: number): number {
  return Math.min(1, Math.max(least, pace));
}
