/**
 * Events as records of 16 bytes in one memory: time f64, next i32, previous i32. A record is named by the index of its first
 * word; 0 is no record, and the end of every list. Their order is that of time, and of memory where times are equal.
 */

/** Words of a record. Its time is `times[record >> 1]`. */
export const Next = 2;
/**
 * 0: the record is nowhere. ~w: first of the list whose head is word w. In a heap: the record itself, and Next is ~its place.
 */
export const Previous = 3;

/** True when `a` comes before `b`. */
export function before(times: Float64Array, a: number, b: number): boolean {
  const s = times[a >> 1];
  const t = times[b >> 1];
  return s < t || (s === t && a < b);
}

/** Puts a record at the front of the list whose head is word `head`. */
export function link(words: Int32Array, head: number, record: number): void {
  const first = words[head];
  words[record + Next] = first;
  words[record + Previous] = ~head;
  words[first + Previous] = record; // to ask whether there is a first costs more than to write into no record
  words[head] = record;
}

/** Takes a record out of its list. */
export function unlink(words: Int32Array, record: number): void {
  const next = words[record + Next];
  const previous = words[record + Previous];
  words[previous < 0 ? ~previous : previous + Next] = next;
  words[next + Previous] = previous;
}

/**
 * Brings a chain into order (a list of which only Next is read and written) and returns its new first record. Merges the
 * ascending runs that it finds: one pass over a chain that is in order already, n log n at worst.
 */
export function sorted(times: Float64Array, words: Int32Array, first: number): number {
  let levels = 0;
  while (first !== 0) {
    let last = first;
    let next = words[last + Next];
    while (next !== 0 && before(times, last, next)) {
      last = next;
      next = words[last + Next];
    }
    words[last + Next] = 0;
    // A binary counter: level k holds the merge of 2^k runs, or nothing.
    let level = 0;
    for (; level < levels && pending[level] !== 0; level++) {
      first = merged(times, words, pending[level], first);
      pending[level] = 0;
    }
    pending[level] = first;
    if (level === levels) levels++;
    first = next;
  }
  for (let level = 0; level < levels; level++) {
    first = merged(times, words, pending[level], first);
    pending[level] = 0;
  }
  return first;
}

const pending = new Int32Array(32);

function merged(times: Float64Array, words: Int32Array, a: number, b: number): number {
  let last = 0;
  while (a !== 0 && b !== 0) {
    const earlier = before(times, a, b) ? a : b;
    if (earlier === a) a = words[a + Next];
    else b = words[b + Next];
    words[last + Next] = earlier;
    last = earlier;
  }
  words[last + Next] = a | b;
  return words[Next];
}

/** A binary heap in the words from `heap`: `record`, for the free place `at`, rises to where it belongs. */
export function rise(times: Float64Array, words: Int32Array, heap: number, at: number, record: number): void {
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (before(times, words[heap + above], record)) break;
    place(words, heap, at, words[heap + above]);
    at = above;
  }
  place(words, heap, at, record);
}

/** The same downward, in a heap of `size` places. */
export function sink(times: Float64Array, words: Int32Array, heap: number, size: number, at: number, record: number): void {
  for (let below = 2 * at + 1; below < size; below = 2 * at + 1) {
    if (below + 1 < size && before(times, words[heap + below + 1], words[heap + below])) below++;
    if (before(times, record, words[heap + below])) break;
    place(words, heap, at, words[heap + below]);
    at = below;
  }
  place(words, heap, at, record);
}

function place(words: Int32Array, heap: number, at: number, record: number): void {
  words[heap + at] = record;
  words[record + Next] = ~at;
}
