/**
 * How large a step is, from how much the gradients of neighbours differ. With R gradients, their mean m and V = sum |g - m|^2 / (R - 1):
 *
 *   v, q    running means (0.9) of V and |m|^2, without the bias of their start
 *   s     = v / max(q - v / R, 0), noise to signal: of |m|^2, v / R is noise
 *   root      pace = 1 / sqrt(1 + kappa s)
 *   inverse   pace = 1 / (1 + kappa s)
 *   absolute  pace = 1 / sqrt(1 + V / V0), V0 the first V above 0
 *
 * within [least, 1]. The first two do not change when all gradients are scaled. Our own.
 */

export const paces = ['root', 'inverse', 'absolute'] as const;
export type Pace = (typeof paces)[number];

/** Numbers of a running estimate: of V, of |m|^2, of 1 (for the bias), and V0. All 0 at the start. */
export const estimateWidth = 4;

const memory = 0.9;

export interface Spread {
  /** |m|^2 */
  readonly signal: number;
  readonly variance: number;
  readonly count: number;
}

/** Of two gradients or more. */
export function spreadOf(gradients: readonly Float32Array[]): Spread {
  const count = gradients.length;
  let [signal, squares] = [0, 0];
  for (let k = 0; k < gradients[0].length; k++) {
    let mean = 0;
    for (const gradient of gradients) mean += gradient[k] / count;
    for (const gradient of gradients) squares += (gradient[k] - mean) ** 2;
    signal += mean * mean;
  }
  return { signal, variance: squares / (count - 1), count };
}

/** Brings the running estimate up to date, in place. */
export function learnSpread(estimate: Float32Array, { signal, variance }: Spread): void {
  estimate[0] = memory * estimate[0] + (1 - memory) * variance;
  estimate[1] = memory * estimate[1] + (1 - memory) * signal;
  estimate[2] = memory * estimate[2] + (1 - memory);
  if (estimate[3] === 0) estimate[3] = variance;
}

/** The pace, with an estimate that has seen `spread` last. */
export function paceOf(form: Pace, estimate: Float32Array, { variance, count }: Spread, kappa: number, least: number): number {
  if (form === 'absolute') return clip(estimate[3] === 0 ? 1 : 1 / Math.sqrt(1 + variance / estimate[3]), least);
  const noise = estimate[0] / estimate[2];
  const signal = estimate[1] / estimate[2];
  if (noise === 0) return 1;
  const ratio = noise / (Math.max(signal - noise / count, 0) + 1e-12 * noise);
  return clip(form === 'root' ? 1 / Math.sqrt(1 + kappa * ratio) : 1 / (1 + kappa * ratio), least);
}

function clip(pace: number, least: number): number {
  return Math.min(1, Math.max(least, pace));
}
