/** Which kernels a run computes with, and whether a pool is worth it. */

import { stepsOfPiece } from '../engine/algorithms/table.js';
import type { Experiment } from '../engine/experiment.js';
import type { Recipe } from '../engine/recipe.js';
import { passCost, stepCost } from '../engine/wake.js';
import { type Choice, chooseKernels, stepTime } from '../models/kernels/choose.js';
import type { Task } from '../models/model.js';

/** In virtual time the portable set is the default: the same bits everywhere. */
export function kernelsOf(experiment: Experiment, { model }: Recipe, task: Task): Choice {
  const asked = experiment.deterministic && experiment.kernels === 'auto' ? 'simd' : experiment.kernels;
  return chooseKernels(asked, model, task, experiment.batch, () => performance.now());
}

/** Handing a piece of work to another thread costs about 5 us; a shorter one is done at once, here. */
const worthMilliseconds = 0.005;

export function mayBeAPool({ parallel }: Experiment, { algorithm }: Recipe, threads: number): boolean {
  if (algorithm.notReplayable) return false; // its pieces have no order that others could keep
  return parallel === 'auto' ? threads > 1 : parallel === 'always';
}

export function isWorthAPool(
  { algorithm, parallel, batch }: Experiment,
  { model, wake }: Recipe,
  { set }: Choice,
  task: Task,
): boolean {
  if (parallel === 'always') return true;
  const step = stepCost(model, task, batch);
  if (step !== undefined) return stepsOfPiece(algorithm, wake) * (wake ? step : step + passCost(model)) > 1e6 * worthMilliseconds;
  return stepTime(set, model, task, batch, () => performance.now()) > worthMilliseconds;
}
