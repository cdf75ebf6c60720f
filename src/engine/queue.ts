/**
 * The events of a simulation: a calendar queue (Brown 1988) in typed arrays over one given buffer. There is no object per
 * event, and no state outside the buffer: opened again over the same bytes it goes on exactly.
 *
 *   byte 0    header    now | origin | scale | limit | since | counters                        128 B
 *             records   capacity x 16 B: see events
 *             buckets   heads of lists, a power of two of them in use
 *             run       head of the list of today's events
 *             heap      capacity x 4 B: records that came late
 *
 * Time is cut into days: an event belongs to day floor((time - origin) x scale). Those of later days lie, in no order, in the
 * bucket of their day modulo the number of buckets (a year). When a day begins, its events leave their bucket and become the
 * run, a sorted list; what is pushed into that day from then on goes to the heap. The earliest event is the first of the run or
 * of the heap.
 *
 * So an event costs a constant where days hold an event or two, and a logarithm at worst: the run is merge-sorted (in one pass
 * where a constant clock pushed a thousand equal times in order), and a heap is a heap. The length of a day follows the events:
 * pops and looks at buckets burn fuel, and when it is used up, after work in proportion to the size, the rate of events since
 * the last time decides whether to lay the calendar out anew. A year without an event lays it out anew too, from the earliest
 * event on. As long as the rate is not known all events are in the heap, and the scale is 0.
 */

import { HearsayError } from '../errors.js';
import { before, link, Next, Previous, rise, sink, sorted, unlink } from './events.js';

/** Ids 0..capacity-1 in the order of time, each at most once. For one thread at a time. */
export interface Queue {
  readonly size: number;
  /**
   * Queues `id`, which is not in, for `time`, which is not before the last popped one (at first 0) and may be Infinity. Throws
   * STATE.
   */
  push(id: number, time: number): void;
  /** Takes out the id with the earliest time, the lowest of those with equal times; -1 when the queue is empty. */
  pop(): number;
  /** The time of the id that `pop` would take; Infinity when the queue is empty. */
  peek(): number;
  /** The time that `id` is queued for, or was queued for last. */
  timeOf(id: number): number;
  has(id: number): boolean;
  /** Takes `id` out; false when it is not in. */
  remove(id: number): boolean;
}

/** Bytes of a queue for `capacity` ids (1 to 2^26): 28 to 36 an id. */
export function queueBytes(capacity: number): number {
  return 8 * Math.ceil((recordsAt + 4 * capacity + bucketsFor(capacity) + 1 + capacity) / 2);
}

/**
 * The queue in the `queueBytes(capacity)` bytes from `byteOffset` (a multiple of 8) on. Zeroed bytes are an empty queue. Throws
 * STATE when the bytes hold a queue of another capacity, RangeError when they don't fit the buffer.
 */
export function openQueue(buffer: ArrayBufferLike, byteOffset: number, capacity: number): Queue {
  return new CalendarQueue(buffer, byteOffset, capacity);
}

// The header, in f64s and in words; its words 2 and 3 are the links of record 0, written and never read.
/** The last popped time. */
const Now = 2;
/** Where day 0 begins, days a second, the first day that has not begun. */
const Origin = 3;
const Scale = 4;
const Limit = 5;
/** Now, when fuel was filled up last; the pops since then; the fuel left, and what it was then. */
const Since = 6;
const Pops = 14;
const Fuel = 15;
const Filled = 21;
const Capacity = 16;
const Size = 17;
const HeapSize = 18;
/** Buckets in use, less one. */
const Mask = 19;
/** Written so that what is read ahead is not read in vain. */
const Ahead = 20;

const recordsAt = 32;
/** The events that a day should hold, and fuel: a look at a bucket or at an event of a later year burns 1. Both by trial. */
const eventsADay = 3;
const fuelOfPop = 4;
/** Keeps the day of every finite time finite. */
const largestScale = 1e300;

function bucketsFor(size: number): number {
  let count = 16;
  while (count < 2 * size) count *= 2;
  return count;
}

class CalendarQueue implements Queue {
  readonly #times: Float64Array;
  readonly #words: Int32Array;
  readonly #capacity: number;
  readonly #buckets: number;
  readonly #run: number;
  readonly #heap: number;

