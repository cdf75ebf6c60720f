/** What an event costs in the queue: the earliest id out and in again, by law of times and number of ids, beside a heap. */

import { strict as assert } from 'node:assert';
import { openClock } from '../src/engine/clock.js';
import { openQueue, type Queue, queueBytes } from '../src/engine/queue.js';
import { median, type Row, ratio, sideBySide } from './measure.js';

const laws = { exponential: 'exponential:mean=1', constant: 'constant:mean=1', Pareto: 'pareto:mean=1,shape=1.5' };
const sizes = [2, 3, 4, 5, 6];
/** Events of a timed run. */
const events = 20_000;

type Ends = Pick<Queue, 'push' | 'pop' | 'timeOf'>;

export function queue(): Row[] {
  return Object.entries(laws).flatMap(([law, clock]) => {
    const times = sizes.map(digits => compare(clock, 10 ** digits));
    const rows = times.map(({ calendar, heap }, k): Row => {
      const nanoseconds = (median(calendar) * 1e6) / events;
      const name = `${law}, 10^${sizes[k]} ids`;
      if (law === 'exponential' && (sizes[k] === 3 || sizes[k] === 4))
        return { name, value: nanoseconds, unit: 'ns', ratio: 125 / nanoseconds, of: 'of 8 M/s', bar: 1 };
      return { name, value: nanoseconds, unit: 'ns', ratio: ratio(heap, calendar), of: 'of the speed of a heap of four' };
    });
    const growth = median(times[4].calendar) / median(times[0].calendar);
    const grown: Row = {
      name: `${law}, 10^6 against 10^2`,
      value: growth,
      unit: 'times',
      ratio: 4 / growth,
      of: 'of 4 times',
      bar: 1,
    };
    return [...rows, ...(law === 'exponential' ? [grown] : [])];
  });
}

/** Times of both in ms for `events` events, after both have given the same order. */
function compare(law: string, ids: number): { calendar: number[]; heap: number[] } {
  const clock = openClock(law, { seed: 1, purpose: 'bench' });
  const durations = Float64Array.from({ length: 2 ** 16 }, (_, k) => clock.duration(0, k));
  const calendar = turning(openQueue(new SharedArrayBuffer(queueBytes(ids)), 0, ids), ids, durations);
  const heap = turning(heapOfFour(ids), ids, durations);
  for (let done = 0; done < 3 * ids; done += events) assert.equal(calendar(), heap(), `${law}, ${ids} ids: the orders differ`);
  return sideBySide({ calendar: () => void calendar(), heap: () => void heap() });
}

/** A function that goes on for `events` events and returns a hash of their order. */
function turning(queue: Ends, ids: number, durations: Float64Array): () => number {
  for (let id = 0; id < ids; id++) queue.push(id, durations[(id * 7919) & 0xffff]);
  let drawn = 0;
  // From its own text for each queue: a function that serves two kinds of queue is slow with both.
  const turn = new Function(
    'queue, durations, drawn, events',
    `/* ${queue.constructor.name} */ let hash = 0;
    for (let k = 0; k < events; k++) {
      const id = queue.pop();
      queue.push(id, queue.timeOf(id) + durations[drawn++ & 0xffff]);
      hash = (Math.imul(hash, 31) + id) | 0;
    }
    return hash;`,
  );
  return () => {
    const hash = turn(queue, durations, drawn, events);
    drawn += events;
    return hash;
  };
}

/** The plain way, and the oracle. */
function heapOfFour(capacity: number): Ends {
  const times = new Float64Array(capacity);
  const heap = new Int32Array(capacity);
  let size = 0;
  const before = (a: number, b: number) => times[a] < times[b] || (times[a] === times[b] && a < b);
  return {
    timeOf: id => times[id],
    push(id, time) {
      times[id] = time;
      let at = size++;
      for (; at > 0; at = (at - 1) >> 2) {
        const above = heap[(at - 1) >> 2];
        if (before(above, id)) break;
        heap[at] = above;
      }
      heap[at] = id;
    },
    pop() {
      const first = heap[0];
      const last = heap[--size];
      let at = 0;
      for (let child = 1; child < size; child = 4 * at + 1) {
        let least = child;
        for (let k = child + 1; k < Math.min(child + 4, size); k++) if (before(heap[k], heap[least])) least = k;
        if (before(last, heap[least])) break;
        heap[at] = heap[least];
        at = least;
      }
      heap[at] = last;
      return first;
    },
  };
}
