/**
 * A bound for the weights of a model that TensorFlow.js builds: a file of a hundred bytes may ask for any number of them, and they are made
 * layer by layer, before anybody can look at the whole.
 */

import { product } from './inputs.js';
import type { TensorFlow } from './types.js';

export class TooLarge extends Error {}

let last: Promise<unknown> = Promise.resolve();

/** What `build` builds. Fails with TooLarge before the first layer whose weights would make it more than `most` numbers. One at a time. */
export function atMost<Result>(tf: TensorFlow, most: number, build: () => Promise<Result>): Promise<Result> {
  const mine = last.then(() => counted(tf, most, build));
  last = mine.catch(() => {});
  return mine;
}

async function counted<Result>(tf: TensorFlow, most: number, build: () => Promise<Result>): Promise<Result> {
  const { prototype } = tf.layers.Layer;
  const { addWeight } = prototype;
  let left = most;
  prototype.addWeight = function (this: unknown, name, shape, ...more) {
    left -= product(shape);
    if (!(left >= 0)) throw new TooLarge(`more than ${most} weights`);
    return addWeight.call(this, name, shape, ...more);
  };
  try {
    return await build();
  } finally {
    prototype.addWeight = addWeight;
  }
}