  constructor(buffer: ArrayBufferLike, byteOffset: number, capacity: number) {
    const bytes = queueBytes(capacity);
    this.#times = new Float64Array(buffer, byteOffset, bytes / 8);
    this.#words = new Int32Array(buffer, byteOffset, bytes / 4);
    this.#capacity = capacity;
    this.#buckets = recordsAt + 4 * capacity;
    this.#run = this.#buckets + bucketsFor(capacity);
    this.#heap = this.#run + 1;
    const found = this.#words[Capacity];
    if (found !== 0 && found !== capacity) {
      throw new HearsayError(
        'STATE',
        `queue: found one of ${found} ids in the memory, expected ${capacity}; open it with ${found}`,
      );
    }
    if (found === 0) this.#times[Limit] = 1;
    this.#words[Capacity] = capacity;
  }

  get size(): number {
    return this.#words[Size];
  }

  push(id: number, time: number): void {
    const times = this.#times;
    const words = this.#words;
    const record = recordsAt + 4 * id;
    if (!(time >= times[Now]) || !(id >= 0 && id < this.#capacity) || words[record + Previous] !== 0) this.#refuse(id, time);
    times[record >> 1] = time;
    words[Size]++;
    const day = (time - times[Origin]) * times[Scale];
    if (day >= times[Limit]) link(words, this.#buckets + (day & words[Mask]), record);
    else this.#comeLate(record);
  }

  pop(): number {
    const times = this.#times;
    const words = this.#words;
    if ((words[Fuel] -= fuelOfPop) < 0) this.#adapt();
    const record = this.#first();
    if (record === 0) return -1;
    this.#take(record);
    times[Now] = times[record >> 1];
    words[Pops]++;
    return (record - recordsAt) >> 2;
  }

  peek(): number {
    const record = this.#first();
    return record === 0 ? Number.POSITIVE_INFINITY : this.#times[record >> 1];
  }

  timeOf(id: number): number {
    return this.#times[(recordsAt + 4 * id) >> 1];
  }

  has(id: number): boolean {
    return this.#words[recordsAt + 4 * id + Previous] !== 0;
  }

  remove(id: number): boolean {
    const record = recordsAt + 4 * id;
    if (this.#words[record + Previous] === 0) return false;
    this.#take(record);
    return true;
  }

  /** The earliest record, 0 when there is none. */
  #first(): number {
    const words = this.#words;
    const record = words[this.#run];
    if (words[HeapSize] === 0) {
      if (record !== 0 || words[Size] === 0) return record;
      this.#advance();
      return words[this.#run];
    }
    const late = words[this.#heap];
    return record !== 0 && before(this.#times, record, late) ? record : late;
  }

  #take(record: number): void {
    const words = this.#words;
    const at = ~words[record + Next];
    if (at < 0) unlink(words, record);
    else {
      const size = --words[HeapSize];
      const last = words[this.#heap + size];
      if (at < size) {
        const rises = at > 0 && before(this.#times, last, words[this.#heap + ((at - 1) >> 1)]);
        if (rises) rise(this.#times, words, this.#heap, at, last);
        else sink(this.#times, words, this.#heap, size, at, last);
      }
    }
    words[record + Previous] = 0;
    words[Size]--;
  }

  #comeLate(record: number): void {
    const words = this.#words;
    words[record + Previous] = record;
    rise(this.#times, words, this.#heap, words[HeapSize]++, record);
  }

  /** Goes on to the next day with an event. Run and heap are empty, the queue is not. */
  #advance(): void {
    const words = this.#words;
    const mask = words[Mask];
    let day = this.#times[Limit];
    for (let looks = 1; looks <= mask + 1; looks++, day++) {
      const bucket = this.#buckets + (day & mask);
      if (words[bucket] === 0 || !this.#open(bucket, day + 1)) continue;
      this.#times[Limit] = day + 1;
      words[Fuel] -= looks;
      this.#lookAhead(day);
      return;
    }
    words[Fuel] -= mask + words[Size];
    this.#layOut(this.#times[Scale]);
  }

  /**
   * Reads one record further in the lists of three days to come, so that they are in the cache then: with 10^6 ids, a fifth of
   * the time.
   */
  #lookAhead(day: number): void {
    const words = this.#words;
    const mask = words[Mask];
    const first = words[this.#buckets + ((day + 6) & mask)];
    const second = words[words[this.#buckets + ((day + 4) & mask)] + Next];
    const third = words[words[words[this.#buckets + ((day + 2) & mask)] + Next] + Next];
    words[Ahead] = words[first + Next] + words[second + Next] + words[third + Next];
  }

  /** Makes those events of a bucket the run that belong before day `limit`; false when there is none. */
  #open(bucket: number, limit: number): boolean {
    const times = this.#times;
    const words = this.#words;
    const origin = times[Origin];
    const scale = times[Scale];
    let today = 0;
    let record = words[bucket];
    words[bucket] = 0;
    while (record !== 0) {
      const next = words[record + Next];
      if ((times[record >> 1] - origin) * scale >= limit) {
        link(words, bucket, record);
        words[Fuel]--;
      } else {
        words[record + Next] = today;
        today = record;
      }
      record = next;
    }
    if (today !== 0) this.#begin(today);
    return today !== 0;
  }

  /** Makes a chain of records the run. */
  #begin(chain: number): void {
    const words = this.#words;
    if (words[chain + Next] !== 0) chain = sorted(this.#times, words, chain);
    words[this.#run] = chain;
    let previous = ~this.#run;
    for (let record = chain; record !== 0; record = words[record + Next]) {
      words[record + Previous] = previous;
      previous = record;
    }
  }

  /**
   * Lays the calendar out anew when its days are out by more than a factor of two, its buckets by more, or most events came
   * late.
   */
  #adapt(): void {
    const times = this.#times;
    const words = this.#words;
    const size = words[Size];
    const count = words[Mask] + 1;
    const scale = times[Scale];
    const elapsed = times[Now] - times[Since];
    const wanted = elapsed > 0 ? Math.min(words[Pops] / elapsed / eventsADay, largestScale) : scale;
    const suits = wanted === scale || (wanted > scale / 2 && wanted < scale * 2);
    const crowded = size > count || 16 * size < count || 2 * words[HeapSize] > size;
    if (!suits || (wanted !== 0 && crowded)) this.#layOut(wanted);
    // The first looks come soon after one another: a rate that was measured across the start may be far out.
    words[Filled] = Math.min(16 * size + 256, wanted === 0 ? 256 : 4 * words[Filled]);
    words[Fuel] = words[Filled];
    words[Pops] = 0;
    times[Since] = times[Now];
  }

  /** Lays all events out anew, beginning at the earliest. */
  #layOut(scale: number): void {
    const times = this.#times;
    const words = this.#words;
    let record = this.#gather();
    let earliest = Number.POSITIVE_INFINITY;
    for (let each = record; each !== 0; each = words[each + Next]) earliest = Math.min(earliest, times[each >> 1]);
    const mask = bucketsFor(words[Size]) - 1;
    words[Mask] = mask;
    times[Origin] = earliest;
    times[Scale] = scale;
    times[Limit] = 1;
    let today = 0;
    while (record !== 0) {
      const next = words[record + Next];
      const day = (times[record >> 1] - earliest) * scale;
      if (day >= 1) link(words, this.#buckets + (day & mask), record);
      else if (scale === 0) this.#comeLate(record);
      else {
        words[record + Next] = today;
        today = record;
      }
      record = next;
    }
    if (today !== 0) this.#begin(today);
  }

  /** Takes all records out of heap, run and buckets, into one chain. */
  #gather(): number {
    const words = this.#words;
    let chain = 0;
    for (let at = words[HeapSize] - 1; at >= 0; at--) {
      const record = words[this.#heap + at];
      words[record + Next] = chain;
      chain = record;
    }
    words[HeapSize] = 0;
    for (let k = -1; k <= words[Mask]; k++) {
      const head = k < 0 ? this.#run : this.#buckets + k;
      for (let record = words[head]; record !== 0; ) {
        const next = words[record + Next];
        words[record + Next] = chain;
        chain = record;
        record = next;
      }
      words[head] = 0;
    }
    return chain;
  }

  #refuse(id: number, time: number): never {
    let found = `id ${id}, allowed is 0 to ${this.#capacity - 1}`;
    if (id >= 0 && id < this.#capacity)
      found = this.has(id)
        ? `id ${id}, which is queued for ${this.timeOf(id)} already; remove it first`
        : `time ${time} for id ${id}, allowed is from ${this.#times[Now]}, the last popped time`;
    throw new HearsayError('STATE', `queue: found ${found}`);
  }
}
