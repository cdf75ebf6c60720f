/** Runs of a comparison that was ended early: events.jsonl has what they said, and `--continue` takes it from there. */

import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Experiment } from '../../engine/experiment.js';
import type { Done, Sample, Start } from '../../engine/observer.js';
import { HearsayError } from '../../errors.js';
import { parseJson } from '../../json.js';
import { readPlain } from '../../plainfile.js';
import { type KnownEvent, readEvent } from '../report/events.js';
import type { Outcome } from './table.js';

/** The file of the events of all runs. */
export const eventsFile = 'events.jsonl';
/** As long as one text can be. */
const mostText = 512 * 2 ** 20 - 64;

export interface Kept {
  readonly outcome: Outcome;
  /** Who did the arithmetic. */
  readonly kernels: Experiment['kernels'];
}

/** A line of the file, of what a run said. */
type Line = { readonly event: KnownEvent; readonly algorithm: string; readonly seed: number };

/**
 * Those of the runs in `wanted` that came to their end in `folder`; none where nothing was written yet. Runs with modules of the user's own
 * are done again: what a module does may have changed. Throws CONFIG_MISSING without a folder, OUTPUT_UNWRITABLE for a file that can't be
 * read, and CONFIG_RANGE for runs with other options.
 */
export function keptRuns(folder: string | null, wanted: readonly Experiment[]): Kept[] {
  if (folder === null)
    throw new HearsayError('CONFIG_MISSING', '--continue: found no --out, allowed is the folder of the runs that were done');
  const file = join(resolve(folder), eventsFile);
  const runs = new Map<string, { start: Start; samples: Sample[]; done?: Done }>();
  for (const line of linesOf(file)) {
    const { event } = line;
    const key = JSON.stringify([line.algorithm, line.seed]);
    if (event.event === 'start') runs.set(key, { start: event, samples: [] });
    else if (event.event === 'sample') runs.get(key)?.samples.push(event);
    else if (event.event === 'done' && runs.has(key)) runs.get(key)!.done = event;
  }
  return wanted.flatMap(experiment => {
    const { algorithm, seed } = experiment;
    const run = runs.get(JSON.stringify([algorithm, seed]));
    if (!run?.done || run.done.stopReason === 'aborted') return [];
    const { kernels, modules } = run.start;
    if (Object.keys(modules).length > 0) return [];
    requireSame(run.start, experiment, file);
    return [{ outcome: { algorithm, seed, samples: run.samples, done: run.done, diverged: null }, kernels: kernels.set }];
  });
}

/** A line that was cut off, by a process that ended while it wrote, is left out: its run has not come to its end either. */
function linesOf(file: string): Line[] {
  let text: string;
  try {
    text = readPlain(file, mostText);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new HearsayError(
      'OUTPUT_UNWRITABLE',
      `--continue: ${file}: ${message}; give the folder of a comparison, or another one`,
    );
  }
  return text.split('\n').flatMap(line => lineOf(line) ?? []);
}

/** Undefined for anything else: the table of all runs, and what somebody has made of the file. */
function lineOf(line: string): Line | undefined {
  let found: unknown;
  try {
    found = parseJson(line);
  } catch {
    return undefined;
  }
  const event = readEvent(found);
  if (!event) return undefined;
  const { algorithm, seed } = found as Readonly<Record<string, unknown>>;
  return typeof algorithm === 'string' && typeof seed === 'number' ? { event, algorithm, seed } : undefined;
}

/** The same options; kernels `auto` and no number of threads have become what the machine has. */
function requireSame({ experiment: found, kernels }: Start, wanted: Experiment, file: string): void {
  const options: Readonly<Record<string, unknown>> = JSON.parse(JSON.stringify(wanted));
  for (const [key, value] of Object.entries(options)) {
    const there = key === 'kernels' ? kernels.set : found[key];
    if (isDeepStrictEqual(value, there) || (key === 'kernels' && value === 'auto') || (key === 'threads' && value === null))
      continue;
    throw new HearsayError(
      'CONFIG_RANGE',
      `--continue: ${key}: found ${JSON.stringify(value)}, ${wanted.algorithm} was run with ${JSON.stringify(there)} in ${file}; give the same, or another --out`,
    );
  }
}
