/** Weights that are drawn. */

import { normal, type Source, uniform } from '../random.js';
import type { Model } from './model.js';

/** Puts the starting weights of a model into `weights`, by draws of `node`: one after the other, as the model takes them. */
export function drawWeights(model: Pick<Model, 'initialize'>, weights: Float32Array, source: Source, node = 0): void {
  let draw = 0;
  model.initialize(
    weights,
    () => uniform(source, node, draw++),
    () => normal(source, node, draw++),
  );
}
