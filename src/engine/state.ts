/**
 * The state of a run: what its memory holds beside data, scratch, and words by which threads find each other. Put back into a memory
 * of the same shape, the run goes on from there. While all are parked, or at an event boundary of a simulation, nothing else is state.
 */

import type { Arena } from './arena.js';
import { Control, controlWord, Header, type Layout, planeNamed, Thread, threadWord } from './layout.js';

/** Words of the header that say what has happened; the others are calls that nobody hears any more. */
const kept = [Header.Generation, Header.Signal, Header.SignalNumber];
/** Words of a thread that say where it stands, which its successor finds out for itself. */
const fleeting = [Thread.Parked, Thread.JobDone, Thread.Node, Thread.Id, Thread.Paused, Thread.RingHead, Thread.RingTail];

/** What is kept, as [first byte, byte behind the last]: rows with their control words and threads; the queue of a simulation. */
function regions({ control, partials, events, train }: Layout): readonly (readonly [number, number])[] {
  return [
    [control, partials],
    [events, train.inputs],
  ];
}

/** Bytes of the state. */
export function stateBytes(layout: Layout): number {
  return regions(layout).reduce((sum, [from, to]) => sum + to - from, 8 + 4 * kept.length);
}

/** Writes the state into the first `stateBytes` of `into`: f64 when training began, the words of the header, the regions. */
export function copyState({ layout, memory }: Arena, into: Uint8Array): void {
  const numbers = new DataView(into.buffer, into.byteOffset);
  const ints = new Int32Array(memory.buffer);
  numbers.setFloat64(0, new Float64Array(memory.buffer, Header.Began * 4, 1)[0], true);
  kept.forEach((word, k) => void numbers.setInt32(8 + 4 * k, ints[word], true));
  let at = 8 + 4 * kept.length;
  for (const [from, to] of regions(layout)) {
    into.set(new Uint8Array(memory.buffer, from, to - from), at);
    at += to - from;
  }
}

/**
 * Puts a state into an arena of the same shape, in which nobody works yet. `began`: when training began, by the clock of this process,
 * in milliseconds, had it never paused; pieces of slowed nodes fall due as long after that as they would have.
 */
export function putState({ layout, memory }: Arena, from: Uint8Array, began: number): void {
  const numbers = new DataView(from.buffer, from.byteOffset);
  const ints = new Int32Array(memory.buffer);
  const doubles = new Float64Array(memory.buffer, 0, Math.floor(memory.buffer.byteLength / 8));
  kept.forEach((word, k) => {
    ints[word] = numbers.getInt32(8 + 4 * k, true);
  });
  let at = 8 + 4 * kept.length;
  for (const [first, end] of regions(layout)) {
    new Uint8Array(memory.buffer, first, end - first).set(from.subarray(at, at + end - first));
    at += end - first;
  }
  const later = began - numbers.getFloat64(0, true);
  // A difference that lay in the scratch of a thread is gone: that piece is begun anew.
  const isGone = planeNamed(layout, 'delta') === undefined;
  for (let node = 0; node < layout.shape.nodes; node++) {
    if (isGone) ints[controlWord(layout, node, Control.Begun)] = ints[controlWord(layout, node, Control.Committed)];
    const due = controlWord(layout, node, Control.Due) / 2;
    if (doubles[due] !== 0) doubles[due] += later;
  }
  for (let thread = 0; thread <= layout.shape.threads; thread++)
    for (const word of fleeting) ints[threadWord(layout, thread, word)] = 0;
}
