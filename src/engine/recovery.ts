/**
 * Recovery after a thread has really exited (the exit event, or an awaited terminate): finish or drop its intent, free what the dead
 * incarnation owned, wake everybody who may have missed a wake-up. Heart-beats may report; they never steal.
 */

import { claimOf, giveBack } from './claimer.js';
import { free, ownerOf, ownerWord, wakeAll } from './guard.js';
import { redo } from './intent.js';
import { Control, controlWord, Header, intentWord, type Layout, Thread, threadWord } from './layout.js';
import { ring, type Words } from './words.js';

export interface Recovery {
  /** The dead thread had passed COMMIT: its op was finished for it. */
  readonly finished: boolean;
  /** Rows that it still held. */
  readonly freed: number;
  /** The node that it worked on, -1 for none. */
  readonly node: number;
  /** For the replacement. */
  readonly incarnation: number;
}

/** Recovers thread slot `thread`, whose thread is gone for certain. */
export function recover(words: Words, layout: Layout, thread: number): Recovery {
  const incarnation = words.load(threadWord(layout, thread, Thread.Incarnation));
  const dead = ownerWord(thread, incarnation);
  // A player's claim ends with the last target of its op: the rows are still held then, but the op's entry may be another's already.
  const claim = layout.shape.ops ? claimOf(words, layout, dead) : -1;
  const finished = redo(words, intentWord(layout, thread), layout.shape.ops ? claim < 0 : false);
  let freed = 0;
  for (let row = 0; row < layout.rows; row++) {
    const lock = controlWord(layout, row, Control.Lock);
    if (ownerOf(words.load(lock)) === dead) {
      words.exchange(lock, free);
      freed++;
    }
    // On every lock: a notified waiter that died swallows the wake-up, and one may die between an unlock and its notify.
    wakeAll(words, lock);
  }
  if (claim >= 0) giveBack(words, layout, claim, dead);
  if (layout.shape.ops) ring(words, Header.Progress);
  // Those at the barrier look again: the meeting may just have been held, by the redo or by one who died before it could say so.
  ring(words, Header.Arrivals);
  const node = words.load(threadWord(layout, thread, Thread.Node));
  words.store(threadWord(layout, thread, Thread.Incarnation), incarnation + 1);
  return { finished, freed, node, incarnation: incarnation + 1 };
}
