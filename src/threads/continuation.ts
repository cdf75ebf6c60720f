/** Text that a model goes on with: each character drawn from what the model tells of the next. */

import { numbersIn } from '../data/vocabulary.js';
import { HearsayError } from '../errors.js';
import { exp } from '../exponential.js';
import { logarithm } from '../logarithm.js';
import { namedModel } from '../models/named.js';
import { source, uniform } from '../random.js';
import { isModule, parseSpec } from '../spec.js';
import { type TrainedModel, trainedModel } from './trained.js';

export interface Continuing {
  /** Characters to draw; 200 by default. */
  readonly characters?: number;
  /** Chances are taken to the power of 1 / temperature; 0 takes the likeliest. 1 by default. */
  readonly temperature?: number;
  /** Start of the draws; 1 by default. */
  readonly seed?: number;
}

/**
 * What follows `prompt`. Draws are counted, so a seed gives the same text again. Throws CONFIG_RANGE for a model of no text, and for an
 * empty prompt; DATA_LABEL for a character that the model does not know.
 */
export function continuation(model: TrainedModel, prompt: string, continuing: Continuing = {}): string {
  const { characters = 200, temperature = 1, seed = 1 } = continuing;
  const { vocabulary, features } = model;
  if (!vocabulary)
    throw new HearsayError(
      'CONFIG_RANGE',
      `prompt: found ${model.name}, which was not trained on a text; give a model of --data text:FILE`,
    );
  const tokens = numbersIn(prompt, vocabulary, 'prompt');
  if (tokens.length === 0) throw new HearsayError('CONFIG_RANGE', 'prompt: found no characters, allowed is one or more');
  const context = features - 1;
  const draws = source(seed, 'continuation');
  for (let k = 0; k < characters; k++) {
    const length = Math.min(context, tokens.length);
    // The last number of a row is what is told: it is not looked at.
    const chances = shortened(model, length).predict([...tokens.slice(-length), 0]);
    tokens.push(pick(chances, temperature, uniform(draws, 0, k)));
  }
  return tokens
    .slice(-characters)
    .map(token => vocabulary[token])
    .join('');
}

function pick(chances: Float32Array, temperature: number, draw: number): number {
  let best = 0;
  for (let k = 1; k < chances.length; k++) if (chances[k] > chances[best]) best = k;
  if (temperature === 0) return best;
  const highest = logarithm(chances[best]);
  const weights = Array.from(chances, chance => (chance > 0 ? exp((logarithm(chance) - highest) / temperature) : 0));
  let left = draw * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [k, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return k;
  }
  return best;
}

/** The same model for texts of so many characters: its first places are theirs, and it looks at no later ones. */
function shortened(model: TrainedModel, length: number): TrainedModel {
  const { spec, classes, features } = model;
  const context = features - 1;
  if (length === context) return model;
  if (isModule(parseSpec(spec, 'model').name)) {
    const found = `${length} characters for the module ${spec}, which looks at ${context}`;
    throw new HearsayError('CONFIG_RANGE', `prompt: found ${found}; give a prompt of ${context} or more`);
  }
  const task = (tokens: number) => ({ features: tokens + 1, shape: [tokens + 1], classes, categories: [classes] });
  const [whole, short] = [context, length].map(tokens => namedModel(spec, task(tokens)));
  const weights = new Float32Array(short.parameters);
  for (const [k, { offset, shape }] of short.layers.entries()) {
    const size = shape.reduce((product, n) => product * n, 1);
    // A table of places is longer in the whole model, and begins alike.
    weights.set(model.weights.subarray(whole.layers[k].offset, whole.layers[k].offset + size), offset);
  }
  const kind = { ...task(length), scale: 1, shift: 0 };
  return trainedModel(short, weights, kind, 'simd', spec, 1);
}
