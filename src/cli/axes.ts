/** What the samples of a run are drawn against, and how a number is read out of them. */

import type { Axis } from '../chart/image.js';
import type { Sample } from '../engine/observer.js';

/** Null where there is no such number. */
export type Read = (sample: Sample) => number | null;
export type Against = readonly [Axis, Read];

export const steps: Against = [{ label: 'local steps, all nodes' }, sample => sample.steps];
export const clock: Against = [{ label: 'training time', unit: 's' }, sample => sample.seconds];
export const virtualTime: Against = [{ label: 'virtual time', unit: 's' }, sample => sample.virtual?.time ?? null];

/** `read` without what is 0 but for rounding: one meeting of all nodes would take twenty decades of a logarithmic axis. */
export function visible(read: Read, samples: readonly Sample[]): Read {
  const most = samples.reduce((most, sample) => Math.max(most, read(sample) || 0), 0);
  return sample => {
    const value = read(sample);
    return value !== null && value > 1e-6 * most ? value : null;
  };
}
