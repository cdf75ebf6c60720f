/** A text in the numbers of another one's characters. */

import { HearsayError } from '../errors.js';
import type { Dataset } from './dataset.js';

/**
 * The same rows, their characters numbered as in `vocabulary`. Throws DATA_LABEL for a character that is not in it, and for a data set
 * that is no text.
 */
export function inVocabulary(dataset: Dataset, vocabulary: readonly string[]): Dataset {
  const { name, vocabulary: own, inputs, targets } = dataset;
  if (!own) throw new HearsayError('DATA_LABEL', `${name}: found no text, where the model is one of characters; give text:FILE`);
  if (own.length === vocabulary.length && own.every((character, k) => character === vocabulary[k])) return dataset;
  const numbers = numbersIn(own, vocabulary, name);
  const classes = vocabulary.length;
  return {
    ...dataset,
    inputs: Uint8Array.from(inputs, input => numbers[input]),
    targets: Int32Array.from(targets, target => numbers[target]),
    ...{ classes, categories: [classes], vocabulary },
  };
}

/** The number of each character. Throws DATA_LABEL for one that is not there. */
export function numbersIn(characters: Iterable<string>, vocabulary: readonly string[], name: string): number[] {
  const numbers = new Map(vocabulary.map((character, k) => [character, k]));
  return Array.from(characters, character => {
    const number = numbers.get(character);
    if (number !== undefined) return number;
    const found = `found ${JSON.stringify(character)}, which is none of the ${vocabulary.length} characters of the model`;
    throw new HearsayError('DATA_LABEL', `${name}: ${found}; take it out, or train on a text that has it`);
  });
}
