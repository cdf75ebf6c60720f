/** Experiments that learn nothing: who heard of whom is all that they ask. */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Sample } from '../engine/observer.js';
import type { Completed } from '../threads/crowd.js';
import { type Measured, meanOfSeries } from './measured.js';

export const nothing: ExperimentInput = { data: 'none', model: 'none', batch: 1 };

/**
 * A time between two looks, and one that no constant clock divides: `looks` of them in `time`, but no more than two in a typical time
 * `scale` in which what is looked at changes.
 */
export function everySeconds(time: number, scale: number, looks: number): string {
  return `${(0.9973 * Math.max(time / looks, scale / 2)).toPrecision(6)}s`;
}

/** The average over the samples after `warmUp` virtual seconds. */
export function averageAfter(warmUp: number, { samples }: Completed, read: (sample: Sample) => number): Measured {
  return meanOfSeries(samples.filter(({ virtual }) => virtual!.time > warmUp).map(read));
}
