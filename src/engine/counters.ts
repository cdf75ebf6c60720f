/**
 * Counters of a node for its algorithm: four numbers of 16 bits in two words of the control line. No weight is in them, so decisions may
 * depend on them, and histories need not know them: they hold what was decided. Any thread may count, by compare-and-exchange.
 */

import type { Row, World } from './algorithm.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Words } from './words.js';

const most = 65535;

export function openCounters(words: Words, layout: Layout): World['count'] {
  return (node, counter, by) => {
    const at = controlWord(layout, node, Control.Counters + (counter >> 1));
    const shift = 16 * (counter & 1);
    for (;;) {
      const found = words.load(at);
      const before = (found >>> shift) & most;
      const after = Math.min(most, Math.max(0, before + by));
      if (after === before) return after;
      const changed = (found & ~(most << shift)) | (after << shift);
      if (words.compareExchange(at, found, changed) === found) return after;
    }
  };
}

/** A newcomer has counted nothing. */
export function clearCounters(words: Words, layout: Layout, node: Row): void {
  for (const word of [0, 1]) words.store(controlWord(layout, node, Control.Counters + word), 0);
}
