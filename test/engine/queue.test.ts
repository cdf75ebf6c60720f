import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openQueue, type Queue, queueBytes } from '../../src/engine/queue.js';
import { exponential, type Source, source, uniform, word } from '../../src/random.js';
import { cases } from '../support/cases.js';
import { cpuMilliseconds } from '../support/cpu.js';
import { sortedQueue } from '../support/sorted.js';

const fresh = (capacity: number) => openQueue(new SharedArrayBuffer(queueBytes(capacity)), 0, capacity);

/** Times from now to the next event of an id: what a simulation may meet, and what it should not. */
const laws: Readonly<Record<string, (s: Source, i: number) => number>> = {
  exponential: (s, i) => exponential(s, 0, i),
  constant: () => 1,
  'a few constants': (s, i) => [1, 1, 2, 0.25][word(s, 0, i) & 3],
  nothing: () => 0,
  'pareto of shape 1.1': (s, i) => uniform(s, 0, i) ** (-1 / 1.1) || 1,
  clusters: (s, i) => (uniform(s, 0, i) < 0.98 ? 1e-9 * uniform(s, 1, i) : 1e3),
  'from a picosecond to ages': (s, i) => 10 ** (24 * uniform(s, 0, i) - 12),
  'rates that change': (s, i) => exponential(s, 0, i) * 10 ** (3 * (Math.floor(i / 3000) % 5) - 6),
  'one far away': (s, i) => (i === 5 ? 1e15 : exponential(s, 0, i)),
  'never, now and then': (s, i) => (uniform(s, 1, i) < 0.01 ? Number.POSITIVE_INFINITY : exponential(s, 0, i)),
};

test('a few events come in order, ties by id', () => {
  const queue = fresh(8);
  assert.deepEqual([queue.pop(), queue.peek(), queue.size], [-1, Number.POSITIVE_INFINITY, 0]);
  for (const [id, time] of [
    [5, 2],
    [3, 1],
    [7, 1],
    [0, Number.POSITIVE_INFINITY],
    [2, 1],
    [1, 0],
  ])
    queue.push(id, time);
  assert.deepEqual([queue.size, queue.peek(), queue.has(4), queue.has(0)], [6, 0, false, true]);
  assert.deepEqual([queue.remove(4), queue.remove(3), queue.remove(3)], [false, true, false]);
  assert.deepEqual(
    Array.from({ length: 6 }, () => queue.pop()),
    [1, 2, 7, 5, 0, -1],
  );
  assert.equal(queue.timeOf(5), 2);
});

/** What a case does next: an id and what to do with it. */
interface Step {
  readonly what: number;
  readonly id: number;
  readonly delay: number;
}

const delays = fc.oneof(
  fc.constantFrom(0, 1, 1, 1, 0.5, 3, 1e-12, 1e12, 1e300, 5e-324, Number.POSITIVE_INFINITY),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1e300, noNaN: true }),
);
const steps = fc.array(fc.record<Step>({ what: fc.nat(10), id: fc.nat(199), delay: delays }), {
  minLength: 1,
  maxLength: 600,
  size: 'max',
});

test('whatever is pushed, popped and removed, it is the sorted array; and so is a queue opened again over its bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), steps, (capacity, steps) => {
      const buffer = new SharedArrayBuffer(queueBytes(capacity) + 8);
      let queue = openQueue(buffer, 8, capacity);
      const oracle = sortedQueue(capacity);
      let now = 0;
      steps.slice(0, capacity).forEach(({ delay }, id) => {
        for (const each of [queue, oracle]) each.push(id, delay);
      });
      for (const { what, id: drawn, delay } of steps) {
        const id = drawn % capacity;
        if (what < 4) {
          now = oracle.size > 0 ? oracle.peek() : now;
          assert.equal(queue.pop(), oracle.pop());
        } else if (what === 4) assert.equal(queue.remove(id), oracle.remove(id));
        else if (what === 5) assert.equal(queue.peek(), oracle.peek());
        else if (what === 6) queue = openQueue(buffer, 8, capacity);
        else if (!oracle.has(id)) {
          for (const each of [queue, oracle]) each.push(id, now + delay);
          assert.equal(queue.timeOf(id), now + delay);
        }
        assert.equal(queue.size, oracle.size);
        assert.equal(queue.has(id), oracle.has(id));
      }
      while (oracle.size > 0) {
        assert.equal(queue.peek(), oracle.peek());
        assert.equal(queue.pop(), oracle.pop());
      }
      assert.equal(queue.pop(), -1);
    }),
    cases(1500),
  );
});

