/** Going on with a run from a checkpoint. */

import { isDeepStrictEqual } from 'node:util';
import { view } from '../engine/arena.js';
import { type Progress, stateShape } from '../engine/checkpoint.js';
import { type Experiment, type ExperimentInput, parseExperiment } from '../engine/experiment.js';
import { Control, controlWord } from '../engine/layout.js';
import { sideOf } from '../engine/sides.js';
import { putState, stateBytes } from '../engine/state.js';
import { sharedWords } from '../engine/words.js';
import { HearsayError } from '../errors.js';
import { basisOf, type Demand, requireKernels, requireModules, requireSame } from './basis.js';
import { type Checkpoint, damaged } from './checkpointfile.js';
import { sameForAll } from './clock.js';
import type { Prepared } from './prepare.js';

/** How long the run shall go on, where it shall not end as it was to: whichever is given takes the place of the limits that it had. */
export type Longer = Pick<ExperimentInput, 'epochs' | 'steps' | 'seconds' | 'time' | 'until'>;

const demand: Demand = { code: 'CHECKPOINT_MISMATCH', did: 'saved', does: 'resume' };
const limits = ['epochs', 'steps', 'seconds', 'time'] as const;

/** What is gone on with, and what it is from its beginning: who asks for that runs it again. */
export interface Resumed {
  readonly experiment: Experiment;
  readonly asked: Experiment;
}

/**
 * The experiment of a checkpoint, as this machine is to go on with it: with the threads and the kernels that it had. Throws
 * KERNELS_MISMATCH, CHECKPOINT_MISMATCH for a module that has changed, and what an experiment may be refused with.
 */
export function resumed({ head, path }: Checkpoint, longer: Longer = {}): Resumed {
  const { basis, threads } = head;
  const given = Object.entries(longer).filter(([, value]) => value !== undefined && value !== null);
  const isLonger = given.some(([key]) => (limits as readonly string[]).includes(key));
  const kept = Object.entries(head.asked).filter(([key]) => !isLonger || !(limits as readonly string[]).includes(key));
  const input = { ...Object.fromEntries(kept), ...Object.fromEntries(given) };
  const where = (key: string) => (Object.hasOwn(longer, key) ? key : `${path}: ${key}`);
  const asked = parseExperiment(input, where);
  // The weights are those of the checkpoint.
  const experiment = parseExperiment({ ...input, threads, kernels: basis.kernels.set, init: null }, where);
  requireKernels(basis, path, demand);
  const { init, ...modules } = basis.modules;
  requireModules({ ...basis, modules }, experiment, path, demand);
  return { experiment, asked };
}

/** How far the run has come; towards another target it has not begun. */
export function progressOf({ head }: Checkpoint, { until }: Experiment): Progress {
  const isSame = isDeepStrictEqual(until, head.basis.experiment.until);
  return isSame ? head.progress : { ...head.progress, best: null, secondsToTarget: null };
}

/**
 * Puts the state of a checkpoint into the memory of a run that was prepared for it. Throws CHECKPOINT_MISMATCH for other data, and
 * CHECKPOINT_SHAPE and CHECKPOINT_CORRUPT for a state that is not one of this run.
 */
export function restore({ head, state, path }: Checkpoint, prepared: Prepared): void {
  const { arena } = prepared;
  requireSame(head.basis, basisOf(prepared), path, demand);
  const shape = JSON.parse(JSON.stringify(stateShape(arena.layout.shape)));
  if (!isDeepStrictEqual(shape, head.shape) || state.length !== stateBytes(arena.layout)) {
    const [found, expected] = [state.length, stateBytes(arena.layout)].map(bytes => bytes.toLocaleString('en'));
    const what = `the memory of this run has another shape (${found} bytes of state, expected ${expected})`;
    throw new HearsayError('CHECKPOINT_SHAPE', `${path}: ${what}; resume with hearsay ${head.basis.hearsay}, which wrote it`);
  }
  putState(arena, state, sameForAll() - 1000 * head.progress.seconds);
  requireFinite(prepared, path);
}

/** No model may hold NaN: it would spread. (Beside nodes that attack it may, as they may commit such.) */
function requireFinite({ arena, experiment }: Prepared, path: string): void {
  if (experiment.attacks.length > 0) return;
  const { layout, memory } = arena;
  const words = sharedWords(memory.buffer);
  for (let row = 0; row < layout.models; row++) {
    if (words.load(controlWord(layout, row, Control.Alive)) === 0) continue;
    const bad = view(arena, sideOf(words, layout, row, layout.planes[0]), layout.shape.parameters).findIndex(
      value => !Number.isFinite(value),
    );
    if (bad < 0) continue;
    throw damaged(path, `model ${row} holds a number that is none, at parameter ${bad}`);
  }
}
