/** The scenes in which the real engine, and copies of it with a bug in them, are walked through their interleavings. */

import type { Algorithm, Meeting, Peer, Row } from '../../src/engine/algorithm.js';
import { Control, controlWord, Header, intentWord, type Layout, Thread, threadWord } from '../../src/engine/layout.js';
import { type Cells, Failure, type Piece, type Scene } from '../../src/testing/explore.js';
import { type Engine, firstDraw, type Hand, type StageOptions, stage, startOf, type Task } from './stage.js';

type Verb = 'mixAndCommit' | 'mixAndCommitBoth' | 'commit';

/** Piece k of a node, in its two halves. */
export function piece(node: Row, verb: Verb = 'mixAndCommit', k = 1): Task[] {
  return [
    hand => hand.begin(node, k),
    hand =>
      hand.finish(node, k, rows => {
        if (verb === 'commit') rows.commit(node);
        else rows[verb](node, firstDraw, 1);
      }),
  ];
}

/** Any one of the verbs that move models about, on any rows: weights are 0 and 1, so that sums stay exact. */
export const anyVerb: Task = ({ words, rows, thread, look, begin }: Hand) => {
  const verbs = [
    () => rows.mix(thread, firstDraw, 1),
    () => rows.combine([0, 1, 2], [0, 1, 2], [0, 1, 0, 0, 0, 1, 1, 0, 0]),
    () => rows.combine([0, 2], [2, 0], [1, 0, 0, 1]),
    () => rows.combine([1], [1], [1]),
    () => look(words.choose('row', 3)),
    () => begin(thread, 1),
  ];
  verbs[words.choose('verb', verbs.length)]();
};

/** Pairs: worker w serves node w; each takes a piece of work and mixes it with any other of `rows` rows. */
export function pairs(engine: Engine, workers: number, rest: Partial<StageOptions> & { wait: boolean }): Scene {
  const nodes = Array.from({ length: workers }, (_, node) => node);
  return stage({ engine, rows: 3, workers: nodes.map(node => piece(node)), pieces: nodes.map(() => 1), ...rest });
}

export function verbs(engine: Engine, workers: number, rest: Partial<StageOptions> & { wait: boolean }): Scene {
  return stage({ engine, rows: 3, workers: Array.from({ length: workers }, () => [anyVerb]), ...rest });
}

/** The paper's blocking rule: whoever finishes commits both, when both are ready. */
export function both(engine: Engine, nodes: number, rest: Partial<StageOptions> & { wait: boolean }): Scene {
  const all = Array.from({ length: nodes }, (_, node) => node);
  const workers = all.map(node => piece(node, 'mixAndCommitBoth'));
  const paired = (cells: Cells, at: Layout) => {
    const committed = all.map(node => cells.get(controlWord(at, node, Control.Committed)));
    if (committed.some(count => count > 1)) throw new Failure(`committed more than once: ${committed}`);
    if (committed.filter(count => count === 1).length % 2 === 1) throw new Failure(`committed without a partner: ${committed}`);
  };
  return stage({ engine, rows: nodes, workers, fine: true, pieces: 'any', atEnd: paired, ...rest });
}

/** Threads that commit onto one row which none of them serves. */
export function shared(engine: Engine, workers: number, rest: Partial<StageOptions> = {}): Scene {
  const nodes = Array.from({ length: workers }, (_, node) => node);
  const into = (node: Row): Task[] => [
    hand => hand.begin(node, 1),
    hand => hand.finish(node, 1, rows => rows.commit(node, { into: workers })),
  ];
  return stage({ engine, rows: workers + 1, workers: nodes.map(into), pieces: [...nodes.map(() => 1), 0], wait: true, ...rest });
}

/** A large op and a small one, in one piece of work and in two. */
export function largeAndSmall(engine: Engine, rest: Partial<StageOptions> = {}): Scene {
  const both: Task = ({ rows }) => {
    rows.combine([0, 1], [1, 0], [1, 0, 0, 1]);
    rows.combine([2], [2], [1]);
  };
  const small: Task = ({ rows }) => rows.combine([0], [0], [1]);
  return stage({ engine, rows: 3, workers: [[both], [...piece(1), small]], pieces: [0, 1], wait: true, ...rest });
}

/**
 * Two nodes at the barrier, `times` times: everybody commits and arrives (`pending`: arrives with its piece, and the meeting commits it),
 * then all rows are rotated, column by column.
 */
export function meetings(
  engine: Engine,
  times: number,
  pending = false,
): Pick<StageOptions, 'workers' | 'rows' | 'pieces' | 'parameters' | 'meet'> {
  const { attend, hasArrived, nextMeeting } = engine.barrier;
  const task = (node: Row, k: number): Task[] => [
    hand => hand.begin(node, k),
    hand => {
      const { words, at } = hand;
      if (!pending) hand.finish(node, k, rows => rows.commit(node, { meet: true }));
      else if (!hasArrived(words, at, node, nextMeeting(words))) hand.finish(node, k, rows => rows.meet(node));
    },
    ({ words, at, barrier: context }) => {
      for (;;) {
        const arrivals = words.load(Header.Arrivals);
        const meeting = nextMeeting(words);
        if (!hasArrived(words, at, node, meeting) || attend(context, meeting)) return;
        words.wait(Header.Arrivals, arrivals, 100);
      }
    },
  ];
  const rounds = Array.from({ length: times }, (_, k) => k + 1);
  return {
    rows: 2,
    workers: [0, 1].map(node => rounds.flatMap(k => task(node, k))),
    pieces: [times, times],
    parameters: 64,
    meet({ combine, live, delta }) {
      if (pending) combine(live, [0, 1, delta(0), delta(1)], [0, 1, 1, 0, 1, 0, 0, 1]);
      else combine(live, live, [0, 1, 1, 0]);
    },
  };
}

