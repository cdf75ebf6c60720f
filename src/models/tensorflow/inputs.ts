/** From rows of data to the tensor that a model takes. Images have their channels first in the data, and last in TensorFlow.js. */

import { HearsayError } from '../../errors.js';
import type { Task } from '../model.js';
import type { OpenLayersModel, Tensor, TensorFlow } from './types.js';

/** Makes a tensor of `count` rows of `inputs`. */
export type Feed = (tf: TensorFlow, inputs: Float32Array, count: number) => Tensor;

/**
 * How rows of the task become what the model takes: as they are; images [channels, height, width] (without channels: one) as [height, width,
 * channels]; rows of numbers as anything that has as many. Throws MODULE_INVALID for what does not fit, and for several inputs.
 */
export function feedOf({ inputs }: OpenLayersModel, { shape, features, classes, categories }: Task, where: string): Feed {
  const refuse = (found: string) => new HearsayError('MODULE_INVALID', `${where}: ${found}`);
  if (inputs.length !== 1) throw refuse(`it has ${inputs.length} inputs, allowed is one`);
  if (classes > 0 && categories && shape.length === 1 && features > 1 && categories.every(count => count === classes))
    throw refuse('a text needs a model that tells every character from those before it; use --model transformer');
  const [, ...wanted] = inputs[0].shape;
  const fits = (sides: readonly number[]) =>
    sides.length === wanted.length && wanted.every((side, k) => side === null || side === sides[k]);
  const asGiven = (sides: readonly number[]): Feed => {
    return (tf, values, count) => tf.tensor(values.slice(0, count * features), [count, ...sides]);
  };
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  const isImage = shape.length === 2 || shape.length === 3;
  if (isImage && fits([height, width, channels])) {
    if (channels === 1) return asGiven([height, width, 1]);
    const first = asGiven([channels, height, width]);
    return (tf, values, count) => tf.transpose(first(tf, values, count), [0, 2, 3, 1]);
  }
  if (fits(shape)) return asGiven(shape);
  if (isImage && channels === 1 && fits([height, width])) return asGiven([height, width]);
  if (fits([features])) return asGiven([features]);
  const sides = wanted.filter(side => side !== null);
  if (!isImage && sides.length === wanted.length && product(sides) === features) return asGiven(sides);
  const data = isImage ? `images of ${height} x ${width} x ${channels} (height, width, channels)` : `rows of ${features} numbers`;
  const allowed = isImage ? `[${height}, ${width}, ${channels}] or [${features}]` : `[${features}]`;
  throw refuse(`its input is [${wanted.map(side => side ?? 'any').join(', ')}], the data have ${data}; allowed is ${allowed}`);
}

export function product(sides: readonly number[]): number {
  return sides.reduce((all, side) => all * side, 1);
}
