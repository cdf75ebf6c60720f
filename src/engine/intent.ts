/**
 * The intent of an op: the redo record of absolute (word, value) targets that makes the op happen at once, whatever the number of
 * rows. A thread has one, reused; the supervisor finishes it when the thread died after COMMIT.
 *
 *   state | count | word, value | word, value | ...
 */

import { clear, commit, fulfil, nextTurn, publish } from './guard.js';
import { Control, controlWord, intentWord, type Layout } from './layout.js';
import type { Words } from './words.js';

export interface Intent {
  readonly words: Words;
  readonly layout: Layout;
  readonly start: number;
  count: number;
  /** True: targets happen at once. */
  readonly direct: boolean;
}

/** `noted`: somebody reads the control words between the last target and the op. Else, on a memory of one thread, nobody can. */
export function openIntent(words: Words, layout: Layout, thread: number, noted: boolean): Intent {
  return { words, layout, start: intentWord(layout, thread), count: 0, direct: words.single === true && !noted };
}

/** Adds a target. */
export function target(intent: Intent, index: number, value: number): void {
  if (intent.direct) {
    intent.words.store(index, value);
    return;
  }
  const at = intent.start + 2 + 2 * intent.count++;
  intent.words.set(at, index);
  intent.words.set(at + 1, value);
}

/** Adds the row's next turn, with the planes of `mask` flipped. The row must be held. */
export function targetTurn(intent: Intent, row: number, mask: number): void {
  const index = controlWord(intent.layout, row, Control.Turn);
  target(intent, index, nextTurn(intent.words.load(index), mask));
}

/** Makes the op happen, and forgets it. Every row of it must be held until this returns. */
export function perform(intent: Intent): void {
  if (intent.direct) return;
  const { words, start, count } = intent;
  words.set(start + 1, count);
  publish(words, start);
  fulfilAll(words, start, count);
  clear(words, start);
  intent.count = 0;
}

/**
 * Does again what a dead thread had committed; does nothing for one that had not. Right after any prefix, and more than once, as long
 * as nobody has gone on from its targets. `isDone` says that somebody may have, and that all of them were stored.
 */
export function redo(words: Words, start: number, isDone = false): boolean {
  const committed = words.load(start) === commit;
  if (committed && !isDone) fulfilAll(words, start, words.get(start + 1));
  clear(words, start);
  return committed;
}

function fulfilAll(words: Words, start: number, count: number): void {
  for (let k = 0; k < count; k++) fulfil(words, words.get(start + 2 + 2 * k), words.get(start + 3 + 2 * k));
}
