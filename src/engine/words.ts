/**
 * The shared Int32 words, and the only way to them. The guard, the intents and the rows are written over this interface, so that a
 * test can put a stepping memory in its place and walk the real code through every interleaving. Each method is one step.
 */

export interface Words {
  /** True for a memory that only one thread uses: there is nobody to lock out. */
  readonly single?: boolean;
  load(index: number): number;
  store(index: number, value: number): void;
  /** Returns the value found; it was replaced when that equals `expected`. */
  compareExchange(index: number, expected: number, value: number): number;
  exchange(index: number, value: number): number;
  /** Sleeps while the word holds `value`, at most `milliseconds`. Never on the main thread. */
  wait(index: number, value: number, milliseconds: number): 'ok' | 'not-equal' | 'timed-out';
  /** Wakes at most `count` sleepers; returns how many. */
  notify(index: number, count: number): number;
  /** Plain accesses: for words that one thread owns, or that belong to a row and are touched by its holder only. */
  get(index: number): number;
  set(index: number, value: number): void;
}

export function sharedWords(buffer: SharedArrayBuffer): Words {
  const words = new Int32Array(buffer);
  return {
    load: index => Atomics.load(words, index),
    store: (index, value) => {
      Atomics.store(words, index, value);
    },
    compareExchange: (index, expected, value) => Atomics.compareExchange(words, index, expected, value),
    exchange: (index, value) => Atomics.exchange(words, index, value),
    wait: (index, value, milliseconds) => Atomics.wait(words, index, value, milliseconds),
    notify: (index, count) => Atomics.notify(words, index, count),
    get: index => words[index],
    set: (index, value) => {
      words[index] = value;
    },
  };
}

/** The words of a memory that only one thread uses: the same accesses, without the price of Atomics (15 to 19 ns each). It never sleeps. */
export function plainWords(buffer: ArrayBufferLike): Words {
  const words = new Int32Array(buffer);
  return {
    single: true,
    load: index => words[index],
    store: (index, value) => {
      words[index] = value;
    },
    compareExchange: (index, expected, value) => {
      const found = words[index];
      if (found === expected) words[index] = value;
      return found;
    },
    exchange: (index, value) => {
      const found = words[index];
      words[index] = value;
      return found;
    },
    wait: () => 'not-equal',
    notify: () => 0,
    get: index => words[index],
    set: (index, value) => {
      words[index] = value;
    },
  };
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
