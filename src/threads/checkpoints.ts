/** The checkpoints of a run: its state is copied while everybody is parked, and written while the run goes on. */

import { rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type CheckpointHead, type Progress, stateShape } from '../engine/checkpoint.js';
import type { Experiment } from '../engine/experiment.js';
import { readCounters } from '../engine/metrics.js';
import { copyState, stateBytes } from '../engine/state.js';
import { basisOf } from './basis.js';
import { type Checkpoint, checkpointFolder, checkpointsIn, clearDrafts, writeCheckpoint } from './checkpointfile.js';
import type { Prepared } from './prepare.js';
import { beginning, type Keeper } from './watch.js';

/** How often: after so many local steps over all nodes, or seconds on the wall; or only at the end, and when the run is stopped or fails. */
export type Every = { readonly unit: 'seconds' | 'steps'; readonly value: number } | 'never';

export interface Keeping {
  /** The folder of the run: they are in a folder of it. */
  readonly out: string;
  readonly every: Every;
  /** The experiment as it was asked for. */
  readonly asked: Experiment;
  /** The run goes on from this one. */
  readonly from?: Checkpoint;
  /** Told when one can't be written: the run goes on, and those before stay. */
  readonly warn: (text: string) => void;
}

export interface Checkpoints extends Keeper {
  /** Before the first step: where the folder has checkpoints of another run, one of this takes their place, so that no one goes on with that. */
  begin(): Promise<void>;
  /** The run has failed, and what its threads held is recovered: keeps where it stands, when it has come any further. */
  rescue(): Promise<void>;
  /** Resolves when nothing is being written, with the file of the last that was written; null for none. */
  settle(): Promise<string | null>;
}

/** Of a run that begins in a folder with those of another, or goes on from an earlier one: the later go as soon as there is one of this. */
export function openCheckpoints(prepared: Prepared, { out, every, asked, from, warn }: Keeping): Checkpoints {
  const { arena } = prepared;
  const folder = checkpointFolder(out);
  const { unit, value } = every === 'never' ? { unit: every, value: 0 } : every;
  const milliseconds = unit === 'seconds' ? 1000 * value : Number.POSITIVE_INFINITY;
  const stride = unit === 'steps' ? value : Number.POSITIVE_INFINITY;
  const steps = from?.head.steps ?? 0;
  const goesOn = from !== undefined && dirname(resolve(from.path)) === resolve(folder);
  clearDrafts(folder);
  const found = checkpointsIn(folder);
  const at = goesOn ? found.findIndex(([, path]) => resolve(path) === resolve(from.path)) : -1;
  // Where the file that was read has gone meanwhile, nothing is known of the others.
  let others = goesOn && at < 0 ? [] : found.slice(at + 1);
  let number = found.at(-1)?.[0] ?? 0;
  let nextSteps = (Math.floor(steps / stride) + 1) * stride;
  let nextTime = performance.now() + milliseconds;
  // Now, while the files are those that were read.
  const basis = basisOf(prepared);
  let progress: () => Progress = () => from?.head.progress ?? beginning;
  let state: Uint8Array | undefined;
  let writing = Promise.resolve();
  let isWriting = false;
  let written: string | null = null;
  let warned = false;

  /** `last`: nobody tries again. */
  function complain(error: unknown, last: boolean): void {
    const before = written ? `; ${written} stays` : '';
    const what = last ? `the run can't be gone on with from here${before}` : `the run goes on${before}`;
    if (!warned || last) warn(`OUTPUT_UNWRITABLE: ${folder}: ${(error as Error).message}; ${what}`);
    warned = true;
  }

  async function write(progress: Progress, steps: number, last: boolean): Promise<void> {
    try {
      const { mode, threads } = prepared;
      const head: CheckpointHead = { basis, asked, mode, threads, shape: stateShape(arena.layout.shape), progress, steps };
      written = await writeCheckpoint(folder, number + 1, head, state!);
      number++;
      for (const [, path] of others) rmSync(path, { force: true });
      others = [];
      for (const [, path] of checkpointsIn(folder).slice(0, -2)) rmSync(path, { force: true });
    } catch (error) {
      complain(error, last);
    }
  }

  async function keep(progress: Progress, steps: number, last: boolean): Promise<void> {
    await writing;
    while (nextSteps <= steps) nextSteps += stride;
    nextTime = performance.now() + milliseconds;
    try {
      state ??= new Uint8Array(stateBytes(arena.layout));
    } catch (error) {
      return complain(error, last); // no room for a copy
    }
    copyState(arena, state);
    isWriting = true;
    writing = write(progress, steps, last).finally(() => {
      isWriting = false;
    });
    if (last) await writing;
  }

  return {
    async begin() {
      if (goesOn || others.length === 0) return;
      await keep(progress(), steps, false);
      await writing;
    },
    get steps() {
      return nextSteps;
    },
    // By the clock it is not due while the one before is still being written: all would wait for the disk.
    isDue: steps => steps >= nextSteps || (performance.now() >= nextTime && !isWriting),
    note(ask) {
      progress = ask;
    },
    keep,
    async rescue() {
      const now = progress();
      const counted = readCounters(arena, now.before.steps).steps;
      if (counted > steps) await keep(now, counted, true);
    },
    async settle() {
      await writing;
      return written;
    },
  };
}
