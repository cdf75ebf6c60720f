/**
 * Counted draws for code that is not ours. TensorFlow.js takes the seed of whatever it draws (starting weights, dropout, noise) from
 * Math.random, unless it was given one; so while its code runs, Math.random is ours. Nothing else can run meanwhile.
 */

import { uniform, word } from '../../random.js';
import type { Chance } from '../model.js';

/** Runs `run` with `random` in the place of Math.random. */
export function withRandom<Result>(random: () => number, run: () => Result): Result {
  const before = Math.random;
  Math.random = random;
  try {
    return run();
  } finally {
    Math.random = before;
  }
}

/** The draws of one local step: any number of them, and others in the next step. Without a chance those of a step of nobody. */
export function drawsOf(chance: Chance | undefined): () => number {
  const { source, node, step } = chance ?? { source: { a: 0, b: 0 }, node: 0, step: 0 };
  const other = { a: source.b, b: source.a };
  const own = { a: word(source, node, step), b: word(other, node, step) };
  let draw = 0;
  return () => uniform(own, node, draw++);
}
