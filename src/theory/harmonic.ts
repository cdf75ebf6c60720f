/** Sums of reciprocals, to the last bit or next to it. */

import { requireNumber } from './range.js';

/** No graph has more nodes. */
const largest = 2 ** 25;

/**
 * 1/first + ... + 1/last: the harmonic number H_last when `first` is 1, and H_last - H_(first-1) without its cancellation
 * otherwise; 0 when `first` is `last` + 1. Both are whole, 1 <= first <= last + 1 <= 2^25 + 1. The sum is carried in two doubles and
 * every reciprocal with its remainder, so only the final rounding is left. Linear in the number of terms, 0.2 s for 2^25. Throws
 * CONFIG_RANGE.
 */
export function harmonic(last: number, first = 1): number {
  requireNumber('harmonic: last', last, { whole: true, min: 0, max: largest });
  requireNumber('harmonic: first', first, { whole: true, min: 1, max: last + 1 });
  let sum = 0;
  let rest = 0;
  for (let k = first; k <= last; k++) {
    const term = 1 / k;
    // 1 - k * term, exactly: 24 and 29 bits of the term times the 25 bits of k
    const high = Math.fround(term);
    const remainder = 1 - high * k - (term - high) * k;
    // the terms fall, so the larger summand is `sum` (Dekker 1971)
    const next = sum + term;
    rest += (sum === 0 ? 0 : sum - next + term) + remainder / k;
    sum = next;
  }
  return sum + rest;
}
