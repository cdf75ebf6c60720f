/**
 * The rate that a set of kernels multiplies matrices at, in just the products of a model's step: each is called again and again alone, on
 * the places that it has in the step, so that its numbers are in the cache. What a step takes beyond their sum is not products:
 * gathering the batch, activations, the loss, patches, and what products lose by coming after each other.
 */

import type { Kernels } from '../src/models/kernels/kernels.js';
import { watchProducts } from '../src/models/kernels/plan.js';
import type { Compared } from './compared.js';
import { opened } from './opened.js';

export interface ProductTime {
  /** The sum over the products of one step. */
  readonly milliseconds: number;
  /** Of the whole step, on a batch that is there already. */
  readonly step: number;
  /** Multiplications and additions of them all. */
  readonly operations: number;
}

/** Each product is repeated for `slice` ms, and the step for ten times as long; the mean counts. */
export function productTime(compared: Compared, rows: number, set: string, slice = 5): ProductTime {
  const calls = new Map<string, { readonly run: () => void; times: number; readonly operations: number }>();
  let watching = false;
  const watch = (kernels: Kernels): Kernels =>
    watchProducts(kernels, ({ name, rows, inputs, outputs, again }) => {
      if (!watching) return;
      const key = `${name} ${rows} ${inputs} ${outputs}`;
      const call = calls.get(key);
      if (call) call.times++;
      else calls.set(key, { run: () => again(kernels), times: 1, operations: 2 * rows * inputs * outputs });
    });
  const { session, weights, batch } = opened(compared, rows, set, watch);
  const run = () => void session.descend!(weights, batch, 1e-6);
  watching = true;
  run();
  watching = false;
  const step = meanTime(run, 10 * slice);
  let [milliseconds, operations] = [0, 0];
  for (const { run, times, operations: each } of calls.values()) {
    milliseconds += times * meanTime(run, slice);
    operations += times * each;
  }
  return { milliseconds, step, operations };
}

function meanTime(run: () => void, slice: number): number {
  for (let k = 0; k < 3; k++) run();
  const start = performance.now();
  for (let calls = 4; ; calls += 4) {
    for (let k = 0; k < 4; k++) run();
    const spent = performance.now() - start;
    if (spent >= slice) return spent / calls;
  }
}
