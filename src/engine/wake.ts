/**
 * How long a piece of work is where nobody says: of a model whose steps touch few parameters, so long that what is done to whole rows around
 * it (copy, difference, commit, mix) is a small part. Costs are round numbers measured on one core, so that every machine comes to the same
 * steps and a run can be made again.
 */

import type { Model, Task } from '../models/model.js';

/** Nanoseconds. */
const costs = {
  /** Of a piece of work, whatever its size: locks, intents, clocks, draws. */
  piece: 12000,
  /** Of the passes over whole rows, a parameter. */
  parameter: 1.5,
  /** Of a row that is learnt, and of each number that it touches. */
  row: 20,
  number: 1.5,
} as const;

/** Passes over its rows that a node learns at most without hearing of others. */
const passes = 2;

/** The part that is aimed at. */
export const dense = 0.05;

export interface Wake {
  readonly steps: number;
  /** True when `steps` is two passes over the rows of a node, and would have to be more. */
  readonly isPass: boolean;
  /** The part of the time that goes to whole rows with so many steps, by the same costs. */
  shareOf(steps: number): number;
}

type Touching = Pick<Model, 'parameters' | 'touched'>;
type Data = Pick<Task, 'features' | 'entries' | 'rows'>;

/** Nanoseconds of a local step of plain SGD of a model whose steps touch few parameters; undefined for others. */
export function stepCost({ touched }: Touching, { features, entries = features }: Data, batch: number): number | undefined {
  return touched && batch * (costs.row + costs.number * touched(entries));
}

/** Nanoseconds of a pass over the parameters. */
export function passCost({ parameters }: Touching): number {
  return costs.parameter * parameters;
}

/** Undefined for a model whose steps touch all parameters. Steps are those of plain SGD, without planes of an algorithm: see Recipe.wake. */
export function wakeOf(model: Touching, task: Data, nodes: number, batch: number): Wake | undefined {
  const step = stepCost(model, task, batch);
  if (step === undefined) return undefined;
  const { rows = Number.POSITIVE_INFINITY } = task;
  const whole = costs.piece + passCost(model);
  const wanted = Math.ceil((whole * (1 - dense)) / (dense * step));
  const pass = Math.max(1, Math.floor((passes * rows) / nodes / batch));
  const steps = Math.min(wanted, pass, 1e6);
  return { steps, isPass: pass < wanted, shareOf: steps => whole / (whole + steps * step) };
}
