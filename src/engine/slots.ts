/** Places for messages in flight: rows after the models, taken and given back by one thread. The last one given back is taken first. */

import type { Row } from './algorithm.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Words } from './words.js';

export interface Slots {
  /** A free slot, or -1 when all are taken. */
  take(): Row;
  give(slot: Row): void;
  /** Slots taken now, and the most that ever were. */
  readonly taken: number;
  readonly most: number;
}

/**
 * Slots `first` to `first + count - 1`. The list of free ones lies in `list` (count + 2 words of the arena), so that it survives its
 * thread.
 */
export function openSlots(list: Int32Array, first: Row, count: number): Slots {
  // list[0]: how many are taken; list[1]: the most that ever were; then a stack: below `count - taken` the free ones. A fresh list is all zeros.
  const at = (k: number) => first + ((list[2 + k] + k) | 0); // stored as the distance from their first order
  const put = (k: number, slot: Row) => {
    list[2 + k] = slot - first - k;
  };
  return {
    take() {
      const free = count - list[0];
      if (free === 0) return -1;
      const slot = at(free - 1);
      list[0]++;
      if (list[0] > list[1]) list[1] = list[0];
      return slot;
    },
    give(slot) {
      put(count - list[0], slot);
      list[0]--;
    },
    get taken() {
      return list[0];
    },
    get most() {
      return list[1];
    },
  };
}

/** The slots of a thread of a live run, whose own they are: equal shares. */
export function shareOf({ models, shape }: Layout, thread: number): readonly Row[] {
  const count = Math.floor((shape.slots ?? 0) / shape.threads);
  return Array.from({ length: count }, (_, k) => models + thread * count + k);
}

/** The share of a thread; undefined where nothing is sent. What its predecessor had not delivered stays taken: post.ts finds it there. */
export function openShare(words: Words, layout: Layout, thread: number): Slots | undefined {
  const share = shareOf(layout, thread);
  if (share.length === 0) return undefined;
  const slots = openSlots(new Int32Array(share.length + 2), share[0], share.length);
  const isTaken = (slot: Row) => words.load(controlWord(layout, slot, Control.Sender)) !== 0;
  if (share.some(isTaken)) {
    for (const _ of share) slots.take();
    for (const slot of [...share].reverse()) if (!isTaken(slot)) slots.give(slot);
  }
  return slots;
}

/**
 * Slots that may do where `taken` were too few: enough for all that is on its way at once, 'messages a second' times 'seconds on the way'
 * on average and Poisson about it, where that is known; twice as many at least.
 */
export function slotsThatMayDo(taken: number, perSecond: number, seconds = 0): number {
  const mean = perSecond * seconds;
  return Math.max(2 * taken, Math.ceil(mean + 6 * Math.sqrt(mean)));
}