/**
 * Runs `events` events of `nodes` ids that come back after a time of the law; every 50th is removed and pushed again, or left
 * out for a while.
 */
function run(queue: Queue, law: (s: Source, i: number) => number, nodes: number, events: number, seed: number): number[] {
  const draws = source(seed, 'law');
  const others = source(seed, 'others');
  const order: number[] = [];
  let now = 0;
  let drawn = 0;
  for (let id = 0; id < nodes; id++) queue.push(id, law(draws, drawn++));
  for (let event = 0; event < events; event++) {
    const id = queue.pop();
    if (id < 0) break;
    now = queue.timeOf(id);
    order.push(id);
    if (event % 50 !== 0) queue.push(id, now + law(draws, drawn++));
    const other = word(others, 0, event) % nodes;
    if (event % 20 === 0 && queue.remove(other) && event % 40 === 0) queue.push(other, now + law(draws, drawn++));
    if (event % 30 === 0 && !queue.has(other)) queue.push(other, now);
    if (event % 7 === 0) queue.peek();
  }
  return order;
}

for (const [name, law] of Object.entries(laws)) {
  test(`long runs with times of law '${name}' go as in a sorted array, at every size`, () => {
    for (const nodes of [1, 2, 15, 100, 1000]) {
      for (let seed = 0; seed < 2; seed++) {
        const events = 12_000;
        const found = run(fresh(nodes), law, nodes, events, seed);
        assert.deepEqual(found, run(sortedQueue(nodes), law, nodes, events, seed), `${nodes} nodes, seed ${seed}`);
        assert.ok(found.length > 10);
      }
    }
  });
}

test('the memory is the state: a copy of the bytes goes on as the original does, byte for byte', () => {
  for (const [name, law] of Object.entries(laws)) {
    const [capacity, draws] = [300, source(3, name)];
    const bytes = new Uint8Array(queueBytes(capacity));
    const queue = openQueue(bytes.buffer, 0, capacity);
    const go = (queue: Queue, from: number, to: number) => {
      const order: number[] = [];
      for (let event = from; event < to; event++) {
        const id = queue.pop();
        order.push(id);
        queue.push(id, queue.timeOf(id) + law(draws, event));
      }
      return order;
    };
    for (let id = 0; id < capacity; id++) queue.push(id, law(draws, 1e6 + id));
    for (let from = 0; from < 9000; from += 1500) {
      const copy = new SharedArrayBuffer(bytes.length + 64);
      new Uint8Array(copy).set(bytes, 64);
      const twin = openQueue(copy, 64, capacity);
      assert.deepEqual(go(twin, from, from + 1500), go(queue, from, from + 1500), name);
      assert.ok(Buffer.from(copy, 64).equals(bytes), name);
    }
  }
});

test('sizes change: a queue that fills up, drains, and fills up again far later', () => {
  const capacity = 3000;
  const pair = [fresh(capacity), sortedQueue(capacity)];
  const draws = source(1, 'sizes');
  let now = 0;
  for (let wave = 0; wave < 4; wave++) {
    for (let id = 0; id < capacity; id++)
      if (!pair[1].has(id)) for (const queue of pair) queue.push(id, now + exponential(draws, wave, id) * 10 ** wave);
    const left = wave % 2 === 0 ? 3 : 1500;
    while (pair[1].size > left) {
      now = pair[1].peek();
      assert.equal(pair[0].pop(), pair[1].pop());
    }
    now += 10 ** (6 * wave);
    for (const queue of pair) for (let id = 0; id < capacity; id++) if (queue.has(id) && queue.timeOf(id) < now) queue.remove(id);
  }
});

