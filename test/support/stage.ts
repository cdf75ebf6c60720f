/**
 * The real guard, rows, recovery and barrier on the explorer's stage: real layout, real intents and verbs, kernels over two
 * coordinates, one step each. What must hold is kept in ghosts, written in the step that stores COMMIT: the words that the intent
 * sets, and the values of the sides that it makes current. Whoever takes a lock must find exactly that.
 */

import type { Peer, Row, Rows } from '../../src/engine/algorithm.js';
import {
  Control,
  controlWord,
  Header,
  intentWord,
  type Layout,
  layout,
  rowAddress,
  Thread,
  threadWord,
} from '../../src/engine/layout.js';
import type { RowKernels } from '../../src/models/kernels/contract/rows.js';
import { type Cells, Failure, type Piece, type Scene, type Shared, type StepEvent } from '../../src/testing/explore.js';

/** The modules of the engine that are tested: the real ones, or copies with a bug. */
export interface Engine {
  readonly guard: typeof import('../../src/engine/guard.js');
  readonly hold: typeof import('../../src/engine/hold.js');
  readonly rows: typeof import('../../src/engine/rows.js');
  readonly recovery: typeof import('../../src/engine/recovery.js');
  readonly barrier: typeof import('../../src/engine/barrier.js');
  readonly quiesce: typeof import('../../src/engine/quiesce.js');
  readonly live: typeof import('../../src/engine/live.js');
  readonly agenda: typeof import('../../src/engine/agenda.js');
  readonly poster: typeof import('../../src/engine/poster.js');
  readonly play: typeof import('../../src/engine/play.js');
  readonly recorder: typeof import('../../src/engine/history/recorder.js');
}

const modules = [
  'guard',
  'hold',
  'rows',
  'recovery',
  'barrier',
  'quiesce',
  'live',
  'agenda',
  'poster',
  'play',
  'history/recorder',
];

