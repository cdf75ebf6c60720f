/**
 * The recorder of a live thread: every op is written into the thread's ring, beyond its head, while its rows are held; the new head is one
 * more target of the op's intent. So whatever dies when, an op that happened is in the ring, and one that did not is not.
 * The supervisor takes the bytes out. What a thread remembers of rows, to write differences, dies with it: its successor begins a new
 * stream.
 */

import { HearsayError } from '../../errors.js';
import { type Intent, target } from '../intent.js';
import { Header, type Layout, Thread, threadWord } from '../layout.js';
import { noteOps } from '../notes.js';
import type { Scribe } from '../op.js';
import { ring as callOut, type Words } from '../words.js';
import { encode, mostBytes, openMemory } from './code.js';

/** Bytes of a thread's ring. */
export const ringBytes = 2 ** 20;

/** The bytes of a thread's ring. */
export function threadRing(buffer: SharedArrayBuffer, layout: Layout, thread: number): Uint8Array {
  const size = layout.shape.ring!;
  return new Uint8Array(buffer, layout.rings + thread * size, size);
}

/** `waited` is told how long a full ring kept the thread, by `now`, in milliseconds. */
export function openRecorder(
  words: Words,
  bytes: Uint8Array,
  layout: Layout,
  thread: number,
  now: () => number,
  waited: (start: number) => void,
): Scribe {
  const size = layout.shape.ring!;
  const head = threadWord(layout, thread, Thread.RingHead);
  const tail = threadWord(layout, thread, Thread.RingTail);
  const memory = openMemory(layout.rows);
  let staging = new Uint8Array(mostBytes(0));
  let open: Intent;
  const notes = noteOps(words, layout, op => {
    const length = encode(staging, 0, op, memory);
    const from = words.load(head);
    for (let k = 0; k < length; k++) bytes[((from >>> 0) + k) % size] = staging[k];
    target(open, head, (from + length) | 0);
  });

  return {
    reserve(numbers) {
      const need = mostBytes(numbers);
      if (need > size) {
        throw new HearsayError(
          'STATE',
          `combine: ${numbers} rows and weights are too many to be recorded, allowed are ${Math.floor((size - mostBytes(0)) / 10)}; leave --record out`,
        );
      }
      if (staging.length < need) staging = new Uint8Array(need);
      const free = () => size - ((words.load(head) - words.load(tail)) >>> 0);
      if (free() >= need) return;
      const start = now();
      while (free() < need) {
        const seen = words.load(tail);
        callOut(words, Header.Bell); // the supervisor empties the rings when it is called
        if (free() < need) words.wait(tail, seen, 5);
      }
      waited(start);
    },
    note(intent, ...rest) {
      open = intent;
      notes.note(intent, ...rest);
    },
  };
}

/**
 * Supervisor: takes out what has happened, whole ops, in one piece or, where the ring begins again, in two. `take` must copy what it
 * keeps. Nobody else may take from this ring.
 */
export function drain(
  words: Words,
  ring: Uint8Array,
  layout: Layout,
  thread: number,
  take: (pieces: readonly Uint8Array[]) => void,
): void {
  const size = layout.shape.ring!;
  const tail = threadWord(layout, thread, Thread.RingTail);
  const to = words.load(threadWord(layout, thread, Thread.RingHead));
  const from = words.load(tail);
  const length = (to - from) >>> 0;
  if (length === 0) return;
  const at = (from >>> 0) % size;
  const first = Math.min(length, size - at);
  const pieces = [ring.subarray(at, at + first)];
  if (first < length) pieces.push(ring.subarray(0, length - first));
  take(pieces);
  words.store(tail, to);
  words.notify(tail, Number.POSITIVE_INFINITY);
}
