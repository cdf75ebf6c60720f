/**
 * The shared Int32 words, and the only way to them. The guard, the intents and the rows are written over this interface, so that a
 * test can put a stepping memory in its place and walk the real code through every interleaving. Each method is one step.
 */

export interface Words {
  /** True for a memory that only one thread uses: there is nobody to lock out. */
  readonly single?: boolean;
  /** The word, by an atomic load. */
  load(index: number): number;
  /** An atomic store. */
  store(index: number, value: number): void;
  /** Returns the value found; it was replaced when that equals `expected`. */
  compareExchange(index: number, expected: number, value: number): number;
  /** Stores, and returns the value found. */
  exchange(index: number, value: number): number;
  /** Sleeps while the word holds `value`, at most `milliseconds`. Never on the main thread. */
  wait(index: number, value: number, milliseconds: number): 'ok' | 'not-equal' | 'timed-out';
  /** Wakes at most `count` sleepers; returns how many. */
  notify(index: number, count: number): number;
  /** Plain accesses: for words that one thread owns, or that belong to a row and are touched by its holder only. */
  get(index: number): number;
  /** A plain store, as `get` is a plain load. */
  set(index: number, value: number): void;
}

export function sharedWords(buffer: SharedArrayBuffer): Words {
  return new SharedWords(buffer);
}

/** The words of a memory that only one thread uses: the same accesses, without the price of Atomics (15 to 19 ns each). It never sleeps. */
export function plainWords(buffer: ArrayBufferLike): Words {
  return new PlainWords(buffer);
}

/**
 * Changes a word that others sleep on, and wakes them. It is never the same twice in a row, so whoever looked before, did not find
 * what it waits for, and then falls asleep on the value that it saw, can't miss it.
 */
export function ring(words: Words, bell: number): void {
  let found = words.load(bell);
  for (;;) {
    const seen = words.compareExchange(bell, found, (found + 1) | 0);
    if (seen === found) break;
    found = seen;
  }
  words.notify(bell, Number.POSITIVE_INFINITY);
}

// Classes, not objects of functions: however many memories a process opens, their accesses stay one code that the compiler inlines.

class SharedWords implements Words {
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer);
  }

  load(index: number): number {
    return Atomics.load(this.#words, index);
  }

  store(index: number, value: number): void {
    Atomics.store(this.#words, index, value);
  }

  compareExchange(index: number, expected: number, value: number): number {
    return Atomics.compareExchange(this.#words, index, expected, value);
  }

  exchange(index: number, value: number): number {
    return Atomics.exchange(this.#words, index, value);
  }

  wait(index: number, value: number, milliseconds: number): 'ok' | 'not-equal' | 'timed-out' {
    return Atomics.wait(this.#words, index, value, milliseconds);
  }

  notify(index: number, count: number): number {
    return Atomics.notify(this.#words, index, count);
  }

  get(index: number): number {
    return this.#words[index];
  }

  set(index: number, value: number): void {
    this.#words[index] = value;
  }
}

class PlainWords implements Words {
  readonly single = true;
  readonly #words: Int32Array;

  constructor(buffer: ArrayBufferLike) {
    this.#words = new Int32Array(buffer);
  }

  load(index: number): number {
    return this.#words[index];
  }

  store(index: number, value: number): void {
    this.#words[index] = value;
  }

  compareExchange(index: number, expected: number, value: number): number {
    const found = this.#words[index];
    if (found === expected) this.#words[index] = value;
    return found;
  }

  exchange(index: number, value: number): number {
    const found = this.#words[index];
    this.#words[index] = value;
    return found;
  }

  wait(): 'not-equal' {
    return 'not-equal';
  }

  notify(): number {
    return 0;
  }

  get(index: number): number {
    return this.#words[index];
  }

  set(index: number, value: number): void {
    this.#words[index] = value;
  }
}
