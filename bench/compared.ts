/** The models that are put beside those of other systems, with the data they are for. The peers have them by the same names. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from '../src/models/model.js';
import { source, uniform } from '../src/random.js';

export interface Compared {
  readonly model: string;
  readonly task: Task;
  /** What `train` takes, where the steps are timed; `folder` is for what must be a file. */
  data?(folder: string): string;
}

const digits: Task = { features: 784, shape: [28, 28], classes: 10 };
const images: Task = { features: 3072, shape: [3, 32, 32], classes: 10 };
/** As many different characters as the collected Shakespeare has. */
const text: Task = { features: 65, shape: [65], classes: 65, categories: [65] };

const drawnDigits = () => 'digits:4000';

export const compared: readonly Compared[] = [
  { model: 'softmax', task: digits, data: drawnDigits },
  { model: 'mlp:128', task: digits, data: drawnDigits },
  { model: 'mlp:512,512', task: digits, data: drawnDigits },
  { model: 'lenet', task: digits, data: drawnDigits },
  { model: 'transformer:2,4,64', task: text, data: drawnText },
  { model: 'resnet8', task: images },
];

/** A file of drawn characters: a step takes as long on them as on a real text. */
function drawnText(folder: string): string {
  const draws = source(1, 'text');
  const characters = Uint8Array.from({ length: 200_000 }, (_, k) => 48 + Math.floor(65 * uniform(draws, 0, k)));
  const path = join(folder, 'drawn.txt');
  writeFileSync(path, characters);
  return `text:${path},context=64`;
}
