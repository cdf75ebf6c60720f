import type { Words } from '../../src/engine/words.js';

/** The same words, but for what `instead` does. */
export function wordsWith(words: Words, instead: Partial<Words>): Words {
  return {
    ...(words.single ? { single: true } : {}),
    load: index => words.load(index),
    store: (index, value) => words.store(index, value),
    compareExchange: (index, expected, value) => words.compareExchange(index, expected, value),
    exchange: (index, value) => words.exchange(index, value),
    wait: (index, value, milliseconds) => words.wait(index, value, milliseconds),
    notify: (index, count) => words.notify(index, count),
    get: index => words.get(index),
    set: (index, value) => words.set(index, value),
    ...instead,
  };
}
