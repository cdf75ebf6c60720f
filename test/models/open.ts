import { drawWeights } from '../../src/models/drawn.js';
import { openKernels } from '../../src/models/kernels/choose.js';
import type { Kernels } from '../../src/models/kernels/kernels.js';
import type { Batch, Model, Session, Task } from '../../src/models/model.js';
import { normal, source, uniform } from '../../src/random.js';

/** A model opened in a memory of its own, with room for a batch and all that a step needs. */
export interface Opened {
  readonly kernels: Kernels;
  readonly session: Session;
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
  readonly state: Float32Array;
  readonly batch: Batch;
  readonly outputs: Float32Array;
}

export function open(model: Model, task: Task, rows: number, set: Kernels['name'], seed = 1): Opened {
  const { parameters } = model;
  const sizes = [parameters, parameters, parameters, rows * task.features, rows, rows * model.outputs, model.workspace(rows)];
  const padded = sizes.map(n => Math.ceil((n + 4) / 32) * 32);
  const pages = Math.ceil((4 * padded.reduce((sum, n) => sum + n, 32)) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const kernels = openKernels(set, memory);
  let at = 128;
  const [weights, gradient, state, inputs, targets, outputs, work] = sizes.map((n, k) => {
    const view = new Float32Array(memory.buffer, at, n);
    at += 4 * padded[k];
    return view;
  });
  drawWeights(model, weights, source(seed, 'weights'));
  const values = source(seed, 'data');
  for (let i = 0; i < inputs.length; i++) inputs[i] = normal(values, 0, i);
  let typed: Float32Array | Int32Array = targets;
  if (task.classes > 0) {
    typed = new Int32Array(memory.buffer, targets.byteOffset, rows);
    for (let r = 0; r < rows; r++) typed[r] = Math.floor(uniform(values, 1, r) * task.classes);
  } else for (let r = 0; r < rows; r++) typed[r] = normal(values, 1, r);
  const session = model.open(kernels, work, rows);
  return { kernels, session, weights, gradient, state, batch: { rows, inputs, targets: typed }, outputs };
}

export function task(features: number, classes: number): Task {
  return { features, shape: [features], classes };
}
