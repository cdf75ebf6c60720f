/** Which kernels to compute with: by name, or by timing the model's own steps. */

import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import type { Batch, Model, Task } from '../model.js';
import type { Kernels, Memory } from './kernels.js';
import { reserve } from './memory.js';
import { reference } from './reference.js';
import { supports, wasmKernels } from './simd.js';

export type KernelsName = Kernels['name'];

/** Opens a named set on `memory`. Throws KERNELS_UNAVAILABLE when this machine cannot run it. */
export function openKernels(name: KernelsName, memory: Memory): Kernels {
  if (name === 'reference') return reference(memory);
  if (name === 'simd' || name === 'relaxed') return wasmKernels(name, memory);
  const names = available();
  throw new HearsayError(
    'KERNELS_UNAVAILABLE',
    `kernels: found '${name}', allowed here is ${names.join(' | ')}${suggestion(name, names)}`,
  );
}

/** The sets that this machine can run, most portable first. */
export function available(): KernelsName[] {
  const names: KernelsName[] = ['reference'];
  if (supports('simd')) names.push('simd');
  if (supports('relaxed')) names.push('relaxed');
  return names;
}

export interface Choice {
  readonly set: KernelsName;
  /** Why this set: 'named', or the time of a step under each candidate. */
  readonly note: string;
}

/**
 * The set called `name`, or for 'auto' the fastest for this model: each candidate takes steps of gradient descent on a made-up batch
 * of `rows` rows in a memory of its own, and the least time of a step counts. `now` gives milliseconds. Takes about a tenth of a
 * second. Throws KERNELS_UNAVAILABLE.
 */
export function chooseKernels(name: KernelsName | 'auto', model: Model, task: Task, rows: number, now: () => number): Choice {
  if (name !== 'auto') {
    openKernels(name, scratch(1));
    return { set: name, note: 'named' };
  }
  const candidates = available().filter(candidate => candidate !== 'reference');
  if (candidates.length < 2) return { set: candidates[0] ?? 'reference', note: 'the only one here' };
  const times = candidates.map(candidate => ({ candidate, time: stepTime(candidate, model, task, rows, now) }));
  const note = times.map(({ candidate, time }) => `${candidate} ${time.toPrecision(3)} ms`).join(', ');
  // the portable set unless the other one is clearly faster: a model may not use the kernels at all
  const best = times.reduce((a, b) => (b.time < 0.97 * a.time ? b : a));
  return { set: best.candidate, note: `${note} a step` };
}

/** The least time of one step, in milliseconds, over a few hundred tries or 50 ms. */
export function stepTime(name: KernelsName, model: Model, { features }: Task, rows: number, now: () => number): number {
  const work = model.workspace(rows);
  const lengths = [model.parameters, model.parameters, rows * features, rows, work].map(n => Math.ceil((n + 4) / 32) * 32);
  const memory = scratch(4 * lengths.reduce((sum, n) => sum + n, 0));
  let at = 0;
  const [weights, gradient, inputs, targets, place] = lengths.map(n => {
    at += 4 * n;
    return new Float32Array(memory.buffer, at - 4 * n, n);
  });
  for (let i = 0; i < rows * features; i++) inputs[i] = ((i * 37) % 101) / 101;
  const session = model.open(openKernels(name, memory), place, rows);
  const batch: Batch = { rows, inputs, targets: targets as Float32Array };
  const step = () => (session.descend ? session.descend(weights, batch, 1e-3) : session.gradient(weights, gradient, batch));
  let least = Number.POSITIVE_INFINITY;
  const end = now() + 50;
  for (let k = 0; k < 300; k++) {
    const start = now();
    step();
    const stop = now();
    least = Math.min(least, stop - start);
    if (stop > end) break;
  }
  return least;
}

function scratch(bytes: number): Memory {
  return reserve(bytes + 65536, 'a look at the kernels', 'use a smaller model');
}
