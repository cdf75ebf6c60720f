import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Cells,
  describeFailure,
  explore,
  exploreRandomly,
  type Piece,
  replay,
  type Scene,
  type Shared,
} from '../../src/testing/explore.js';

/** Adds one in two steps: the classic lost update. */
const racyAdd: Piece = words => {
  const found = words.load(0);
  words.store(0, found + 1);
};

const steps =
  (count: number): Piece =>
  words => {
    for (let k = 0; k < count; k++) words.load(k);
  };

function expect(index: number, value: number): (cells: Cells) => void {
  return cells => assert.equal(cells.get(index), value);
}

test('all interleavings of two programs without a choice are counted: n over k', () => {
  const report = explore({ words: 5, workers: [steps(5), steps(4)] });
  assert.deepEqual(
    { complete: report.complete, schedules: report.schedules, states: report.states },
    { complete: true, schedules: 126, states: 6 * 5 },
  );
});

test('the orders of three programs are the multinomial', () => {
  assert.equal(explore({ words: 5, workers: [steps(2), steps(2), steps(2)] }).schedules, 90);
});

test('with at most k preemptions exactly the schedules with so few switches remain', () => {
  // Words over {a, b} with 4 a and 4 b; a preemption is a switch away from one that has not finished.
  const counts = [0, 1, 2, 3].map(limit => {
    let count = 0;
    const walk = (a: number, b: number, last: number, used: number): void => {
      if (used > limit) return;
      if (a === 0 && b === 0) {
        count++;
        return;
      }
      if (a > 0) walk(a - 1, b, 0, last === 1 && b > 0 ? used + 1 : used);
      if (b > 0) walk(a, b - 1, 1, last === 0 && a > 0 ? used + 1 : used);
    };
    walk(4, 4, -1, 0);
    return count;
  });
  const found = [0, 1, 2, 3].map(preemptions => explore({ words: 5, workers: [steps(4), steps(4)] }, { preemptions }).schedules);
  assert.deepEqual(found, counts);
});

test('a lost update is found, with a schedule that replays it', () => {
  const scene: Scene = { words: 1, workers: [racyAdd, racyAdd], atEnd: expect(0, 2) };
  const report = explore(scene);
  assert.equal(report.complete, false);
  const again = replay(scene, report.failure!.path);
  assert.deepEqual(again.schedule, report.failure!.schedule);
  assert.match(String(again.error), /1 !== 2/);
  assert.match(describeFailure(report.failure!), /worker 1 {4}load word 0: 0/);
  assert.equal(explore(scene, { preemptions: 0 }).complete, true, 'it needs a preemption');
  assert.equal(explore(scene, { preemptions: 1 }).complete, false);
});

test('compare-exchange adds right', () => {
  const add: Piece = words => {
    let found = words.load(0);
    for (;;) {
      const seen = words.compareExchange(0, found, found + 1);
      if (seen === found) return;
      found = seen;
    }
  };
  assert.equal(explore({ words: 1, workers: [add, add, add], atEnd: expect(0, 3) }).complete, true);
});

/** A ticket lock: take a number, spin until it is called. */
const ticket: Piece = words => {
  let mine = words.load(0);
  while (words.compareExchange(0, mine, mine + 1) !== mine) mine = words.load(0);
  while (words.load(1) !== mine) {}
  racyOn(words, 2);
  words.store(1, mine + 1);
};

function racyOn(words: Shared, index: number): void {
  words.set(index, words.get(index) + 1);
}

test('a ticket lock holds, spin loops and all', () => {
  const report = explore({ words: 3, workers: [ticket, ticket, ticket], atEnd: expect(2, 3) }, { preemptions: 3 });
  assert.equal(report.failure, undefined);
  assert.equal(report.complete, true);
});

test('a lock that looks before it takes is broken', () => {
  const broken: Piece = words => {
    while (words.load(0) !== 0) {}
    words.store(0, 1);
    racyOn(words, 1);
    words.store(0, 0);
  };
  const scene: Scene = { words: 2, workers: [broken, broken], atEnd: expect(1, 2) };
  assert.match(explore(scene, { preemptions: 2 }).failure!.reason, /1 !== 2/);
  const random = exploreRandomly(scene, { schedules: 1000 });
  assert.ok(random.failure, 'random schedules find it too');
  const alone = exploreRandomly(scene, { schedules: 1, first: random.failure.number });
  assert.equal(alone.failure?.path, random.failure.path);
  assert.ok(replay(scene, random.failure.path).error);
});

