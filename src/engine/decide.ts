/**
 * Deciding without doing: a simulation whose verbs move control words only, in a copy of them, and note every op for others to do. The
 * weights are touched by nobody here; when all ops are done, the shared control words are those of the copy.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { RowKernel } from './algorithm.js';
import type { Arena } from './arena.js';
import { Control, controlWord, Header, type Layout, Thread, threadWord } from './layout.js';
import { plainWords, type Words } from './words.js';

/** The words of a copy of everything before the planes. */
export function copiedWords({ layout, memory }: Arena): Words {
  const words = layout.planes[0].offset >>> 2;
  const copy = new ArrayBuffer(words * 4);
  new Int32Array(copy).set(new Int32Array(memory.buffer, 0, words));
  return plainWords(copy);
}

/** What is decided, and no target of an intent that a player completes. (Who is held back follows from the timeline.) */
const decided = {
  header: [Header.Generation, Header.Signal, Header.SignalNumber],
  thread: [Thread.Asked],
  rows: [Control.Draws, Control.Alive, Control.Times, Control.Counters, Control.Counters + 1],
  /** Of messages alone: of a model the same word is another, which changes where a piece was dropped, and nobody decides that. */
  slots: [Control.Receivers],
};

/** Everybody else is told what was decided in the copy alone, while nobody works: the shared words are then those of the copy. */
export function tellDecisions(from: Words, to: Words, layout: Layout): void {
  for (const word of decided.header) to.store(word, from.load(word));
  const block = threadWord(layout, layout.shape.threads, 0); // the seat of who decides
  for (const word of decided.thread) to.store(block + word, from.load(block + word));
  for (let row = 0; row < layout.rows; row++) {
    const line = controlWord(layout, row, 0);
    const words = row < layout.models ? decided.rows : [...decided.rows, ...decided.slots];
    for (const word of words) to.store(line + word, from.load(line + word));
  }
}

/** Kernels that leave everything as it is. */
export const idleKernels: RowKernels = {
  copy() {},
  zero() {},
  snapshot() {},
  difference: () => 0,
  commit() {},
  blend() {},
  mix() {},
  mixAndCommit() {},
  mixAndCommitBoth() {},
  combine() {},
  trim() {},
  squaredDistance: () => 0,
};

export function idleElements(elements: Readonly<Record<string, RowKernel>> = {}): Record<string, RowKernel> {
  return Object.fromEntries(Object.keys(elements).map(name => [name, () => {}]));
}
