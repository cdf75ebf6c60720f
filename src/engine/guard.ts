/**
 * The guard: who may touch a row, and how a row turns over. Each function is exactly one operation on shared memory; the loops are in
 * hold.ts and rows.ts. The protocol is the checked model of spin/turnover.pml:
 *
 *   lock rows ascending -> write the spare sides whole -> write the intent's (word, value) pairs -> store COMMIT
 *   -> store each word of the pairs -> store NONE -> unlock
 *
 * Pairs are absolute targets, never 'toggle' or 'add one': doing them again, after any prefix, is right.
 */

import type { Words } from './words.js';

export const free = 0;
/** The lowest bit of a lock: somebody sleeps on it. */
export const contended = 1;

export const none = 0;
export const commit = 1;

/** The owner word of a thread slot and its incarnation: never 0, its lowest bit clear. Slots 0..1022. */
export function ownerWord(slot: number, incarnation: number): number {
  return ((incarnation & 0xfffff) << 11) | ((slot + 1) << 1);
}

export function ownerOf(lock: number): number {
  return lock & ~contended;
}

/** Takes a free lock. Returns what was found: 0 when it is now held. */
export function tryLock(words: Words, lock: number, owner: number): number {
  return words.compareExchange(lock, free, owner);
}

/** Says on a held lock that somebody is about to sleep on it. True when the lock still was `found`. */
export function announce(words: Words, lock: number, found: number): boolean {
  return words.compareExchange(lock, found, found | contended) === found;
}

/** Sleeps while the lock is held, contended, by the same owner. */
export function sleep(words: Words, lock: number, found: number, milliseconds: number): void {
  words.wait(lock, found | contended, milliseconds);
}

/** Frees a lock. True when somebody may be asleep on it. */
export function unlock(words: Words, lock: number): boolean {
  return (words.exchange(lock, free) & contended) !== 0;
}

export function wakeOne(words: Words, lock: number): void {
  words.notify(lock, 1);
}

export function wakeAll(words: Words, lock: number): void {
  words.notify(lock, Number.POSITIVE_INFINITY);
}

/** The op happens here: after this store it will be completed, whoever dies. */
export function publish(words: Words, intent: number): void {
  words.store(intent, commit);
}

/** Stores one target of the intent. */
export function fulfil(words: Words, index: number, value: number): void {
  words.store(index, value);
}

export function clear(words: Words, intent: number): void {
  words.store(intent, none);
}

/** The turn of a turn word, 0..2^24 - 1: it wraps. */
export function turnOf(word: number): number {
  return word >>> 8;
}

/** The word after one more op that flips the planes in `mask`. */
export function nextTurn(word: number, mask: number): number {
  return (((word >>> 8) + 1) << 8) | ((word ^ mask) & 0xff) | 0;
}

/** Ops between two turns, modulo the width of a turn. */
export function turnsBetween(earlier: number, later: number): number {
  return (later - earlier) & 0xffffff;
}