/** A futex lock: 0 free, 1 held, 2 held and somebody may sleep. `careless` forgets to say that others may still sleep. */
function futex(careless: boolean): Piece {
  return words => {
    let mark = 1;
    while (words.compareExchange(0, 0, mark) !== 0) {
      if (words.compareExchange(0, 1, 2) !== 0) {
        words.wait(0, 2, 100);
        if (!careless) mark = 2;
      }
    }
    racyOn(words, 1);
    if (words.exchange(0, 0) === 2) words.notify(0, 1);
  };
}

test('a lost wake-up is a deadlock; time-outs are none unless asked for', () => {
  const scene = (careless: boolean, timeouts = 0): Scene => ({
    words: 2,
    workers: [futex(careless), futex(careless), futex(careless)],
    timeouts,
    atEnd: expect(1, 3),
  });
  assert.equal(explore(scene(false)).complete, true);
  const { failure } = explore(scene(true));
  assert.match(failure!.reason, /nobody can go on: worker \d sleeps on word 0 = 0/);
  assert.match(explore(scene(true, 1)).failure!.reason, /nobody can go on/, 'a time-out that may come need not come');
});

test('two locks in two orders deadlock', () => {
  const both =
    (first: number, second: number): Piece =>
    words => {
      for (const lock of [first, second]) while (words.compareExchange(lock, 0, 1) !== 0) words.wait(lock, 1, 100);
      for (const lock of [second, first]) {
        words.store(lock, 0);
        words.notify(lock, 1);
      }
    };
  assert.match(explore({ words: 2, workers: [both(0, 1), both(1, 0)] }).failure!.reason, /nobody can go on/);
  assert.equal(explore({ words: 2, workers: [both(0, 1), both(0, 1)] }).complete, true);
});

test('a death keeps a lock; recovery frees it, and the piece is run again', () => {
  const add =
    (worker: number): Piece =>
    words => {
      while (words.compareExchange(0, 0, worker + 1) !== 0) words.until('the lock is free', cells => cells.get(0) === 0);
      // The flag and the number are one word: done again after a death, it is the same.
      words.step('add', cells => cells.set(1, cells.get(1) | (1 << worker)));
      words.store(0, 0);
    };
  const scene: Scene = { words: 2, workers: [add(0), add(1)], crashes: 2, atEnd: expect(1, 3) };
  assert.match(
    explore({ ...scene, atEnd: undefined }).failure!.reason,
    /nobody can go on: worker 1 waits until the lock is free/,
  );
  const recover = (words: Shared, worker: number) => void words.compareExchange(0, worker + 1, 0);
  assert.equal(explore({ ...scene, recover }).complete, true);
  assert.equal(exploreRandomly({ ...scene, recover }, { schedules: 2000 }).failure, undefined);
});

test('private accesses are stepped over, and found out when they are not', () => {
  const scribe =
    (own: number): Piece =>
    words => {
      for (let k = 0; k < 6; k++) words.set(own, k);
      words.exchange(0, words.get(own));
    };
  const workers = [scribe(1), scribe(2)];
  const all = explore({ words: 3, workers });
  const few = explore({ words: 3, workers, ownerOf: index => (index === 0 ? undefined : index - 1) });
  assert.equal(few.complete && all.complete, true);
  assert.equal(few.schedules, 2);
  assert.ok(all.schedules > 1000);
  const thief = explore({ words: 3, workers: [scribe(1), scribe(1)], ownerOf: index => (index === 0 ? undefined : 0) });
  assert.match(thief.failure!.reason, /worker 1: plain set of word 1, which belongs to worker 0/);
});

test('choices are explored, pieces forget, and what a program throws is a failure', () => {
  const seen = new Set<number>();
  const workers: Piece[][] = [[words => words.store(0, words.choose('a', 3)), words => words.store(1, 10 * words.load(0))]];
  const report = explore({ words: 2, workers, atEnd: cells => void seen.add(cells.get(1)) });
  assert.equal(report.schedules, 3);
  assert.deepEqual([...seen].sort(), [0, 10, 20]);
  const thrower: Piece = words => {
    if (words.load(0) === 0) throw new RangeError('empty');
  };
  assert.match(explore({ words: 1, workers: [thrower] }).failure!.reason, /worker 0 threw RangeError: empty/);
});

test('going round in circles is no end', () => {
  const forever: Piece = words => {
    while (words.load(0) === 0) {}
  };
  assert.match(explore({ words: 1, workers: [forever] }).failure!.reason, /nobody can go on: worker 0 spins on word 0/);
  const long: Piece = words => {
    for (let k = 0; ; k++) words.load(k & 1);
  };
  assert.match(exploreRandomly({ words: 2, workers: [long] }, { schedules: 1, longest: 200 }).failure!.reason, /no end/);
});
