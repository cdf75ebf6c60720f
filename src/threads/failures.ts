/** What ends a run from inside, in one line for people. */

import { Diverged } from '../engine/diverged.js';
import type { Experiment } from '../engine/experiment.js';
import { HearsayError } from '../errors.js';
import { isModule, parseSpec, savedModelOf } from '../spec.js';

/** Where a module of a user's may stand. */
export const moduleKeys = ['model', 'algorithm', 'topology', 'link'] as const;

/**
 * What is to be said of an error that came out of code of ours which calls the user's: an error of ours stays what it is, and so does
 * a fault where no module was called; what a module threw is MODEL_FAILED. `when` takes the place of the node.
 */
export function failureOf(error: unknown, experiment: Experiment, when: string): unknown {
  if (error instanceof Diverged) return divergence(error, experiment);
  if (error instanceof HearsayError) return error;
  const names = moduleKeys.map(key => parseSpec(experiment[key], key).name);
  if (!names.some(name => isModule(name) || savedModelOf(name) !== undefined)) return error;
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return modelFailure(experiment, { node: -1, message, stack }, when);
}

export function divergence(
  { node, step, spread, lastLoss }: Pick<Diverged, 'node' | 'step' | 'spread'> & { readonly lastLoss?: number },
  { attacks, average }: Experiment,
): HearsayError {
  const message = `node ${node}: the loss or a weight became NaN or infinite in the piece that began at its step ${step}`;
  const others = spread ? 'it was made in place, on the row of all' : 'no other node has seen it';
  const last =
    lastLoss === undefined
      ? 'its thread has seen no finite loss of it'
      : `its last finite loss was ${Number(lastLoss.toPrecision(4))}`;
  if (attacks.length > 0 && average === 'plain') {
    const bad = `${attacks.length === 1 ? `node ${attacks[0].node} attacks` : `${attacks.length} nodes attack`}, and averages are plain`;
    return new HearsayError(
      'DIVERGED',
      `${message}; ${last}; ${bad}. Take an average that bears it, as --average clipped:radius=0.5`,
    );
  }
  const remedy = spread ? '' : '; --diverged skip, or reset, goes on without such pieces';
  return new HearsayError('DIVERGED', `${message}; ${last}; ${others}. Use a lower rate, or standardize the data${remedy}`);
}

export function modelFailure(
  { algorithm, model, seed }: Experiment,
  { node, message, stack }: { node: number; message: string; stack: string },
  when = 'between pieces of work',
): HearsayError {
  const where = `${node >= 0 ? `node ${node}` : when}, algorithm ${algorithm}, model ${model}, seed ${seed}`;
  return new HearsayError('MODEL_FAILED', `${where}: ${message.split('\n')[0]}`, { cause: stack });
}
