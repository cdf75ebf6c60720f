/**
 * Models that only seek consensus on a ring, through messages of their k largest differences: CHOCO (Koloskova, Stich, Jaggi 2019) and
 * AdaGossip (Aketi, Hashemi, Roy 2024) written down from their rules, in plain 64-bit numbers, with a generator of its own.
 */

import { random } from './random.js';

export interface Consensus {
  readonly rule: 'choco' | 'adagossip';
  readonly nodes: number;
  readonly parameters: number;
  /** Numbers of a message. */
  readonly kept: number;
  readonly gamma: number;
  readonly seed: number;
}

/** The sum of squared distances to the mean model after each of so many rounds, over that of the start: normal draws. */
export function decay({ rule, nodes, parameters, kept, gamma, seed }: Consensus, rounds: readonly number[]): number[] {
  const draws = random(seed);
  const models = Array.from({ length: nodes }, () => Array.from({ length: parameters }, draws.normal));
  const copies = models.map(model => model.map(() => 0));
  const moments = models.map(model => model.map(() => 0));
  const start = distance(models);
  const found: number[] = [];
  for (let round = 1; round <= Math.max(...rounds); round++) {
    models.forEach((model, i) => {
      const sizes = Float64Array.from(model, (value, k) => Math.abs(value - copies[i][k]));
      const least = Float64Array.from(sizes).sort()[parameters - kept];
      for (let k = 0; k < parameters; k++) if (sizes[k] >= least) copies[i][k] = model[k];
    });
    models.forEach((model, i) => {
      const [left, right] = [copies[(i + 1) % nodes], copies[(i + nodes - 1) % nodes]];
      for (let k = 0; k < parameters; k++) {
        const pull = (left[k] + right[k] - 2 * copies[i][k]) / 3;
        moments[i][k] = 0.999 * moments[i][k] + 0.001 * pull ** 2;
        const typical = Math.sqrt(moments[i][k] / (1 - 0.999 ** round));
        model[k] += (rule === 'choco' ? gamma : Math.min(1, gamma / (typical + 1e-8))) * pull;
      }
    });
    if (rounds.includes(round)) found.push(distance(models) / start);
  }
  return found;
}

function distance(models: readonly (readonly number[])[]): number {
  return models[0].reduce((sum, _, k) => {
    const mean = models.reduce((total, model) => total + model[k], 0) / models.length;
    return sum + models.reduce((total, model) => total + (model[k] - mean) ** 2, 0);
  }, 0);
}