// A second each where an event costs a logarithm; far beyond the limit where it costs a part of the size.
const limit = 20_000;
const large = 200_000;
const hard: Readonly<Record<string, (queue: Queue) => void>> = {
  'all at the same time, again and again'(queue) {
    for (let id = 0; id < large; id++) queue.push(id, 0);
    cycle(queue, 3 * large, () => 1);
  },
  'all at the same time, in falling order of ids, and drained'(queue) {
    for (let id = large - 1; id >= 0; id--) queue.push(id, 1);
    for (let id = 0; id < large; id++) assert.equal(queue.pop(), id);
  },
  'an answer at once to every one of many equal times'(queue) {
    for (let id = 0; id < large / 2; id++) queue.push(id, 1);
    for (let event = 0; event < 2 * large; event++) {
      const id = queue.pop();
      const half = large / 2;
      if (id >= half) queue.push(id - half, queue.timeOf(id) + 1);
      else queue.push(id + half, queue.timeOf(id));
    }
  },
  'removed and pushed again among equal times'(queue) {
    for (let id = 0; id < large; id++) queue.push(id, 5);
    for (let id = 0; id < large; id++) {
      queue.remove((id * 7919) % large);
      queue.push((id * 7919) % large, 5);
    }
    for (let id = 0; id < large; id++) assert.equal(queue.pop(), id);
  },
  'one busy id among sleepers'(queue) {
    for (let id = 1; id < large; id++) queue.push(id, 1e9);
    queue.push(0, 0);
    cycle(queue, large, () => 1e-3);
  },
  'sleepers that come when the calendar is small'(queue) {
    for (let id = 0; id < 16; id++) queue.push(id, id / 16);
    cycle(queue, 2000, () => 1);
    for (let id = 16; id < large; id++) queue.push(id, 1e9 + id);
    cycle(queue, 10 * large, () => 1);
  },
  'bursts, and long silence between them'(queue) {
    for (let id = 0; id < large; id++) queue.push(id, 0);
    cycle(queue, 2 * large, k => (k % 1000 === 0 ? 1e6 : 1e-6 * (k % 100)));
  },
  'a day that is a year'(queue) {
    for (let id = 0; id < large; id++) queue.push(id, id * 2 ** 18);
    cycle(queue, large, k => (k % 3 === 0 ? 2 ** 18 : 2 ** 36));
  },
  'faster and faster'(queue) {
    for (let id = 0; id < large; id++) queue.push(id, id);
    cycle(queue, 2 * large, k => 10 ** (-9 * (k / large)));
  },
  'slower and slower'(queue) {
    for (let id = 0; id < large; id++) queue.push(id, id * 1e-12);
    cycle(queue, 2 * large, k => 10 ** (12 * (k / large) - 12));
  },
  'a look far ahead before the rest comes'(queue) {
    queue.push(0, 1e12);
    queue.peek();
    for (let id = 1; id < large; id++) queue.push(id, 1 + id * 1e-3);
    cycle(queue, 2 * large, () => 100);
  },
};

function cycle(queue: Queue, events: number, delay: (k: number) => number): void {
  let last = 0;
  const begun = cpuMilliseconds();
  for (let event = 0; event < events; event++) {
    if (event % 1024 === 0) assert.ok(cpuMilliseconds() - begun < limit, `${event} of ${events} events in ${limit} ms`);
    const id = queue.pop();
    const time = queue.timeOf(id);
    assert.ok(time >= last);
    last = time;
    queue.push(id, time + delay(event));
  }
}

for (const [name, run] of Object.entries(hard)) {
  test(`${large} ids, ${name}: no event costs the size of the queue`, () => run(fresh(large)));
}

test('what is refused: ids outside, an id that is in, times before now, NaN, the bytes of another queue', () => {
  const buffer = new ArrayBuffer(queueBytes(4));
  const queue = openQueue(buffer, 0, 4);
  const refused = (run: () => unknown, message: RegExp) => assert.throws(run, { code: 'STATE', message });
  queue.push(1, 1);
  queue.push(2, 2);
  refused(() => queue.push(2, 3), /found id 2, which is queued for 2 already; remove it first/);
  refused(() => queue.push(4, 3), /found id 4, allowed is 0 to 3/);
  refused(() => queue.push(-1, 3), /found id -1, allowed is 0 to 3/);
  refused(() => queue.push(0, Number.NaN), /found time NaN for id 0, allowed is from 0/);
  assert.equal(queue.pop(), 1);
  refused(() => queue.push(1, 0.5), /found time 0.5 for id 1, allowed is from 1, the last popped time/);
  queue.push(1, 1);
  assert.deepEqual([queue.size, queue.pop(), queue.pop(), queue.pop()], [2, 1, 2, -1]);
  refused(() => openQueue(buffer, 0, 3), /found one of 4 ids in the memory, expected 3/);
  assert.throws(() => openQueue(buffer, 0, 5), RangeError);
  assert.throws(() => openQueue(new ArrayBuffer(queueBytes(4) + 4), 4, 4), RangeError);
});
