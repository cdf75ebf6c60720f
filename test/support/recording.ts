/**
 * The real recorder on the stage: live workers write into their rings, the main thread takes out what it finds, workers die, the main
 * thread buries them. What it has taken out, stream by stream, is a file; in the end it must hold every op that happened, once, and
 * nothing else, and executing it one by one must give the rows.
 */

import type { Posted } from '../../src/engine/agenda.js';
import { decode, openMemory } from '../../src/engine/history/code.js';
import { openMerge } from '../../src/engine/history/merge.js';
import { Control, controlWord, Header, type Layout, Thread, threadWord } from '../../src/engine/layout.js';
import { Verb } from '../../src/engine/op.js';
import { type Cells, Failure, type Piece, type Scene, type Shared } from '../../src/testing/explore.js';
import { type Engine, ringCell, type StageOptions, stage, startOf, type Task } from './stage.js';

export interface RecordingOptions extends Partial<StageOptions> {
  readonly engine: Engine;
  readonly workers: readonly (readonly Task[])[];
  readonly rows: number;
  /** Bytes of a ring: 64 is room for one op. */
  readonly recorder?: number;
  /** Bytes that have gone through the rings before. */
  readonly gone?: number;
  /** How often the main thread looks at the rings while all is well. */
  readonly drains?: number;
  /** A bug of the main thread: it buries first, and takes the bytes of the dead for its successor's. */
  readonly mixedUp?: boolean;
}

/** Bytes of one stream at most. */
const longest = 480;

export function recording({ recorder = 256, gone = 0, drains = 1, mixedUp = false, ...options }: RecordingOptions): Scene {
  const { engine, workers, rows, crashes = 0 } = options;
  const threads = workers.length;
  const streams = threads * (crashes + 1);
  const incarnationOf = (cells: Cells, at: Layout, thread: number) => cells.get(threadWord(at, thread, Thread.Incarnation));

  // Ghosts behind those of the stage: ops that happened, who is the main thread's caller, and the file: a length and bytes a stream.
  const ghost = (at: Layout, k: number) => (at.bytes >>> 2) + k;
  const happened = 0;
  const busy = 1;
  const fileOf = (stream: number) => 2 + stream * (1 + longest);
  let place: Layout | undefined;

  function append(cells: Cells, at: Layout, stream: number, thread: number, from: number, to: number): void {
    const file = ghost(at, fileOf(stream));
    const length = cells.ghost(file);
    if (length + to - from > longest) throw new Failure(`stream ${stream} is longer than ${longest} bytes`);
    for (let k = from; k < to; k++) cells.setGhost(file + 1 + length + k - from, cells.get(ringCell(at, thread, k)));
    cells.setGhost(file, length + to - from);
  }

  /** As the live driver does: what a thread has written in this incarnation is a stream of its own. */
  function empty(words: Shared, at: Layout, thread: number, incarnation: number): void {
    const ring = { subarray: (from: number, to: number) => ({ from, to }) };
    engine.recorder.drain(words, ring as never, at, thread, pieces => {
      for (const piece of pieces) {
        const { from, to } = piece as unknown as { from: number; to: number };
        words.step(`take out bytes ${from} to ${to} of ring ${thread}`, cells =>
          append(cells, at, thread + threads * incarnation, thread, from, to),
        );
      }
    });
  }

  /** The main thread does one thing at a time. */
  function alone(words: Shared, at: Layout, who: number, what: () => void): void {
    const isFree = (cells: Cells) => cells.ghost(ghost(at, busy)) === 0;
    for (;;) {
      words.until('the main thread has time', isFree);
      const taken = words.step('on the main thread', cells => {
        if (!isFree(cells)) return 0;
        cells.setGhost(ghost(at, busy), who);
        return 1;
      });
      if (taken === 1) break;
    }
    what();
    words.step('the main thread is free', cells => cells.setGhost(ghost(at, busy), 0));
  }

  const drainer =
    (at: Layout): Piece =>
    words => {
      place = at;
      const isAllDone = (cells: Cells) => workers.every((_, thread) => cells.get(threadWord(at, thread, Thread.Paused)) === 1);
      let bell = 0;
      for (let round = 0; ; round++) {
        // Some looks of its own accord, then whenever it is called.
        if (round >= drains) {
          words.until('called, or all is done', cells => cells.get(Header.Bell) !== bell || isAllDone(cells));
          bell = words.load(Header.Bell);
          if (words.step('is all done', isAllDone) === 1) return;
        }
        alone(words, at, 1, () => {
          for (let thread = 0; thread < threads; thread++)
            empty(words, at, thread, words.load(threadWord(at, thread, Thread.Incarnation)));
        });
      }
    };

  function bury(words: Shared, worker: number, at: Layout): void {
    alone(words, at, 2, () => {
      const { incarnation } = engine.recovery.recover(words, at, worker);
      empty(words, at, worker, mixedUp ? incarnation : incarnation - 1);
    });
  }

  /** The last thing that a worker does. */
  const finished: Task = ({ words, at, thread }) => words.store(threadWord(at, thread, Thread.Paused), 1);

  function requireHistory(cells: Cells, at: Layout): void {
    for (let thread = 0; thread < threads; thread++) {
      const [head, tail] = [Thread.RingHead, Thread.RingTail].map(name => cells.get(threadWord(at, thread, name)));
      const stream = thread + threads * incarnationOf(cells, at, thread);
      for (let k = tail; k !== head; k++) append(cells, at, stream, thread, k % recorder, (k % recorder) + 1);
    }
    const read = Array.from({ length: streams }, (_, stream) => {
      const file = ghost(at, fileOf(stream));
      const bytes = Uint8Array.from({ length: cells.ghost(file) }, (_, k) => cells.ghost(file + 1 + k));
      const memory = openMemory(rows);
      let from = 0;
      const next = (): Posted | null => {
        if (from === bytes.length) return null;
        const op = decode(bytes, from, memory);
        from = op.end;
        return op;
      };
      return { next };
    });
    const merge = openMerge(read, rows);
    const found = replayed(rows, merge.next);
    const must = cells.ghost(ghost(at, happened));
    if (found.count !== must) throw new Failure(`the history has ${found.count} ops, ${must} happened`);
    for (let row = 0; row < rows; row++) {
      const turn = cells.get(controlWord(at, row, Control.Turn)) >>> 8;
      if (found.turns[row] !== turn)
        throw new Failure(`row ${row}: ${found.turns[row]} turns in the history, ${turn} were taken`);
    }
    rowsAre(cells, at, found.values);
  }

  function rowsAre(cells: Cells, at: Layout, values: readonly number[]): void {
    for (let row = 0; row < rows; row++) {
      const word = cells.get(controlWord(at, row, Control.Turn));
      const value = cells.get(((at.planes[0].offset + (row * 2 + (word & 1)) * at.stride * 4) >>> 2) + 0);
      if (value !== values[row]) throw new Failure(`the history gives row ${row} ${values[row]}, it is ${value}`);
    }
  }

  const scene = stage({
    wait: true,
    ...options,
    whole: true,
    workers: workers.map(tasks => [...tasks, finished]),
    recorder,
    ghosts: 2 + streams * (1 + longest),
    onCommit: cells => cells.setGhost(ghost(place!, happened), cells.ghost(ghost(place!, happened)) + 1),
    bury,
    others: [
      at => {
        place = at;
        return drainer(at);
      },
    ],
    prepare(cells) {
      for (let thread = 0; thread < threads; thread++)
        for (const name of [Thread.RingHead, Thread.RingTail]) cells.set(threadWord(place!, thread, name), gone);
      options.prepare?.(cells);
    },
    atEnd(cells, at, read) {
      requireHistory(cells, at);
      options.atEnd?.(cells, at, read);
    },
  });
  // Nobody waits for room in its ring while others wait for its rows.
  return {
    ...scene,
    onStep(event, cells) {
      scene.onStep!(event, cells);
      const { worker, access } = event;
      if (access.kind !== 'wait' || worker >= threads || access.index !== threadWord(place!, worker, Thread.RingTail)) return;
      const owner = engine.guard.ownerWord(worker, incarnationOf(cells, place!, worker));
      for (let row = 0; row < rows; row++) {
        if (engine.guard.ownerOf(cells.get(controlWord(place!, row, Control.Lock))) === owner)
          throw new Failure(`worker ${worker} waits for room in its ring, and holds row ${row}`);
      }
    },
  };
}

