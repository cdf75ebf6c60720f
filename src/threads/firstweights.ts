/** The weights that a run starts from. */

import { type Arena, view } from '../engine/arena.js';
import type { Experiment } from '../engine/experiment.js';
import { Control, controlWord, rowAddress } from '../engine/layout.js';
import type { Recipe } from '../engine/recipe.js';
import { normal, source, uniform } from '../random.js';

/** All rows start from the same weights, drawn from the seed; rows for newcomers wait. */
export function writeFirstWeights(arena: Arena, { model }: Recipe, { seed, nodes }: Experiment): void {
  const { layout: at } = arena;
  const weights = new Float32Array(model.parameters);
  const draws = source(seed, 'initial weights');
  let draw = 0;
  model.initialize(
    weights,
    () => uniform(draws, 0, draw++),
    () => normal(draws, 0, draw++),
  );
  const ints = new Int32Array(arena.memory.buffer);
  for (let row = 0; row < at.models; row++) {
    view(arena, rowAddress(at, at.planes[0], row, 0), weights.length).set(weights);
    if (row < nodes || row >= at.shape.nodes) ints[controlWord(at, row, Control.Alive)] = 1;
  }
}
