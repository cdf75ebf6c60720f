/**
 * The rate that a set of kernels multiplies matrices at, in just the products of a model's step: each is called again and again alone, on
 * the places that it has in the step, so that its numbers are in the cache. A convolution that needs no patches is a product like the one
 * over patches, and has as many operations. What a step takes beyond their sum is not products:
 * gathering the batch, activations, the loss, patches, and what products lose by coming after each other.
 */

import type { Windows } from '../src/models/kernels/contract/windows.js';
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
  const note = (key: string, operations: number, run: () => void) => {
    if (!watching) return;
    const call = calls.get(key);
    if (call) call.times++;
    else calls.set(key, { run, times: 1, operations });
  };
  const watch = (kernels: Kernels): Kernels => {
    const products = watchProducts(kernels, ({ name, rows, inputs, outputs, again }) =>
      note(`${name} ${rows} ${inputs} ${outputs}`, 2 * rows * inputs * outputs, () => again(kernels)),
    );
    return watchConvolutions(products, (key, operations, again) => note(key, operations, () => again(kernels)));
  };
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

type See = (key: string, operations: number, again: (kernels: Kernels) => void) => void;

/** The kernels, with `see` told of every convolution that takes no patches. */
function watchConvolutions(kernels: Kernels, see: See): Kernels {
  const operations = (rows: number, filters: number, { size, channels, down, across }: Windows) =>
    2 * rows * down * across * size ** 2 * channels * filters;
  return {
    ...kernels,
    convolve(...given) {
      const [, , , , rows, filters, , windows] = given;
      see(`convolve ${rows} ${filters} ${Object.values(windows)}`, operations(rows, filters, windows), by =>
        by.convolve(...given),
      );
      kernels.convolve(...given);
    },
    convolveAccumulate(...given) {
      const [, , , , rows, filters, , , windows] = given;
      const again = (by: Kernels) => by.convolveAccumulate(...given);
      see(`convolveAccumulate ${rows} ${filters} ${Object.values(windows)}`, operations(rows, filters, windows), again);
      kernels.convolveAccumulate(...given);
    },
  };
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
