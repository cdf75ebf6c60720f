/** What ends a run from inside, in one line for people. */

import type { Experiment } from '../engine/experiment.js';
import { HearsayError } from '../errors.js';

export function divergence({ node, step, spread }: { node: number; step: number; spread: boolean }): HearsayError {
  const message = `node ${node}: the loss or a weight became NaN or infinite in the piece that began at its step ${step}`;
  const others = spread ? 'it was made in place, on the row of all' : 'no other node has seen it';
  return new HearsayError('DIVERGED', `${message}; ${others}. Use a lower rate, or standardize the data`);
}

export function modelFailure(
  { algorithm, model, seed }: Experiment,
  { node, message, stack }: { node: number; message: string; stack: string },
): HearsayError {
  const where = `${node >= 0 ? `node ${node}` : 'between pieces of work'}, algorithm ${algorithm}, model ${model}, seed ${seed}`;
  return new HearsayError('MODEL_FAILED', `${where}: ${message.split('\n')[0]}`, { cause: stack });
}
