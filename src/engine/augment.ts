/**
 * Augmentation: while a node trains, the images of its batches are flipped and shifted at random, so that it hardly ever sees the same
 * one twice. Draws are functions of (seed, node, step, row of the batch), and values are moved, never computed: a step done again, by
 * any thread and any kernels, sees the same images. What is tested on stays as it is.
 */

import { readNumber } from '../decimal.js';
import { HearsayError } from '../errors.js';
import type { Task } from '../models/model.js';
import { below, source } from '../random.js';
import { quote } from '../spec.js';

export interface Augmentation {
  /** Left and right change places in every second image. */
  readonly flip: boolean;
  /** Images are shifted by up to so many pixels up or down, and left or right; 0 when they are not. */
  readonly pad: number;
}

export const augmentSyntax = 'none | flip | crop:PAD | flip,crop:PAD';

const mostPad = 1000;

/** Reads `flip,crop:4`. Throws CONFIG_RANGE, naming `where`. */
export function readAugmentation(text: string, where = 'augment'): Augmentation {
  let [flip, pad] = [false, 0];
  const refuse = () =>
    new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is ${augmentSyntax}; write flip,crop:4`);
  for (const part of text === 'none' ? [] : text.split(',')) {
    if (part === 'flip' && !flip) flip = true;
    else if (part.startsWith('crop:') && pad === 0)
      pad = readNumber(part.slice('crop:'.length), { whole: true, min: 1, max: mostPad }, `${where}: crop:PAD`);
    else throw refuse();
  }
  return { flip, pad };
}

/** Changes the images of a batch of `node` at its step number `step` in place: rows x features. */
export type Augment = (inputs: Float32Array, node: number, step: number) => void;

const drawsOfRow = 3;

/**
 * Opens the augmentation that `text` names for images of one task, on one thread; undefined for none. What is shifted in from outside is
 * `background`: what a byte of 0, black, has become. Throws CONFIG_RANGE when the inputs are no images ([height, width] or [channels, height,
 * width]) or too small for it.
 */
export function openAugment(
  text: string,
  { shape, features, categories }: Task,
  seed: number,
  background = 0,
): Augment | undefined {
  const { flip, pad } = readAugmentation(text);
  if (!flip && pad === 0) return undefined;
  const [height, width] = shape.slice(-2);
  const isImage = (shape.length === 2 || shape.length === 3) && !categories;
  if (!isImage || width < 2 || pad >= Math.min(height, width)) {
    const found = `inputs of shape ${shape.join(' x ')}`;
    const needs = isImage
      ? `images of more than ${Math.max(1, pad)} pixels each way`
      : 'images (height x width, perhaps with channels)';
    throw new HearsayError('CONFIG_RANGE', `augment: ${quote(text)} needs ${needs}, found ${found}; leave it out`);
  }
  const random = source(seed, 'augment');
  const channels = features / (height * width);
  const before = new Float32Array(features);

  return (inputs, node, step) => {
    const rows = inputs.length / features;
    for (let row = 0; row < rows; row++) {
      const draw = (step * rows + row) * drawsOfRow;
      const isFlipped = flip && below(random, node, draw, 2) === 1;
      const down = pad > 0 ? below(random, node, draw + 1, 2 * pad + 1) - pad : 0;
      const right = pad > 0 ? below(random, node, draw + 2, 2 * pad + 1) - pad : 0;
      if (!isFlipped && down === 0 && right === 0) continue;
      const image = inputs.subarray(row * features, (row + 1) * features);
      before.set(image);
      if (down !== 0 || right !== 0) image.fill(background);
      // Columns that come from inside, and the lines.
      const [left, end] = [Math.max(0, right), width + Math.min(0, right)];
      const [top, bottom] = [Math.max(0, down), height + Math.min(0, down)];
      for (let c = 0; c < channels; c++) {
        for (let y = top; y < bottom; y++) {
          const to = (c * height + y) * width;
          const from = (c * height + y - down) * width;
          if (isFlipped) for (let x = left; x < end; x++) image[to + x] = before[from + width - 1 - (x - right)];
          else image.set(before.subarray(from + left - right, from + end - right), to + left);
        }
      }
    }
  };
}
