/** Text that a model goes on with: each character drawn from what the model tells of the next. */

import { numbersIn } from '../data/vocabulary.js';
import { HearsayError } from '../errors.js';
import { exp } from '../exponential.js';
import { logarithm } from '../logarithm.js';
import { source, uniform } from '../random.js';
import { notOfText, type TrainedModel, type Watch } from './trained.js';

/** How a text is gone on with. */
export interface Continuing {
  /** Characters to draw; 200 by default. */
  readonly characters?: number;
  /** Chances are taken to the power of 1 / temperature; 0 takes the likeliest. 1 by default. */
  readonly temperature?: number;
  /** Start of the draws; 1 by default. */
  readonly seed?: number;
  /** Told of each character that is drawn, how many there are, of how many. */
  readonly watch?: Watch;
}

/**
 * What follows `prompt`. Draws are counted, so a seed gives the same text again. Throws CONFIG_RANGE for a model of no text, and for an
 * empty prompt or one that is too short for a model that only tells what follows whole rows; DATA_LABEL for a character that the model does
 * not know.
 */
export function continuation(model: TrainedModel, prompt: string, continuing: Continuing = {}): string {
  const { characters = 200, temperature = 1, seed = 1, watch } = continuing;
  const { vocabulary, features } = model;
  if (!vocabulary) throw notOfText(model.name, 'prompt');
  const tokens = numbersIn(prompt, vocabulary, 'prompt');
  if (tokens.length === 0) throw new HearsayError('CONFIG_RANGE', 'prompt: found no characters, allowed is one or more');
  const draws = source(seed, 'continuation');
  for (let k = 0; k < characters; k++) {
    tokens.push(pick(model.next(tokens.slice(1 - features)), temperature, uniform(draws, 0, k)));
    watch?.(k + 1, characters);
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
