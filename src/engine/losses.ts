/**
 * The sums of batch losses that a live thread keeps for its nodes. A piece of work whose thread dies before it is complete is done again,
 * and must not be counted twice: the sums before the piece are kept aside, with its number, and it is always added to those.
 */

import type { Row } from './algorithm.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Words } from './words.js';

/** Counts the `steps` local steps of the node's next piece to be committed, and the sum of their losses. Doing it again changes nothing. */
export function countLosses(words: Words, doubles: Float64Array, layout: Layout, node: Row, steps: number, loss: number): void {
  const at = (word: number) => controlWord(layout, node, word) / 2;
  const counted = controlWord(layout, node, Control.LossPiece);
  const piece = words.load(controlWord(layout, node, Control.Committed)) + 1;
  if (words.load(counted) !== piece) {
    doubles[at(Control.LossBefore)] = doubles[at(Control.Loss)];
    doubles[at(Control.LossStepsBefore)] = doubles[at(Control.LossSteps)];
    words.store(counted, piece);
  }
  doubles[at(Control.Loss)] = doubles[at(Control.LossBefore)] + loss;
  doubles[at(Control.LossSteps)] = doubles[at(Control.LossStepsBefore)] + steps;
}
