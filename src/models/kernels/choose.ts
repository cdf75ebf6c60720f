/** Which kernels to compute with: by name, or by timing the model's own steps and products. */

import type { Batch, Model, Session, Task } from '../model.js';
import { blas, blasKernels } from './blas.js';
import type { Kernels, Memory } from './kernels.js';
import { reserve } from './memory.js';
import { combined, type Plan, type Product, productNames, readPlan, type SetName, writePlan } from './plan.js';
import { reference } from './reference.js';
import { supports, wasmKernels } from './simd.js';

/** A set, or a plan that gives some products to others: see plan.ts. */
export type KernelsName = string;

/** Opens a named set, or a plan, on `memory`. Throws KERNELS_UNAVAILABLE when this machine cannot run it. */
export function openKernels(name: KernelsName, memory: Memory): Kernels {
  const plan = readPlan(name);
  return combined(openSet(plan.set, memory), plan, set => openSet(set, memory));
}

function openSet(set: SetName, memory: Memory): Kernels {
  if (set === 'reference') return reference(memory);
  return set === 'blas' ? blasKernels(memory) : wasmKernels(set, memory);
}

/** The sets that this machine can run, most portable first. */
export function available(): SetName[] {
  const names: SetName[] = ['reference'];
  if (supports('simd')) names.push('simd');
  if (supports('relaxed')) names.push('relaxed');
  if (typeof blas() !== 'string') names.push('blas');
  return names;
}

export interface Choice {
  readonly set: KernelsName;
  /** Why this set: 'named', or the time of a step under each candidate. */
  readonly note: string;
}

/**
 * The set called `name`, or for 'auto' the fastest for this model: sets of WebAssembly take steps of gradient descent on a made-up batch
 * of `rows` rows in a memory of their own, and the least time of a step counts; then each dense product of the model goes to the BLAS,
 * when there is one and it is faster at that one. `now` gives milliseconds. Takes one or two tenths of a second for small
 * models. Throws KERNELS_UNAVAILABLE.
 */
export function chooseKernels(name: KernelsName, model: Model, task: Task, rows: number, now: () => number): Choice {
  if (name !== 'auto') {
    openKernels(name, scratch(1));
    return { set: name, note: 'named' };
  }
  if (model.backend) return { set: supports('simd') ? 'simd' : 'reference', note: 'the model has its own' };
  const candidates = available().filter(candidate => candidate === 'simd' || candidate === 'relaxed');
  if (candidates.length === 0) return { set: 'reference', note: 'the only one here' };
  const times = candidates.map((candidate: SetName) => ({ candidate, time: stepTime(candidate, model, task, rows, now) }));
  // the portable set unless the other one is clearly faster: a model may not use the kernels at all
  const best = times.reduce((a, b) => (b.time < 0.97 * a.time ? b : a));
  const others = typeof blas() === 'string' ? [] : takenByBlas(best.candidate, model, task, rows, now);
  let set: KernelsName = best.candidate;
  if (others.length > 0) {
    const plan = writePlan({ set: best.candidate, others });
    const time = stepTime(plan, model, task, rows, now);
    times.push({ candidate: 'blas', time });
    if (time < 0.97 * best.time) set = plan;
  }
  const note = times.map(({ candidate, time }) => `${candidate} ${time.toPrecision(3)} ms`).join(', ');
  return { set, note: `${note} a step${ignoredBlas()}` };
}

/** A library that was asked for and can't be used is not passed over in silence. */
function ignoredBlas(): string {
  const found = blas();
  return process.env.HEARSAY_BLAS && typeof found === 'string' ? `; no BLAS: ${found}` : '';
}

/** The products of a step that the BLAS is faster at, by a tenth or more. Those of one output stay: it has nothing of its own for them. */
function takenByBlas(set: SetName, model: Model, task: Task, rows: number, now: () => number): Plan['others'] {
  const calls = new Map<string, Product & { readonly rows: number; readonly given: readonly number[] }>();
  const watch = (kernels: Kernels): Kernels => {
    const watched = (name: Product['name'], first: number) => {
      const kernel = kernels[name] as (...given: number[]) => void;
      return (...given: number[]) => {
        const [rows, inputs, outputs] = given.slice(first - 1);
        const key = `${name} ${inputs} ${outputs}`;
        // Of several, as of the last rows of a convolution, the largest counts.
        if (outputs > 1 && rows > (calls.get(key)?.rows ?? 0)) calls.set(key, { name, inputs, outputs, rows, given });
        kernel(...given);
      };
    };
    const [forward, backward, accumulate] = productNames.map((name, k) => watched(name, [5, 4, 5][k]));
    return { ...kernels, forward, backward, accumulate } as Kernels;
  };
  const { memory, kernels, step } = madeUp(set, model, task, rows, watch);
  step();
  const other = blasKernels(memory);
  const end = now() + 60;
  return [...calls.values()].flatMap(({ given, rows: _, ...product }) => {
    const [mine, theirs] = [kernels, other].map(each => {
      const kernel = each[product.name] as (...given: readonly number[]) => void;
      return leastTime(() => kernel(...given), 12, end, now);
    });
    return theirs < 0.9 * mine ? [{ ...product, set: 'blas' as const }] : [];
  });
}

/** The least time of one step, in milliseconds, over a few hundred tries or 50 ms. */
export function stepTime(name: KernelsName, model: Model, task: Task, rows: number, now: () => number): number {
  return leastTime(madeUp(name, model, task, rows).step, 300, now() + 50, now);
}

/** Of at least two tries. */
function leastTime(run: () => void, tries: number, end: number, now: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < tries; k++) {
    const start = now();
    run();
    const stop = now();
    least = Math.min(least, stop - start);
    if (k > 0 && stop > end) break;
  }
  return least;
}

/** Steps on a made-up batch in a memory of their own. */
function madeUp(
  name: KernelsName,
  model: Model,
  { features, categories }: Task,
  rows: number,
  watch = (kernels: Kernels) => kernels,
) {
  const work = model.workspace(rows);
  const lengths = [model.parameters, model.parameters, rows * features, rows, work].map(n => Math.ceil((n + 4) / 32) * 32);
  const memory = scratch(4 * lengths.reduce((sum, n) => sum + n, 0));
  let at = 0;
  const [weights, gradient, inputs, targets, place] = lengths.map(n => {
    at += 4 * n;
    return new Float32Array(memory.buffer, at - 4 * n, n);
  });
  const least = categories?.reduce((a, b) => Math.min(a, b));
  for (let i = 0; i < rows * features; i++) inputs[i] = least ? i % least : ((i * 37) % 101) / 101;
  const kernels = openKernels(name, memory);
  const session: Session = model.open(watch(kernels), place, rows);
  const batch: Batch = { rows, inputs, targets: targets as Float32Array };
  const step = () => void (session.descend ? session.descend(weights, batch, 1e-3) : session.gradient(weights, gradient, batch));
  return { memory, kernels, step };
}

function scratch(bytes: number): Memory {
  return reserve(bytes + 65536, 'a look at the kernels', 'use a smaller model');
}
