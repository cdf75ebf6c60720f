/** Which kernels to compute with: by name, or by timing the model's own steps and products. */

import type { Batch, Model, Session, Task } from '../model.js';
import { blas, blasKernels } from './blas.js';
import type { Kernels, Memory } from './kernels.js';
import { reserve } from './memory.js';
import { combined, type Plan, type ProductCall, readPlan, type SetName, watchProducts, writePlan } from './plan.js';
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

/** Milliseconds that the parts of a choice may take: one step, a set's steps, and the products of all sets. */
const budget = { step: 8, steps: 24, products: 40 };

/** Milliseconds after which nothing more is timed, the compilation of kernels included. */
export const choiceLimit = 1000;

/**
 * The set called `name`, or for 'auto' the fastest for this model: sets of WebAssembly take steps of gradient descent on a made-up batch
 * in a memory of their own, and the least time of a step counts; then each product of the model goes to the set that is faster at it, the
 * BLAS too when there is one. The batch has `rows` rows, or fewer where a step takes long. `now` gives milliseconds. What has not been
 * timed `choiceLimit` after the start, the compilation of the kernels included, is not chosen: it takes longer only by what is then
 * under way, one step or the opening of one set. Throws KERNELS_UNAVAILABLE.
 */
export function chooseKernels(name: KernelsName, model: Model, task: Task, rows: number, now: () => number): Choice {
  if (name !== 'auto') {
    openKernels(name, scratch(1));
    return { set: name, note: 'named' };
  }
  if (model.backend) return { set: supports('simd') ? 'simd' : 'reference', note: 'the model has its own' };
  if (model.reads) return { set: supports('simd') ? 'simd' : 'reference', note: 'rows are read where they lie' };
  const candidates = available().filter(candidate => candidate === 'simd' || candidate === 'relaxed');
  if (candidates.length === 0) return { set: 'reference', note: 'the only one here' };
  const last = now() + choiceLimit;
  const count = enoughRows(candidates[0], model, task, rows, now, last);
  const trial = madeUp(model, task, count);
  const timeOf = (set: KernelsName) => {
    if (now() >= last) return Number.POSITIVE_INFINITY;
    return leastTime(trial.step(openKernels(set, trial.memory)), 300, now() + budget.steps, now, last);
  };
  const times = candidates.map((candidate: SetName) => ({ candidate, time: timeOf(candidate) }));
  // the portable set unless the other one is clearly faster: a model may not use the kernels at all
  const best = times.reduce((a, b) => (b.time < 0.97 * a.time ? b : a));
  const said = times.map(({ candidate, time }) => ({ of: candidate as string, time }));
  const plan = { set: best.candidate, others: takenByOthers(best.candidate, trial, now, last) };
  let set: KernelsName = best.candidate;
  if (plan.others.length > 0) {
    const text = writePlan(plan);
    const time = timeOf(text);
    said.push({ of: plan.others.some(({ set }) => set === 'blas') ? 'blas' : 'mixed', time });
    if (time < 0.97 * best.time) set = text;
  }
  const timed = said.filter(({ time }) => Number.isFinite(time));
  if (timed.length === 0) return { set, note: `a step takes too long to be timed${ignoredBlas()}` };
  const note = timed.map(({ of, time }) => `${of} ${((time * rows) / count).toPrecision(3)} ms`).join(', ');
  return { set, note: `${note} a step${ignoredBlas()}` };
}

/**
 * Rows whose step takes no longer than it may, by the time of two; at most `rows`, and so many that the largest product is not another one:
 * a layer over images or texts has enough with one, a dense one takes the batch as it is.
 */
function enoughRows(set: SetName, model: Model, task: Task, rows: number, now: () => number, last: number): number {
  const few = Math.min(2, rows);
  const trial = madeUp(model, task, few);
  const kernels = openKernels(set, trial.memory);
  const operations = ({ rows, inputs, outputs }: ProductCall) => rows * inputs * outputs;
  const calls = productsOf(kernels, trial.step).sort((a, b) => operations(b) - operations(a));
  const least = calls.length > 0 ? Math.ceil(leastProduct / (calls[0].rows / few)) : rows;
  const each = leastTime(trial.step(kernels), 2, now(), now, last) / few;
  return Math.min(rows, Math.max(least, 1, Math.floor(budget.step / each)));
}

/** Rows of a product from which on it is like one of more. */
const leastProduct = 32;

/** A library that was asked for and can't be used is not passed over in silence. */
function ignoredBlas(): string {
  const found = blas();
  return process.env.HEARSAY_BLAS && typeof found === 'string' ? `; no BLAS: ${found}` : '';
}

/** The products of a step that another set is faster at than `set`, by a tenth or more. Those of one output stay: there is only one way. */
function takenByOthers(set: SetName, { memory, step }: Trial, now: () => number, last: number): Plan['others'] {
  if (now() >= last) return [];
  const sets = [set, ...available().filter(other => other !== 'reference' && other !== set)];
  const opened = sets.map(name => openKernels(name, memory));
  const calls = productsOf(opened[0], step);
  const share = budget.products / (calls.length * sets.length);
  const others: Plan['others'][number][] = [];
  for (const { again, name, inputs, outputs } of calls) {
    if (now() >= last) break;
    const times = opened.map(kernels => leastTime(() => again(kernels), 12, now() + share, now, last));
    const least = Math.min(...times);
    if (least < 0.9 * times[0]) others.push({ name, inputs, outputs, set: sets[times.indexOf(least)] });
  }
  return others;
}

/** The products of a step, each with the largest call for it: of several, as of the last rows of a convolution, that one counts. */
function productsOf(kernels: Kernels, step: Trial['step']): ProductCall[] {
  const calls = new Map<string, ProductCall>();
  const watched = watchProducts(kernels, call => {
    const key = `${call.name} ${call.inputs} ${call.outputs}`;
    if (call.outputs > 1 && call.rows > (calls.get(key)?.rows ?? 0)) calls.set(key, call);
  });
  step(watched)();
  return [...calls.values()];
}

/** The least time of one step, in milliseconds, over a few hundred tries or 50 ms. */
export function stepTime(name: KernelsName, model: Model, task: Task, rows: number, now: () => number): number {
  const { memory, step } = madeUp(model, task, rows);
  return leastTime(step(openKernels(name, memory)), 300, now() + 50, now);
}

/** Of at least two tries; Infinity when `last` is over before. */
function leastTime(run: () => void, tries: number, end: number, now: () => number, last = Number.POSITIVE_INFINITY): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < tries; k++) {
    const start = now();
    if (start >= last) return k < 2 ? Number.POSITIVE_INFINITY : least;
    run();
    const stop = now();
    least = Math.min(least, stop - start);
    if (k > 0 && stop > end) break;
  }
  return least;
}

/** A made-up batch in a memory of its own. */
interface Trial {
  readonly memory: Memory;
  /** A step of gradient descent on it. */
  step(kernels: Kernels): () => void;
}

function madeUp(model: Model, { features, categories }: Task, rows: number): Trial {
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
  const batch: Batch = { rows, inputs, targets: targets as Float32Array };
  return {
    memory,
    step(kernels) {
      const session: Session = model.open(kernels, place, rows);
      return () => void (session.descend ? session.descend(weights, batch, 1e-3) : session.gradient(weights, gradient, batch));
    },
  };
}

function scratch(bytes: number): Memory {
  return reserve(bytes + 65536, 'a look at the kernels', 'use a smaller model');
}
