/**
 * Regression data that the program draws itself: inputs from N(0, 1), one true weight vector w for all rows, targets w.x or tanh(w.x).
 * The training targets have noise; the test targets have none, so that the loss on them is the distance from the truth alone. The
 * direction of w is uniform and its squared length features / 2, whatever the seed: losses of different seeds are on one scale.
 * Our own construction. Additions, products, quotients and square roots only: the same bytes in every engine.
 */

import { HearsayError } from '../errors.js';
import { hyperbolicTangent } from '../hyperbolic.js';
import { normal, source } from '../random.js';
import { type Named, numeric, oneOf, readSettings } from '../settings.js';
import { parseSpec } from '../spec.js';
import type { Dataset, Split } from './dataset.js';

export interface Synthetic {
  readonly task: 'linear' | 'tanh';
  /** Rows to train on, and to test on; 1 to 2,000,000. */
  readonly rows: number;
  readonly test: number;
  /** 1 to 10,000. */
  readonly features: number;
  /** Deviation of the noise on the training targets; 0 to 1,000,000. */
  readonly noise: number;
}

const manyRows = { whole: true, min: 1, max: 2_000_000 };

const settings = {
  task: oneOf('the targets are w.x, or tanh(w.x)', ['linear', 'tanh']),
  rows: numeric('rows to train on', manyRows, 1000),
  features: numeric('columns', { whole: true, min: 1, max: 10_000 }, 10),
  noise: numeric('deviation of the noise on the training targets', { min: 0, max: 1e6 }, 0.1),
  test: numeric('rows to test on', manyRows, 1000),
};

/** What help says of it. */
export const namedSynthetic: Named = { form: 'synthetic', about: 'a regression that is drawn', settings };

/** What `synthetic` may be followed by, in words. */
export const syntheticWords = 'synthetic with :task=linear|tanh,rows=1000,features=10 and noise=0.1,test=1000';

/**
 * Reads `synthetic:task=tanh,rows=50`; a setting that is not given is that of `syntheticWords`. Throws CONFIG_RANGE,
 * CONFIG_UNKNOWN_KEY, CONFIG_TYPE and, for more than 2^28 inputs, DATA_TOO_LARGE.
 */
export function readSynthetic(text: string, where = 'data'): Synthetic {
  const found = readSettings(parseSpec(text, where), settings, where);
  const inputs = (found.rows + found.test) * found.features;
  if (inputs > most) {
    const rows = `${found.rows} + ${found.test} rows of ${found.features} features`;
    throw new HearsayError(
      'DATA_TOO_LARGE',
      `${where}: synthetic: ${rows} are ${inputs} inputs, allowed are ${most}; take fewer`,
    );
  }
  return found;
}

/** The data for `seed`. Row i depends on the settings, seed, split and i alone: a smaller set is the beginning of a larger one. */
export function synthetic(settings: Synthetic, seed: number): Split {
  const w = trueWeights(settings.features, seed);
  return {
    train: draw(settings, w, 'train', settings.rows, settings.noise, seed),
    test: draw(settings, w, 'test', settings.test, 0, seed),
  };
}

/** The w behind the data for `seed`. */
export function trueWeights(features: number, seed: number): Float64Array {
  const random = source(seed, 'synthetic truth');
  const w = Float64Array.from({ length: features }, (_, k) => normal(random, 0, k));
  const factor = Math.sqrt(features / 2 / w.reduce((sum, value) => sum + value * value, 0));
  return w.map(value => value * factor);
}

/** Most inputs of both splits: a GiB of floats. */
const most = 2 ** 28;

function draw(
  { task, features }: Synthetic,
  w: Float64Array,
  split: 'train' | 'test',
  rows: number,
  noise: number,
  seed: number,
): Dataset {
  const random = source(seed, `synthetic ${split}`);
  const inputs = new Float32Array(rows * features);
  const targets = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let score = 0;
    for (let k = 0; k < features; k++) {
      inputs[row * features + k] = normal(random, row, k);
      score += w[k] * inputs[row * features + k];
    }
    const target = task === 'tanh' ? hyperbolicTangent(score) : score;
    targets[row] = target + noise * normal(random, row, features);
  }
  return { name: 'synthetic', rows, features, inputs, scale: 1, shift: 0, shape: [features], targets, classes: 0 };
}