export function barrier(engine: Engine, times: number, rest: Partial<StageOptions> = {}, pending = false): Scene {
  return stage({
    engine,
    ...meetings(engine, times, pending),
    wait: true,
    fine: true,
    atEnd(cells, _at, read) {
      for (const node of [0, 1]) {
        const must = startOf((node + times) % 2) + times;
        if (read(node) !== must) throw new Failure(`row ${node} is ${read(node)}, must be ${must}`);
      }
      if (cells.get(Header.Generation) !== times) throw new Failure(`${cells.get(Header.Generation)} meetings, not ${times}`);
    },
    ...rest,
  });
}

/** Workers mix until they are stopped; the supervisor parks them, looks, gives them a job, and lets them go, `times` times. */
export function quiesce(engine: Engine, times: number, rest: Partial<StageOptions> = {}): Scene {
  const { called, park, doze, callToPark, post, letGo, callToStop } = engine.quiesce;
  const mark = Thread.Working; // where a worker leaves what it did for the job
  const serve =
    (last: boolean): Task =>
    ({ words, at, thread, rows }) => {
      for (;;) {
        if (words.load(Header.Stop) === 1) return;
        if (called(words)) {
          const job = (number: number) => void words.step('job', cells => cells.set(threadWord(at, thread, mark), number));
          park(words, at, thread, job);
        } else if (last) doze(words, 100);
        else break;
      }
      if (words.load(controlWord(at, thread, Control.Draws)) === 0) rows.mix(thread, firstDraw, 1);
    };
  const supervisor =
    (at: Layout): Piece =>
    words => {
      const look = (cells: Cells) => {
        for (const thread of [0, 1])
          if (cells.get(intentWord(at, thread)) !== 0) throw new Failure(`parked, with intent ${thread} open`);
        for (const row of [0, 1])
          if (cells.get(controlWord(at, row, Control.Lock)) !== 0) throw new Failure(`parked, with row ${row} held`);
      };
      const all = (cells: Cells, word: number, value: number) => [0, 1].every(t => cells.get(threadWord(at, t, word)) === value);
      for (let k = 0; k < times; k++) {
        const generation = callToPark(words);
        words.until('all are parked', cells => all(cells, Thread.Parked, generation));
        words.step('look at the parked', look);
        const job = post(words);
        words.until('all have done the job', cells => all(cells, Thread.JobDone, job));
        words.step('look at the job', cells => {
          look(cells);
          if (!all(cells, mark, job)) throw new Failure(`job ${job} is not done by all`);
        });
        letGo(words);
      }
      if (words.choose('stop while they are called to park', 2) === 1) callToPark(words);
      callToStop(words);
    };
  const workers = [0, 1].map(() => [serve(false), serve(true)]);
  return stage({ engine, rows: 2, workers, wait: true, others: [supervisor], ...rest });
}

/** Recovery of a thread that is still alive: what a missed heart-beat must not lead to. */
export function early(engine: Engine): Scene {
  const impatient =
    (at: Layout): Piece =>
    words =>
      void engine.recovery.recover(words, at, 0);
  return stage({
    engine,
    rows: 3,
    workers: [piece(0), piece(1)],
    pieces: [1, 1, 0],
    wait: true,
    fine: true,
    others: [impatient],
  });
}

/** The live driver itself: two threads serve until so many steps are done, pause, ring, and are stopped. */
export function live(engine: Engine, kind: 'swarm' | 'local', steps: number, rest: Partial<StageOptions> = {}): Scene {
  const meets = kind === 'local';
  const meet = ({ combine, live: all }: Meeting) => combine(all, all, [0, 1, 1, 0]);
  const algorithm: Algorithm = {
    name: kind,
    begin: (node, rows) => rows.descend(node, { steps: 1 }),
    finish(node, rows, world) {
      if (meets) rows.commit(node, { meet: true });
      else rows.mixAndCommit(node, world.peer(node), 1);
      return true;
    },
    ...(meets ? { meet } : {}),
  };
  const serve: Task = ({ words, at, thread, rows, barrier: context }) =>
    engine.live.serve({
      ...{ words, layout: at, thread, shard: [thread], rows, algorithm, barrier: context },
      world: {
        time: () => 0,
        random: () => 0,
        exponential: () => 1,
        signal() {},
        signalled: () => -1,
        signalNumber: () => 0,
        version: () => 0,
        pieces: () => 0,
        meetings: () => 0,
        peer: node => words.load(controlWord(at, node, Control.Draws)) as Peer,
        neighbours: node => [1 - node],
        degree: () => 1,
        send() {},
        broadcast() {},
        age: () => 0,
        count: () => 0,
        after() {},
      },
      factor: () => 1,
      now: () => 0,
      doubles: new Float64Array(0),
      times: { working: 0, gossip: 0, blocked: 0, idle() {}, publish() {} },
      job() {},
    });
  const supervisor =
    (at: Layout): Piece =>
    words => {
      words.until('all have paused', cells => [0, 1].every(t => cells.get(threadWord(at, t, Thread.Paused)) === 1));
      engine.quiesce.callToStop(words);
    };
  return stage({
    ...{ engine, rows: 2, workers: [[serve], [serve]], wait: true, fine: true, pieces: 'any', others: [supervisor] },
    ...(meets ? { meet, parameters: 64 } : {}),
    prepare: cells => cells.set(Header.PauseAt, steps),
    ...rest,
  });
}
