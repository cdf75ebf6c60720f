/** A run as event files of TensorBoard: `tensorboard --logdir FOLDER` shows its curves. */

import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Done, RunEvent, Sample } from '../../engine/observer.js';
import { type Event, eventEncoder, type Histogram, type Scalar } from './event.js';
import { frame } from './frame.js';

export interface Board {
  /** Every number of a sample becomes a scalar, at its local steps; a start begins a new file and takes those of a run before away. */
  record(event: RunEvent): void;
}

/** The folder below that of the run. Its files are named by when they began; nothing tells on which machine. */
export const boardFolder = 'tensorboard';
const pattern = /^events\.out\.tfevents\.\d+\.hearsay$/;

/**
 * A failure to write is told to `warn` once, and the run goes on. `goesOn`: the files that are there stay, as the run does what comes after
 * them. `now` gives milliseconds since 1970.
 */
export async function openBoard(path: string, warn: (text: string) => void, goesOn = false, now = Date.now): Promise<Board> {
  const encode = await eventEncoder();
  const folder = join(path, boardFolder);
  let file = '';
  let failed = false;
  const bytes = (event: Omit<Event, 'wallTime'>) => frame(encode({ wallTime: now() / 1000, ...event }));
  const begin = () => {
    mkdirSync(folder, { recursive: true });
    for (const name of goesOn ? [] : readdirSync(folder)) if (pattern.test(name)) rmSync(join(folder, name));
    file = join(folder, `events.out.tfevents.${Math.floor(now() / 1000)}.hearsay`);
    writeFileSync(file, bytes({ fileVersion: 'brain.Event:2' }));
  };
  return {
    record(event) {
      if (failed) return;
      try {
        if (event.event === 'start') begin();
        else if (event.event === 'sample')
          appendFileSync(file, bytes({ step: event.steps, summary: { value: scalarsOf(event) } }));
        else {
          const value = histogramsOf(event);
          if (value.length > 0) appendFileSync(file, bytes({ step: event.steps, summary: { value } }));
        }
      } catch (error) {
        failed = true;
        warn(`OUTPUT_UNWRITABLE: ${boardFolder}: ${(error as Error).message}; the run goes on without it`);
      }
    },
  };
}

/** staleness: { mean } is staleness/mean. What is null is left out. */
export function scalarsOf(sample: Sample): Scalar[] {
  const scalars: Scalar[] = [];
  const collect = (record: object, prefix: string) => {
    for (const [key, value] of Object.entries(record)) {
      if (typeof value === 'number') scalars.push({ tag: prefix + key, simpleValue: value });
      else if (typeof value === 'object' && value !== null) collect(value, `${prefix}${key}/`);
    }
  };
  collect(sample, '');
  return scalars;
}

/** How far behind each node is at the end, over the nodes. */
function histogramsOf({ perNode }: Done): Histogram[] {
  if (!perNode) return [];
  return Object.entries(perNode)
    .filter(([, values]) => values.length > 0)
    .map(([key, values]) => histogram(`perNode/${key}`, values));
}

const buckets = 30;

/** Equally wide buckets from the least to the largest of `values`, ascending. */
export function histogram(tag: string, values: readonly number[]): Histogram {
  const [min, max] = [values[0], values[values.length - 1]];
  const width = Math.max((max - min) / buckets, 1e-9 * max) || 1; // far enough apart to be numbers of their own
  const bucket = Array.from({ length: buckets }, () => 0);
  for (const value of values) bucket[Math.min(buckets - 1, Math.floor((value - min) / width))]++;
  const sum = values.reduce((total, value) => total + value, 0);
  const sumSquares = values.reduce((total, value) => total + value * value, 0);
  const bucketLimit = bucket.map((_, k) => (k === buckets - 1 ? Math.max(max, min + buckets * width) : min + (k + 1) * width));
  return { tag, histo: { min, max, num: values.length, sum, sumSquares, bucketLimit, bucket } };
}