/** The ops one by one, on plain numbers: every local step adds 1. */
function replayed(rows: number, next: () => Posted | null): { count: number; values: number[]; turns: number[] } {
  const values = Array.from({ length: rows }, (_, row) => startOf(row));
  const turns = new Array<number>(rows).fill(0);
  const delta = new Array<number>(rows).fill(0);
  let count = 0;
  for (let op = next(); op; op = next()) {
    count++;
    const { verb, a, b, x, w, lists, touched } = op;
    if (op.turnA >= 0) turns[a]++;
    if (b >= 0 && b !== a && op.turnB >= 0) turns[b]++;
    for (const { row } of touched ?? []) turns[row]++;
    const [p, q] = [values[a], values[b]];
    if (verb === Verb.descend) delta[a] = x;
    else if (verb === Verb.commit) values[b] += delta[a];
    else if (verb === Verb.mix || verb === Verb.mixAndCommit) {
      values[a] = (1 - w) * p + w * q + (verb === Verb.mix ? 0 : delta[a]);
      values[b] = w * p + (1 - w) * q;
    } else if (verb === Verb.mixAndCommitBoth) {
      values[a] = (1 - w) * (p + delta[a]) + w * (q + delta[b]);
      values[b] = w * (p + delta[a]) + (1 - w) * (q + delta[b]);
    } else if (verb === Verb.combine) {
      const { targets, operands, weights } = lists!;
      const inputs = operands.map(operand => (operand < rows ? values[operand] : delta[operand - rows]));
      const shared = weights.length === operands.length;
      const sums = targets.map((_, t) =>
        inputs.reduce((sum, input, k) => sum + weights[(shared ? 0 : t * operands.length) + k] * input, 0),
      );
      targets.forEach((row, t) => {
        values[row] = sums[t];
      });
    } else throw new Failure(`no arithmetic for verb ${verb}`);
  }
  return { count, values, turns };
}