export async function openEngine(folder = new URL('../../src/engine/', import.meta.url)): Promise<Engine> {
  const opened = modules.map(async name => [name.replace(/.*\//, ''), await import(new URL(`${name}.js`, folder).href)]);
  return Object.fromEntries(await Promise.all(opened));
}

/** What a worker has at hand in a piece of work. */
export interface Hand {
  readonly words: Shared;
  readonly at: Layout;
  readonly thread: number;
  readonly rows: Rows;
  /** Copies a row as an observer does: holding it, taking no turn. */
  look(row: Row): void;
  /** The two halves of the k-th piece of work of a node that this thread serves: done once, however often they are tried. */
  begin(node: Row, k: number): void;
  finish(node: Row, k: number, end: (rows: Rows) => void): void;
  barrier: import('../../src/engine/barrier.js').BarrierContext;
}

export type Task = (hand: Hand) => void;

export interface StageOptions {
  readonly engine: Engine;
  /** Tasks of each worker, in order. */
  readonly workers: readonly (readonly Task[])[];
  readonly rows: number;
  /** Busy locks are waited for. */
  readonly wait: boolean;
  /**
   * Every access to a row is a step that others may come before. Else accesses that the lock protects are taken in one go (a death
   * may come between any two, all the same): that they are protected is checked at each, so nothing is hidden.
   */
  readonly fine?: boolean;
  /** Partners are drawn in turn, the next row first, instead of each being explored. */
  readonly ring?: boolean;
  /** A cleared intent is left as it was, for bugs that read it. */
  readonly keepIntents?: boolean;
  readonly crashes?: number;
  /** Pieces that each node must have committed in the end: none by default. */
  readonly pieces?: readonly number[] | 'any';
  readonly prepare?: (cells: Cells) => void;
  /** What else must hold in the end. */
  readonly atEnd?: (cells: Cells, at: Layout, read: (row: Row) => number) => void;
  /** Processes beside the workers: a supervisor that parks everybody, say. */
  readonly others?: readonly ((at: Layout) => Piece)[];
  /** Parameters of a row: 2 by default; with 64 the two coordinates are 32 floats apart, in columns of two threads. */
  readonly parameters?: 2 | 64;
  /** What the barrier is for. */
  readonly meet?: (meeting: import('../../src/engine/algorithm.js').Meeting) => void;
  /** Each worker's recorder has a ring of so many bytes: a word each, behind the words of the layout. */
  readonly recorder?: number;
  /** Ghosts for whoever builds on this stage: numbered from `layout.bytes / 4`. */
  readonly ghosts?: number;
  /** Told of each op that happens. */
  readonly onCommit?: (cells: Cells) => void;
  /** In place of the engine's recovery alone. */
  readonly bury?: (words: Shared, worker: number, at: Layout) => void;
  /** A worker's tasks are one piece: what it keeps between them it keeps, and a successor goes through all of them. */
  readonly whole?: boolean;
}

/** Where the bytes of a recorder's ring lie. */
export function ringCell(at: Layout, thread: number, byte: number): number {
  return (at.bytes >>> 2) + thread * at.shape.ring! + byte;
}

const guardedWords = [Control.Turn, Control.Committed, Control.Steps, Control.Draws, Control.Met];

/** Starting value of both coordinates of a row. */
export const startOf = (row: Row) => 100 * (row + 1);
const spoilt = -77777;

export function stage({
  engine,
  workers,
  rows,
  wait,
  fine = false,
  keepIntents = false,
  ring = false,
  crashes = 0,
  pieces,
  prepare,
  atEnd,
  others = [],
  parameters = 2,
  meet,
  recorder = 0,
  ghosts = 0,
  onCommit,
  bury = (words, worker, at) => void engine.recovery.recover(words, at, worker),
  whole = false,
}: StageOptions): Scene {
  const threads = workers.length;
  const empty = { rows: 0, features: 1, width: 4 } as const;
  const at = layout({
    nodes: rows,
    extraRows: 0,
    parameters,
    threads: threads + others.length,
    planes: [
      { name: 'params', sides: 2 },
      { name: 'delta', sides: 1 },
    ],
    scratch: 64 + 4 * rows,
    partials: 0,
    ring: recorder,
    train: empty,
    test: empty,
    parts: 0,
  });
  const [params] = at.planes;
  /** For each word: the row whose lock, turn or guarded word it is; -1 for none. */
  const table = (...words: number[]) => {
    const rowOf = new Int32Array(at.bytes >>> 2).fill(-1);
    for (let row = 0; row < rows; row++) for (const word of words) rowOf[controlWord(at, row, word)] = row;
    return rowOf;
  };
  const lockOf = table(Control.Lock);
  const turnOf = table(Control.Turn);
  const guarded = table(...guardedWords);
  const intents = Array.from({ length: threads }, (_, thread) => intentWord(at, thread));
  const scratchSize = (64 + 4 * rows + 31) & ~31;
  const workOf = (thread: number) => at.scratch + thread * scratchSize * 4;
  const own = Array.from({ length: threads + 1 }, (_, worker) => {
    const words = [Thread.Steps, Thread.Node].map(word => threadWord(at, worker, word));
    return new Set(worker < threads ? [...words, intents[worker]] : intents);
  });
  const size = (at.bytes >>> 2) + threads * recorder;
  const owners = new Int8Array(size).fill(-1);
  const heads = new Set(intents.map((_, thread) => threadWord(at, thread, Thread.RingHead)));
  for (let thread = 0; thread < threads; thread++) {
    owners.fill(thread, ringCell(at, thread, 0), ringCell(at, thread, recorder));
    owners.fill(thread, intents[thread], intents[thread] + at.intentWords);
    owners.fill(thread, workOf(thread) >>> 2, (workOf(thread) >>> 2) + scratchSize);
  }
  const ownWords = (worker: number) => own[Math.min(worker, threads)];
  /** Operand lists: private to the verb that writes them, and read in the same breath. */
  const lists = new ArrayBuffer(at.bytes);
  const apart = parameters === 2 ? 1 : 32;
  const cell = (row: Row, side: number, k: number) => (rowAddress(at, params, row, side) >>> 2) + k * apart;
  const sideOf = (turn: number) => turn & 1;

  function rowOf(word: number): Row {
    const row = Math.floor((word * 4 - params.offset) / (2 * at.stride * 4));
    return row >= 0 && row < rows ? row : -1;
  }

  /** The op of a thread happens: what it will have done is known from here on. */
  function commits(thread: number, cells: Cells): void {
    onCommit?.(cells);
    const start = intents[thread];
    for (let k = 0; k < cells.get(start + 1); k++) {
      const index = cells.get(start + 2 + 2 * k);
      const value = cells.get(start + 3 + 2 * k);
      const row = turnOf[index];
      if (row >= 0) {
        if (value >>> 8 !== (cells.ghost(index) >>> 8) + 1)
          throw new Failure(`row ${row}: turn ${value >>> 8} after ${cells.ghost(index) >>> 8}`);
        const side = sideOf(value);
        if (side !== sideOf(cells.ghost(index))) {
          for (const c of [0, 1]) cells.setGhost(cell(row, 0, c), cells.get(cell(row, side, c)));
        }
      }
      cells.setGhost(index, value);
    }
  }

  /** Nobody reads an intent that is cleared. */
  function wipe(index: number, cells: Cells): void {
    if (!intents.includes(index)) return;
    for (let word = index + 1, end = index + 2 + 2 * cells.get(index + 1); word < end; word++) cells.set(word, 0);
  }

  /** The row is as the ops that happened have left it. */
  function requireSound(row: Row, cells: Cells): void {
    for (const word of guardedWords) {
      const index = controlWord(at, row, word);
      if (cells.get(index) !== cells.ghost(index))
        throw new Failure(`${nameOf(index)} is ${cells.get(index)}, must be ${cells.ghost(index)}`);
    }
    const side = sideOf(cells.get(controlWord(at, row, Control.Turn)));
    const values = [0, 1].map(k => cells.get(cell(row, side, k)));
    const expected = [0, 1].map(k => cells.ghost(cell(row, 0, k)));
    if (values[0] !== values[1]) throw new Failure(`row ${row} is torn: ${values}`);
    if (values[0] !== expected[0] || values[1] !== expected[1]) throw new Failure(`row ${row} is ${values}, must be ${expected}`);
  }

  function onStep({ worker, access, result }: StepEvent, cells: Cells): void {
    const { kind, index, a, b } = access;
    if (kind === 'store' && a === engine.guard.commit && worker < threads && index === intents[worker]) commits(worker, cells);
    if (kind === 'store' && a === engine.guard.none && !keepIntents) wipe(index, cells);
    if (index < 0) return;
    if (kind === 'store' && guarded[index] >= 0) requireHolder(worker, guarded[index], cells, index);
    if (!fine && guarded[index] >= 0) requireProtected(worker, kind, index, cells);
    const row = lockOf[index];
    if (row < 0) return;
    if (kind === 'compareExchange' && result === 0 && a === 0 && b !== 0) requireSound(row, cells);
    if (kind === 'exchange' && a === 0) {
      const side = sideOf(cells.get(controlWord(at, row, Control.Turn)));
      // Nobody may need the spare side; but the sums of a meeting lie there until it is held, also when its leader dies.
      if (worker < threads || !meet) for (const k of [0, 1]) cells.set(cell(row, 1 - side, k), spoilt);
      if (worker < threads && engine.guard.ownerOf(result) !== ownerNow(cells, worker)) {
        throw new Failure(`worker ${worker} frees row ${row}, which it does not hold`);
      }
    }
  }

  /** Words of a row change only under its lock; the supervisor writes them for a dead holder. */
  function requireHolder(worker: number, row: Row, cells: Cells, word: number): void {
    if (!holds(worker, row, cells)) throw new Failure(`${nameOf(word)} is written without holding the row`);
  }

  /** What `isQuiet` relies on: without the lock, a thread looks at the counters of its own node only, and nobody else changes them. */
  function requireProtected(worker: number, kind: string, index: number, cells: Cells): void {
    const row = guarded[index];
    const own = turnOf[index] < 0 && (worker === row || worker >= threads || row >= threads);
    const unlocked = kind === 'load' && !holds(worker, row, cells);
    const foreign = kind === 'store' && turnOf[index] < 0 && !own;
    if ((unlocked && !own) || foreign) throw new Failure(`${nameOf(index)} is not protected from worker ${worker}`);
  }

  /** The supervisor holds what the dead held. */
  function holds(worker: number, row: Row, cells: Cells): boolean {
    const owner = engine.guard.ownerOf(cells.get(controlWord(at, row, Control.Lock)));
    return worker < threads ? owner === ownerNow(cells, worker) : intents.some((_, thread) => owner === ownerNow(cells, thread));
  }

  function ownerNow(cells: Cells, thread: number): number {
    return engine.guard.ownerWord(thread, cells.get(threadWord(at, thread, Thread.Incarnation)));
  }

  /** A thread's head is moved by nobody else while it lives. */
  const isOwnHead = (index: number, thread: number) => index === threadWord(at, thread, Thread.RingHead);

  function isPrivate(word: number, thread: number): boolean {
    const first = workOf(thread) >>> 2;
    return word >= first && word < first + scratchSize;
  }

  /** Kernels over coordinates 0 and 1, a step each; only the holder of a row may touch it. */
  function kernelsOf(words: Shared, thread: number, owner: number, guardedRows: boolean): RowKernels {
    const check = (cells: Cells, addresses: readonly number[]) => {
      for (const address of addresses) {
        const row = rowOf(address >>> 2);
        if (guardedRows && row >= 0 && engine.guard.ownerOf(cells.get(controlWord(at, row, Control.Lock))) !== owner) {
          throw new Failure(`worker ${thread} touches row ${row} without holding it`);
        }
      }
    };
    const pass = (name: string, addresses: readonly number[], kernel: (v: number[]) => void, n = at.stride) => {
      const places = addresses.map(address => address >>> 2);
      const own = { private: places.every(place => isPrivate(place, thread) || (!fine && guardedRows)) };
      const values = places.map(() => 0);
      const before = places.map(() => 0);
      for (let k = 0; k < n && k <= apart; k += apart) {
        words.step(
          `${name}, column ${k}`,
          cells => {
            check(cells, addresses);
            for (let p = 0; p < places.length; p++) values[p] = before[p] = cells.get(places[p] + k);
            kernel(values);
            for (let p = 0; p < places.length; p++) if (values[p] !== before[p]) cells.set(places[p] + k, values[p]);
          },
          own,
        );
      }
    };
    return {
      copy: (to, from) => pass('copy', [to, from], v => void (v[0] = v[1])),
      snapshot: (work, base, from) => pass('snapshot', [work, base, from], v => void (v[0] = v[1] = v[2])),
      difference(to, base, work) {
        pass('difference', to === base ? [base, work] : [to, work, base], v => {
          const from = v[2] ?? v[0];
          [v[0], v[1]] = [v[1] - from, 0]; // what nobody reads any more is wiped: fewer states
        });
        return 0;
      },
      commit: (to, from, delta) => pass('commit', [to, from, delta], v => void (v[0] = v[1] + v[2])),
      zero: to => pass('zero', [to], v => void (v[0] = 0)),
      blend: (to, a, b, w) => pass('blend', [to, a, b], v => void (v[0] = (1 - w) * v[1] + w * v[2])),
      mix: (toA, toB, a, b, w) =>
        pass('mix', [toA, toB, a, b], v => {
          [v[0], v[1]] = [(1 - w) * v[2] + w * v[3], w * v[2] + (1 - w) * v[3]];
        }),
      mixAndCommit: (toA, toB, a, b, delta, w) =>
        pass('mixAndCommit', [toA, toB, a, b, delta], v => {
          [v[0], v[1]] = [(1 - w) * v[2] + w * v[3] + v[4], w * v[2] + (1 - w) * v[3]];
        }),
      mixAndCommitBoth: (toA, toB, a, b, da, db, w) =>
        pass('mixAndCommitBoth', [toA, toB, a, b, da, db], v => {
          const [x, y] = [v[2] + v[4], v[3] + v[5]];
          [v[0], v[1]] = [(1 - w) * x + w * y, w * x + (1 - w) * y];
        }),
      combine(to, list, weights, count, n) {
        const addresses = [...new Uint32Array(lists, list, count)];
        const factors = [...new Float32Array(lists, weights, count)];
        pass('combine', [to, ...addresses], v => void (v[0] = factors.reduce((sum, factor, k) => sum + factor * v[k + 1], 0)), n);
      },
      trim() {
        throw new Error('no programs sort');
      },
      squaredDistance: () => 0,
    };
  }

  function handOf(words: Shared, thread: number): Hand {
    const incarnation = words.step('incarnation', cells => cells.get(threadWord(at, thread, Thread.Incarnation)), {
      private: true,
    });
    const owner = engine.guard.ownerWord(thread, incarnation);
    const list = workOf(thread) + 64 * 4;
    const live = Array.from({ length: rows }, (_, row) => row);
    const scribe =
      recorder > 0
        ? engine.recorder.openRecorder(
            words,
            bytesOf(words, thread),
            at,
            thread,
            () => 0,
            () => {},
          )
        : undefined;
    const holder = { words, layout: at, owner, spins: 0, blocked() {}, now: () => 0 };
    const kernels = kernelsOf(words, thread, owner, true);
    const verbs = engine.rows.openRows({
      holder,
      kernels,
      thread,
      live,
      wait,
      work: workOf(thread),
      list,
      scribe,
      state: [],
      learned() {},
      descent(_node, steps, _first, weights) {
        const place = weights >>> 2;
        const train = (cells: Cells) => {
          for (const k of [0, apart]) cells.set(place + k, cells.get(place + k) + steps);
        };
        words.step('descent', train, { private: true });
        return 0;
      },
      choose(node, draw) {
        const which = ring ? draw % (rows - 1) : words.choose(`partner of ${node}, draw ${draw}`, rows - 1);
        return (node + 1 + which) % rows;
      },
      degree: () => rows - 1,
      neighbour: (node, k) => (k < node ? k : k + 1),
      buffer: lists,
      places: rows,
      elements: {},
      seed: 1,
      mixed() {},
      committed() {},
      busy() {},
      alone() {},
      ignored() {},
      dropped() {},
      diverged(node) {
        throw new Error(`node ${node} diverged`);
      },
    });
    const read = (node: Row, word: number) => words.load(controlWord(at, node, word));
    const isPending = (node: Row) => read(node, Control.Begun) === read(node, Control.Committed) + 1;
    return {
      words,
      at,
      thread,
      rows: verbs,
      look(row) {
        engine.hold.hold(holder, row);
        for (const k of [0, 1]) words.step(`look at row ${row}, coordinate ${k}`, cells => requireSound(row, cells));
        engine.hold.release(holder, row);
      },
      begin(node, k) {
        if (read(node, Control.Committed) < k && !isPending(node)) verbs.descend(node, { steps: 1 });
      },
      finish(node, k, end) {
        if (read(node, Control.Committed) >= k) return;
        if (!isPending(node)) {
          if (read(node, Control.Committed) >= k) return; // a partner has committed it meanwhile
          throw new Failure(`node ${node}: piece ${k} is neither pending nor committed`);
        }
        end(verbs);
      },
      barrier: {
        holder,
        thread,
        threads,
        live,
        sum: { kernels: kernelsOf(words, thread, owner, false), list, buffer: lists },
        meet: meet ?? (() => {}),
        random: () => 0,
        neighbours: () => [],
        moved() {},
        conclude: verbs.conclude,
      },
    };
  }

  /** A ring as its recorder sees it. */
  function bytesOf(words: Shared, thread: number): Uint8Array {
    const write = (_: unknown, byte: string | symbol, value: number) => {
      words.set(ringCell(at, thread, Number(byte)), value);
      return true;
    };
    return new Proxy({}, { set: write }) as Uint8Array;
  }

  function nameOf(index: number): string {
    for (let row = 0; row < rows; row++) {
      const word = index - controlWord(at, row, 0);
      if (word >= 0 && word < 32) return `${nameIn(Control, word)} of row ${row}`;
    }
    for (let thread = 0; thread <= threads + others.length; thread++) {
      const word = index - threadWord(at, thread, 0);
      if (word >= 0 && word < 256) return `${nameIn(Thread, word)} of thread ${thread}`;
      const part = index - intentWord(at, thread);
      if (part < 0 || part >= at.intentWords) continue;
      const names = ['state', 'count'];
      return `intent ${thread}: ${names[part] ?? `${part % 2 === 0 ? 'word' : 'value'} ${(part - 2) >> 1}`}`;
    }
    const row = rowOf(index);
    if (row >= 0) return `cell ${index} of row ${row}`;
    return index < 1024 ? nameIn(Header, index) : `word ${index}`;
  }

  return {
    words: size,
    ghosts: (at.bytes >>> 2) + ghosts,
    workers: [
      ...workers.map((tasks, thread) => {
        const one = (hand: Hand) => {
          for (const task of tasks) task(hand);
        };
        return (whole ? [one] : tasks).map(
          (task): Piece =>
            words =>
              task(handOf(words, thread)),
        );
      }),
      ...others.map(other => other(at)),
    ],
    crashes,
    mortal: threads,
    recover: (words, worker) => bury(words, worker, at),
    ownerOf: index => (owners[index] < 0 ? undefined : owners[index]),
    isQuiet({ kind, index }, worker, cells) {
      if (index < 0) return false;
      const row = guarded[index];
      if (kind === 'load' && worker < threads)
        return (row >= 0 && holds(worker, row, cells)) || (heads.has(index) && isOwnHead(index, worker));
      if (fine || kind !== 'store') return false;
      return row >= 0 ? holds(worker, row, cells) : ownWords(worker).has(index);
    },
    prepare(cells) {
      for (let row = 0; row < rows; row++) {
        cells.set(controlWord(at, row, Control.Alive), 1);
        for (const k of [0, 1]) {
          cells.set(cell(row, 0, k), startOf(row));
          cells.set(cell(row, 1, k), spoilt);
          cells.setGhost(cell(row, 0, k), startOf(row));
        }
      }
      prepare?.(cells);
    },
    onStep,
    atEnd(cells) {
      let steps = 0;
      let sum = 0;
      let total = 0;
      for (let row = 0; row < rows; row++) {
        const read = (word: number) => cells.get(controlWord(at, row, word));
        if (read(Control.Lock) !== 0) throw new Failure(`row ${row} is still locked`);
        requireSound(row, cells);
        sum += cells.get(cell(row, sideOf(read(Control.Turn)), 0)) - startOf(row);
        steps += read(Control.Steps);
        const due = pieces === 'any' ? read(Control.Committed) : (pieces?.[row] ?? 0);
        total += due;
        if (read(Control.Committed) > read(Control.Begun))
          throw new Failure(`node ${row}: a piece was committed that never began`);
        if (read(Control.Committed) !== due)
          throw new Failure(`node ${row}: ${read(Control.Committed)} pieces committed, must be ${due}`);
      }
      for (let thread = 0; thread < threads; thread++) {
        if (cells.get(intents[thread]) !== 0) throw new Failure(`the intent of thread ${thread} is left`);
        steps -= cells.get(threadWord(at, thread, Thread.Steps));
      }
      if (steps !== 0) throw new Failure(`steps of nodes and of threads differ by ${steps}`);
      if (sum !== total) throw new Failure(`the sum of all rows grew by ${sum}, must be ${total}`);
      atEnd?.(cells, at, row => cells.get(cell(row, sideOf(cells.get(controlWord(at, row, Control.Turn))), 0)));
    },
    nameOf,
  };
}

function nameIn(names: Readonly<Record<string, number>>, word: number): string {
  return Object.entries(names).find(([, index]) => index === word)?.[0] ?? `word ${word}`;
}

/** A peer for the first draw of a node. */
export const firstDraw = 0 as Peer;
