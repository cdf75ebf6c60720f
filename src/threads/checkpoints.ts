/** The checkpoints of a run: its state is copied while everybody is parked, and written while the run goes on. */

import { rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type CheckpointHead, type Progress, stateShape } from '../engine/checkpoint.js';
import { readCounters } from '../engine/metrics.js';
import { copyState, stateBytes } from '../engine/state.js';
import { basisOf } from './basis.js';
import { type Checkpoint, checkpointFolder, checkpointsIn, clearDrafts, writeCheckpoint } from './checkpointfile.js';
import type { Prepared } from './prepare.js';
import { beginning, type Keeper } from './watch.js';

/** How often: after so many local steps over all nodes, or seconds on the wall. */
export interface Every {
  readonly unit: 'seconds' | 'steps';
  readonly value: number;
}

export interface Checkpoints extends Keeper {
  /** Threads were lost for good, and what they held is recovered: keeps where the run stands. */
  rescue(): Promise<void>;
  /** Resolves when nothing is being written. */
  settle(): Promise<void>;
}

/**
 * Of a run that goes on `from` one, or begins: then those of another run in that folder go as soon as there is one of this. `warn` is told
 * once when a checkpoint can't be written: the run goes on, and the ones before stay.
 */
export function openCheckpoints(
  out: string,
  every: Every,
  prepared: Prepared,
  from: Checkpoint | undefined,
  warn: (text: string) => void,
): Checkpoints {
  const { arena } = prepared;
  const folder = checkpointFolder(out);
  const milliseconds = every.unit === 'seconds' ? 1000 * every.value : Number.POSITIVE_INFINITY;
  const stride = every.unit === 'steps' ? every.value : Number.POSITIVE_INFINITY;
  const steps = from?.head.steps ?? 0;
  const goesOn = from !== undefined && dirname(resolve(from.path)) === resolve(folder);
  let others = goesOn ? [] : checkpointsIn(folder);
  clearDrafts(folder);
  let number = checkpointsIn(folder).at(-1)?.[0] ?? 0;
  let nextSteps = (Math.floor(steps / stride) + 1) * stride;
  let nextTime = performance.now() + milliseconds;
  // Now, while the files are those that were read.
  const basis = basisOf(prepared);
  let noted: Progress = from?.head.progress ?? beginning;
  let state: Uint8Array | undefined;
  let writing = Promise.resolve();
  let warned = false;

  async function write(progress: Progress, steps: number): Promise<void> {
    try {
      const { mode, threads } = prepared;
      const head: CheckpointHead = { basis, mode, threads, shape: stateShape(arena.layout.shape), progress, steps };
      await writeCheckpoint(folder, number + 1, head, state!);
      number++;
      for (const [, path] of others) rmSync(path, { force: true });
      others = [];
    } catch (error) {
      const what = `${folder}: ${(error as Error).message}`;
      if (!warned) warn(`OUTPUT_UNWRITABLE: ${what}; the run goes on, and the checkpoints before stay`);
      warned = true;
    }
  }

  const checkpoints: Checkpoints = {
    get steps() {
      return nextSteps;
    },
    isDue: steps => steps >= nextSteps || performance.now() >= nextTime,
    note(progress) {
      noted = progress;
    },
    async keep(progress, steps, last) {
      await writing;
      state ??= new Uint8Array(stateBytes(arena.layout));
      copyState(arena, state);
      while (nextSteps <= steps) nextSteps += stride;
      nextTime = performance.now() + milliseconds;
      writing = write(progress, steps);
      if (last) await writing;
    },
    rescue: () => checkpoints.keep(noted, readCounters(arena, noted.before.steps).steps, true),
    settle: () => writing,
  };
  return checkpoints;
}
