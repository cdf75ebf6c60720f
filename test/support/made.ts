/** Models with weights of every kind, as if they were trained, and rows for them. */

import { openModel } from '../../src/engine/recipe.js';
import { drawWeights } from '../../src/models/drawn.js';
import { below, normal, source } from '../../src/random.js';
import type { Kind } from '../../src/threads/modelfile.js';
import { type TrainedModel, trainedModel } from '../../src/threads/trained.js';

export const numbers = { scale: 1, shift: 0 };

/** Rows of `shape`, classes, and what is done to inputs. */
export function kindOf(shape: readonly number[], classes: number, more: Partial<Kind> = {}): Kind {
  return { features: shape.reduce((product, n) => product * n, 1), shape, classes, ...numbers, ...more };
}

/** A text of `context` characters and one more a row. */
export function textKind(context: number, vocabulary: readonly string[]): Kind {
  const classes = vocabulary.length;
  return { ...kindOf([context + 1], classes), categories: [classes], vocabulary };
}

/** The starting weights of the model, each moved a little, so that no bias is 0 and no gain 1. */
export async function made(spec: string, kind: Kind, seed = 1): Promise<TrainedModel> {
  const { features, shape, classes, categories, entries } = kind;
  const model = await openModel(spec, { features, shape, classes, ...(categories && { categories }), entries });
  const weights = new Float32Array(model.parameters);
  drawWeights(model, weights, source(seed, 'weights'));
  const moves = source(seed, 'moves');
  for (let k = 0; k < weights.length; k++) weights[k] += 0.03 * normal(moves, 0, k);
  return trainedModel(model, weights, kind, 'simd', spec);
}

/** Numbers, or where inputs are numbers of things, those. */
export function rowsFor({ features, categories, standard }: Kind, rows: number, seed = 1): Float32Array {
  const draws = source(seed, 'rows');
  return Float32Array.from({ length: rows * features }, (_, k) => {
    if (categories) return below(draws, 0, k, categories[categories.length === 1 ? 0 : k % features]);
    const at = standard?.mean.length === features ? k % features : 0;
    return standard ? standard.mean[at] + normal(draws, 0, k) / (standard.factor[at] || 1) : normal(draws, 0, k);
  });
}

/** The largest difference. */
export function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let k = 0; k < a.length; k++) most = Math.max(most, Math.abs(a[k] - b[k]) || (Number.isNaN(a[k] - b[k]) ? Infinity : 0));
  return most;
}

/** Throws for predictions that say nothing: chances that are all 0 or 1 hide what goes wrong before them. */
export function requireTelling(predictions: Float32Array): Float32Array {
  const telling = predictions.filter(value => Math.abs(value) > 1e-3 && Math.abs(Math.abs(value) - 1) > 1e-3).length;
  if (telling < predictions.length / 4) throw new Error(`${telling} of ${predictions.length} predictions are between 0 and 1`);
  return predictions;
}

/** A way through the models that have layers: a spec, and data for it. */
export const examples: readonly (readonly [string, Kind])[] = [
  ['linear', kindOf([5], 0)],
  ['linear:bias=false', kindOf([5], 0)],
  ['neuron:tanh', kindOf([4], 0)],
  ['logistic', kindOf([6], 2)],
  ['logistic:l2=0.01', kindOf([6], 2)],
  ['hinge:l2=0.01', kindOf([3, 4], 2)],
  ['ridge', kindOf([6], 0)],
  ['softmax', kindOf([28, 28], 10)],
  ['mlp:16,tanh', kindOf([7], 0)],
  ['mlp:32,16,gelu', kindOf([28, 28], 10)],
  ['mlp:8', kindOf([3, 4, 5], 3)],
  ['lenet', kindOf([28, 28], 10)],
  ['lenet', kindOf([3, 32, 32], 10)],
  ['lenet', kindOf([1, 30, 34], 0)],
  ['resnet8', kindOf([3, 32, 32], 10)],
  ['resnet8', kindOf([28, 28], 10)],
  ['layers:conv-8-3-2-same,groupnorm-4,gelu,mean-2,layernorm,dropout-20,fc-12,tanh,layernorm', kindOf([3, 16, 16], 5)],
  ['layers:conv-6-3,max-3-2,flatten,layernorm,fc-9,relu,groupnorm-3', kindOf([2, 11, 9], 4)],
  ['transformer:2,2,16', textKind(12, [...'abcdefgh \n'])],
];
