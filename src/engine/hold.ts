/** Holding rows: the loops around the guard's lock. Rows are always taken in ascending order. Where there is one thread, it holds all. */

import { announce, contended, free, sleep, tryLock, unlock, wakeOne } from './guard.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Words } from './words.js';

export interface Holder {
  readonly words: Words;
  readonly layout: Layout;
  readonly owner: number;
  /** Tries before a busy lock is given up (try) or slept on (wait). 0 when threads outnumber cores. */
  readonly spins: number;
  /** Called with the milliseconds that a lock was waited for. */
  readonly blocked: (start: number) => void;
  readonly now: () => number;
}

/** Takes the row if it is free or comes free within the spin. */
export function tryHold(holder: Holder, row: number): boolean {
  if (holder.words.single) return true;
  const lock = controlWord(holder.layout, row, Control.Lock);
  if (tryLock(holder.words, lock, holder.owner) === free) return true;
  if (holder.spins === 0) return false;
  const start = holder.now();
  for (let spin = 0; spin < holder.spins; spin++) {
    if (tryLock(holder.words, lock, holder.owner) === free) {
      holder.blocked(start);
      return true;
    }
  }
  holder.blocked(start);
  return false;
}

/** Takes the row, however long it takes. */
export function hold(holder: Holder, row: number): void {
  const { words, layout, owner } = holder;
  if (words.single) return;
  const lock = controlWord(layout, row, Control.Lock);
  if (tryLock(words, lock, owner) === free) return;
  const start = holder.now();
  let spins = holder.spins;
  // After a sleep the lock is taken with the contended bit set: others may still be asleep on it.
  let mark = 0;
  for (;;) {
    const found = tryLock(words, lock, owner | mark);
    if (found === free) break;
    if (spins-- > 0) continue;
    if ((found & contended) !== 0 || announce(words, lock, found)) {
      sleep(words, lock, found, 100);
      mark = contended;
    }
  }
  holder.blocked(start);
}

export function release(holder: Holder, row: number): void {
  if (holder.words.single) return;
  const lock = controlWord(holder.layout, row, Control.Lock);
  if (unlock(holder.words, lock)) wakeOne(holder.words, lock);
}

/** Takes two rows, the lower first. Under `wait` it always succeeds; else false when one stayed busy, and none is held. */
export function holdPair(holder: Holder, a: number, b: number, wait: boolean): boolean {
  const low = a < b ? a : b;
  const high = a < b ? b : a;
  if (wait) {
    hold(holder, low);
    hold(holder, high);
    return true;
  }
  if (!tryHold(holder, low)) return false;
  if (tryHold(holder, high)) return true;
  release(holder, low);
  return false;
}

/** Takes every row of an ascending list. */
export function holdAll(holder: Holder, rows: readonly number[]): void {
  for (let k = 0; k < rows.length; k++) hold(holder, rows[k]);
}

export function releaseAll(holder: Holder, rows: readonly number[]): void {
  for (let k = rows.length - 1; k >= 0; k--) release(holder, rows[k]);
}
