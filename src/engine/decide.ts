/**
 * Deciding without doing: a simulation whose verbs move control words only, in a copy of them, and note every op for others to do. The
 * weights are touched by nobody here; when all ops are done, the shared control words are those of the copy.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { RowKernel } from './algorithm.js';
import type { Arena } from './arena.js';
import { Control, controlWord, Header, type Layout } from './layout.js';
import { plainWords, type Words } from './words.js';

/** The words of a copy of everything before the planes. */
export function copiedWords({ layout, memory }: Arena): Words {
  const words = layout.planes[0].offset >>> 2;
  const copy = new ArrayBuffer(words * 4);
  new Int32Array(copy).set(new Int32Array(memory.buffer, 0, words));
  return plainWords(copy);
}

/** Who is alive, and how often all have met, was decided in the copy: everybody else is told, while nobody works. */
export function tellDecisions(from: Words, to: Words, layout: Layout): void {
  to.store(Header.Generation, from.load(Header.Generation));
  for (let node = 0; node < layout.shape.nodes; node++) {
    const word = controlWord(layout, node, Control.Alive);
    to.store(word, from.load(word));
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
  squaredDistance: () => 0,
};

export function idleElements(elements: Readonly<Record<string, RowKernel>> = {}): Record<string, RowKernel> {
  return Object.fromEntries(Object.keys(elements).map(name => [name, () => {}]));
}
