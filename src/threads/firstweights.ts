/** The weights that a run starts from. */

import { type Arena, view } from '../engine/arena.js';
import type { Experiment } from '../engine/experiment.js';
import { Control, controlWord, rowAddress } from '../engine/layout.js';
import type { Recipe } from '../engine/recipe.js';
import { drawWeights } from '../models/drawn.js';
import { source } from '../random.js';

/**
 * All rows start from the weights of node 0, drawn from the seed, or each node from its own, or all from those that are `given`; rows for
 * newcomers wait.
 */
export function writeFirstWeights(
  arena: Arena,
  { model }: Recipe,
  { seed, nodes, start }: Experiment,
  given?: Float32Array,
): void {
  const { layout: at } = arena;
  const weights = new Float32Array(model.parameters);
  const draws = source(seed, 'initial weights');
  const draw = (node: number) => drawWeights(model, weights, draws, node);
  if (given) weights.set(given);
  else draw(0);
  const ints = new Int32Array(arena.memory.buffer);
  for (let row = 0; row < at.models; row++) {
    if (start === 'own') draw(row < nodes ? row : 0);
    view(arena, rowAddress(at, at.planes[0], row, 0), weights.length).set(weights);
    if (row < nodes || row >= at.shape.nodes) ints[controlWord(at, row, Control.Alive)] = 1;
  }
}
