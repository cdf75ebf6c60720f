/** A model with weights and a batch that are drawn, in a memory of its own: for what looks at single steps. */

import { drawWeights } from '../src/models/drawn.js';
import { openKernels } from '../src/models/kernels/choose.js';
import type { Kernels } from '../src/models/kernels/kernels.js';
import { reserve } from '../src/models/kernels/memory.js';
import type { Batch, Model, Session } from '../src/models/model.js';
import { namedModel } from '../src/models/named.js';
import { normal, source, uniform } from '../src/random.js';
import type { Compared } from './compared.js';

export interface Opened {
  readonly model: Model;
  readonly session: Session;
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
  readonly batch: Batch;
}

/** `watch` may put something between the model and its kernels. No weight is left at a value that would hide a mistake, as 0 is. */
export function opened(
  { model: name, task }: Compared,
  rows: number,
  set: string,
  watch = (kernels: Kernels): Kernels => kernels,
): Opened {
  const model = namedModel(name, task);
  const sizes = [model.parameters, model.parameters, rows * task.features, rows, model.workspace(rows)];
  const padded = sizes.map(n => Math.ceil((n + 4) / 32) * 32);
  const memory = reserve(4 * padded.reduce((sum, n) => sum + n, 32), 'a bench', 'use a smaller model');
  let at = 128;
  const [weights, gradient, inputs, targets, work] = sizes.map((n, k) => {
    const view = new Float32Array(memory.buffer, at, n);
    at += 4 * padded[k];
    return view;
  });
  const labels = new Int32Array(memory.buffer, targets.byteOffset, rows);
  const [starts, shifts, values] = ['weights', 'shifts', 'values'].map(purpose => source(1, purpose));
  drawWeights(model, weights, starts);
  for (let k = 0; k < weights.length; k++) weights[k] += 0.03 * normal(shifts, 0, k);
  for (let k = 0; k < inputs.length; k++)
    inputs[k] = task.categories ? Math.floor(uniform(values, 0, k) * task.categories[0]) : normal(values, 0, k);
  for (let row = 0; row < rows; row++) labels[row] = Math.floor(uniform(values, 1, row) * task.classes);
  const session = model.open(watch(openKernels(set, memory)), work, rows);
  return { model, session, weights, gradient, batch: { rows, inputs, targets: labels } };
}
