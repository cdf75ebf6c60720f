/**
 * The real agenda, player, verbs and recovery on the explorer's stage: a poster writes a short history into a ring, players play it, any
 * may die. Whatever the schedule: when an op commits, what it has written is what the line says, and it was not committed before; whoever
 * takes a row's lock finds the row whole and at its turn; two ops that use the same node's private things never run at once; at the end
 * all rows, turns and hands are those of the line, and no lock, no intent and no claim is left.
 */

import {
  Control,
  controlWord,
  Header,
  intentWord,
  layout,
  opWords,
  rowAddress,
  Thread,
  threadWord,
} from '../../src/engine/layout.js';
import { Verb } from '../../src/engine/op.js';
import type { Seat } from '../../src/engine/seat.js';
import type { RowKernels } from '../../src/models/kernels/contract/rows.js';
import { again, type Cells, Failure, type Piece, type Scene, type Shared, type StepEvent } from '../../src/testing/explore.js';
import { arithmetic, type Line, startOf } from './line.js';
import type { Engine } from './stage.js';

export interface PlayOptions {
  readonly engine: Engine;
  readonly line: Line;
  readonly players: number;
  /** Nodes; rows beyond them are slots. */
  readonly nodes: number;
  /** Entries of the ring: with fewer than ops, they are used again. */
  readonly ring: number;
  readonly crashes?: number;
  /** Nobody ends its local steps while an op is ready that a sleeper could do: a missed wake-up that only costs time is then a deadlock. */
  readonly long?: boolean;
  /** Everybody parks at the end, and the supervisor looks, before they are stopped. */
  readonly parks?: boolean;
  /** The last op, number 0 of a second round: numbers begin again before it. */
  readonly rewind?: boolean;
}

const spoilt = -77777;

export function playStage({
  engine,
  line,
  players,
  nodes,
  ring,
  crashes = 0,
  long = false,
  parks = false,
  rewind = false,
}: PlayOptions): Scene {
  const { rows, ops } = line;
  const empty = { rows: 0, features: 1, width: 4 } as const;
  const at = layout({
    nodes,
    extraRows: 0,
    slots: rows - nodes,
    parameters: 2,
    threads: players,
    planes: [
      { name: 'params', sides: 2 },
      { name: 'delta', sides: 1 },
      { name: 'base', sides: 1 },
    ],
    scratch: 96,
    partials: 0,
    ops: ring,
    train: empty,
    test: empty,
    parts: 0,
  });
  const [params, delta, base] = at.planes;
  const entries = engine.agenda.ringOf(at);
  const { Field } = engine.agenda;
  const states = Array.from({ length: ring }, (_, k) => entries.state(k));
  const firstRecord = entries.record(0, 0);
  const firstSnapped = at.snapped >>> 2;
  const word = (row: number, name: number) => controlWord(at, row, name);
  const turnWords = Array.from({ length: rows }, (_, row) => word(row, Control.Turn));
  const locks = Array.from({ length: rows }, (_, row) => word(row, Control.Lock));
  const intents = Array.from({ length: players }, (_, thread) => intentWord(at, thread));
  const workOf = (thread: number) => at.scratch + thread * 128 * 4;
  /** Entries of the ring that an op takes, and the number that it gets. */
  const sizes = ops.map(({ lists, touched = [] }) =>
    lists
      ? 1 + Math.ceil((lists.targets.length + lists.operands.length + lists.weights.length + 3 * touched.length) / opWords)
      : 1,
  );
  const starts = sizes.map((_, op) => sizes.slice(0, op).reduce((sum, size) => sum + size, 0));
  const last = starts[ops.length - 1] + sizes[ops.length - 1];
  // Ghosts: one an op (committed), one a player (asleep on Progress), one a process (the Progress that it has read, plus 1).
  const asleep = ops.length;
  const saw = asleep + players;
  const processes = players + 2;
  const rewound = saw + processes;
  const opAt = (cells: Cells, number: number) =>
    number === 0 && cells.ghost(rewound) === 1 ? ops.length - 1 : starts.indexOf(number);

  const owners = new Int8Array(at.bytes >>> 2).fill(-1);
  for (let thread = 0; thread < players; thread++) {
    owners.fill(thread, intents[thread], intents[thread] + at.intentWords);
    owners.fill(thread, workOf(thread) >>> 2, (workOf(thread) >>> 2) + 128);
  }
  /** What is private to a node, and ordered by its hand. */
  const handled = new Int8Array(at.bytes >>> 2).fill(-1);
  for (let row = 0; row < nodes; row++) {
    const words = [Control.Begun, Control.Committed, Control.Steps, Control.PieceSteps, Control.SnapshotTurn];
    for (const name of [...words, Control.Loss, Control.Loss + 1, Control.LossSteps, Control.LossSteps + 1])
      handled[word(row, name)] = row;
  }
  /** Changed under the lock of their row only. */
  const guarded = new Int8Array(at.bytes >>> 2).fill(-1);
  for (let row = 0; row < rows; row++) for (const name of [Control.Turn, Control.Draws]) guarded[word(row, name)] = row;

  const ownerNow = (cells: Cells, thread: number) =>
    engine.guard.ownerWord(thread, cells.get(threadWord(at, thread, Thread.Incarnation)));
  const numberAt = (cells: Cells, entry: number) => cells.get(entries.record(entry, Field.Number));

  /** The entry that a player has claimed, -1 for none. */
  function claimed(cells: Cells, thread: number): number {
    const owner = ownerNow(cells, thread);
    return states.findIndex(state => cells.get(state) === owner);
  }

  const numberOf = (cells: Cells, thread: number) => {
    const entry = claimed(cells, thread);
    return entry < 0 ? -1 : numberAt(cells, entry);
  };

  /** The op in hand of a player, or of the dead one that the supervisor buries; -1 for none. */
  function opOf(cells: Cells, worker: number): number {
    return opAt(cells, numberOf(cells, worker));
  }

  const holds = (cells: Cells, row: number, thread: number) =>
    engine.guard.ownerOf(cells.get(locks[row])) === ownerNow(cells, thread);
  const cell = (plane: typeof params, row: number, side: number) => rowAddress(at, plane, row, side) >>> 2;
  const sideOf = (row: number, turn: number) => (row < nodes ? turn & 1 : 0);

  function requireSound(cells: Cells, row: number): void {
    const turn = cells.get(turnWords[row]);
    const must = line.value(row, turn >>> 8);
    for (const k of [0, 1]) {
      const value = cells.get(cell(params, row, sideOf(row, turn)) + k);
      if (value !== must) throw new Failure(`row ${row} is ${value} at turn ${turn >>> 8}, must be ${must}`);
    }
  }

  /** The turn at which an op expects a row. */
  const turnIn = (op: number, row: number) => {
    const { a, b, turnA, turnB, touched } = ops[op];
    if (touched) return touched.find(one => one.row === row)?.turn;
    return row === a && turnA >= 0 ? turnA : row === b ? turnB : undefined;
  };

  /** COMMIT is stored: what the op has written must be what the line says. */
  function commits(cells: Cells, thread: number): void {
    const start = intents[thread];
    const op = opOf(cells, thread);
    if (op < 0) throw new Failure(`player ${thread} commits without a claim`);
    const { verb, a } = ops[op];
    let done = false;
    for (let k = 0; k < cells.get(start + 1); k++) {
      const index = cells.get(start + 2 + 2 * k);
      const value = cells.get(start + 3 + 2 * k);
      if (states.includes(index)) done = true;
      const row = turnWords.indexOf(index);
      if (row < 0) continue;
      const turn = cells.get(index) >>> 8;
      if (value >>> 8 !== turn + 1) throw new Failure(`row ${row}: turn ${value >>> 8} after ${turn}`);
      if (turn !== turnIn(op, row)) throw new Failure(`op ${op} takes row ${row} at turn ${turn}, must be ${turnIn(op, row)}`);
      for (const c of [0, 1]) {
        const written = cells.get(cell(params, row, sideOf(row, value)) + c);
        const must = line.value(row, turn + 1);
        if (written !== must) throw new Failure(`op ${op} gives row ${row} ${written} for its turn ${turn + 1}, must be ${must}`);
      }
    }
    if (!done) return;
    for (const c of verb === Verb.descend ? [0, 1] : []) {
      const found = cells.get(cell(delta, a, 0) + c);
      if (found !== line.difference(op))
        throw new Failure(`op ${op} leaves the difference ${found}, must be ${line.difference(op)}`);
    }
    if (cells.ghost(op) !== 0) throw new Failure(`op ${op} is committed again`);
    cells.setGhost(op, 1);
  }

  /** What matters of Progress is whether it is still what somebody has read: it takes the lowest value that nobody has. */
  function renumber({ worker, access: { kind, a }, result }: StepEvent, cells: Cells): void {
    const isChange = kind === 'compareExchange' && result === a;
    cells.setGhost(saw + worker, kind === 'load' || (kind === 'compareExchange' && !isChange) ? result + 1 : 0);
    if (!isChange) return;
    const known = Array.from({ length: processes }, (_, process) => cells.ghost(saw + process) - 1);
    let value = 0;
    while (known.includes(value)) value++;
    cells.set(Header.Progress, value);
  }

  function onStep(event: StepEvent, cells: Cells): void {
    const { worker, access, result, died } = event;
    const { kind, index, a } = access;
    if (index === Header.Progress) renumber(event, cells);
    if (died) cells.setGhost(saw + worker, 0);
    if (index < 0) return;
    if (worker < players && kind === 'wait' && index === Header.Progress && result === 0) cells.setGhost(asleep + worker, 1);
    else if (worker < players && cells.ghost(asleep + worker) !== 0) cells.setGhost(asleep + worker, 0);
    if (kind === 'notify' && index === Header.Progress)
      for (let thread = 0; thread < players; thread++) cells.setGhost(asleep + thread, 0);
    if (kind === 'store' && worker < players && index === intents[worker]) {
      if (a === engine.guard.commit) commits(cells, worker);
    }
    if (kind === 'store' && a === engine.guard.none && intents.includes(index)) {
      for (let k = 1, end = 2 + 2 * cells.get(index + 1); k < end; k++) cells.set(index + k, 0); // nobody reads it
    }
    if (kind === 'compareExchange' && states.includes(index) && result === a && worker < players) claims(cells, worker);
    if (kind === 'store' && guarded[index] >= 0) requireHolder(cells, guarded[index], worker);
    if ((kind === 'load' || kind === 'store') && handled[index] >= 0) requireHand(cells, handled[index], worker);
    const row = locks.indexOf(index);
    if (row < 0) return;
    // A message is written in place: it is whole once its turn says so, and only who takes it in relies on that.
    const isRead = row < nodes || (worker < players && ops[opOf(cells, worker)]?.verb === Verb.absorb);
    if (kind === 'compareExchange' && result === 0 && a === 0 && access.b !== 0 && isRead) requireSound(cells, row);
    if (kind === 'exchange' && a === 0 && row < nodes) {
      const spare = 1 - sideOf(row, cells.get(turnWords[row]));
      for (const k of [0, 1]) cells.set(cell(params, row, spare) + k, spoilt);
    }
  }

  /** A player has claimed an op: it must be its own record, and nobody else may be at work on the same node's private things. */
  function claims(cells: Cells, thread: number): void {
    cells.setGhost(saw + thread, 0);
    const op = opOf(cells, thread);
    if (op < 0) throw new Failure(`player ${thread} claims an entry that is no op's`);
    if (cells.ghost(op) !== 0) throw new Failure(`op ${op} is claimed after it was committed`);
    for (let other = 0; other < players; other++) {
      const with_ = other === thread ? -1 : opOf(cells, other);
      if (with_ < 0 || cells.ghost(with_) !== 0) continue;
      const common = line.handled(op).find(row => line.handled(with_).includes(row));
      if (common !== undefined) throw new Failure(`ops ${op} and ${with_} use what is private to node ${common} at once`);
    }
  }

  function requireHolder(cells: Cells, row: number, worker: number): void {
    const held = worker < players ? holds(cells, row, worker) : intents.some((_, thread) => holds(cells, row, thread));
    if (!held) throw new Failure(`row ${row} is written by ${worker}, which does not hold it`);
  }

  function requireHand(cells: Cells, row: number, worker: number): void {
    if (worker >= players || opUses(cells, row, worker)) return;
    throw new Failure(`what is private to node ${row} is touched by player ${worker}, which has no op of it in hand`);
  }

  const opUses = (cells: Cells, row: number, worker: number) => {
    const op = opOf(cells, worker);
    // A descent onto another row and a plain read of a partner's counters do not use them.
    return op >= 0 && (line.handled(op).includes(row) || ops[op].a === row || ops[op].b === row);
  };

  function kernelsOf(words: Shared, thread: number): RowKernels {
    const pass = (name: string, addresses: readonly number[], kernel: (v: number[]) => void) => {
      const places = addresses.map(address => address >>> 2);
      for (const k of [0, 1]) {
        words.step(
          `${name}, column ${k}`,
          cells => {
            requireAccess(cells, thread, places);
            const values = places.map(place => cells.get(place + k));
            const before = [...values];
            kernel(values);
            for (let p = 0; p < places.length; p++) if (values[p] !== before[p]) cells.set(places[p] + k, values[p]);
          },
          { private: true },
        );
      }
    };
    const { commit, blend, mix, mixAndCommit, mixAndCommitBoth } = arithmetic;
    const lists = listsOf();
    return {
      copy: (to, from) => pass('copy', [to, from], v => void (v[0] = v[1])),
      zero: to => pass('zero', [to], v => void (v[0] = 0)),
      snapshot: (work, kept, from) => pass('snapshot', [work, kept, from], v => void (v[0] = v[1] = v[2])),
      difference(to, kept, work) {
        pass('difference', [to, work, kept], v => {
          [v[0], v[1]] = [(v[1] - v[2]) | 0, 0];
        });
        return 0;
      },
      commit: (to, from, d) => pass('commit', [to, from, d], v => void (v[0] = commit(v[1], v[2]))),
      blend: (to, a, b) => pass('blend', [to, a, b], v => void (v[0] = blend(v[1], v[2]))),
      mix: (toA, toB, a, b) => pass('mix', [toA, toB, a, b], v => void ([v[0], v[1]] = mix(v[2], v[3]))),
      mixAndCommit: (toA, toB, a, b, d) =>
        pass('mixAndCommit', [toA, toB, a, b, d], v => void ([v[0], v[1]] = mixAndCommit(v[2], v[3], v[4]))),
      mixAndCommitBoth: (toA, toB, a, b, d, e) =>
        pass('mixAndCommitBoth', [toA, toB, a, b, d, e], v => void ([v[0], v[1]] = mixAndCommitBoth(v[2], v[3], v[4], v[5]))),
      combine(to, list, weights, count) {
        const addresses = [...new Uint32Array(lists, list, count)];
        const factors = [...new Float32Array(lists, weights, count)];
        pass('combine', [to, ...addresses], v => void (v[0] = arithmetic.combine(factors, v.slice(1))));
      },
      trim() {
        throw new Error('no programs sort');
      },
      squaredDistance: () => 0,
    };
  }

  let lists: ArrayBuffer | undefined;
  /** Operand lists: private to the verb that writes them, and read in the same breath. */
  function listsOf(): ArrayBuffer {
    return (lists ??= new ArrayBuffer(at.bytes));
  }

  /** A row needs its lock; base and difference of a node need its hand. */
  function requireAccess(cells: Cells, thread: number, places: readonly number[]): void {
    for (const place of places) {
      for (let row = 0; row < rows; row++) {
        const sides = row < nodes ? [0, 1] : [0];
        if (sides.some(side => cell(params, row, side) === place) && !holds(cells, row, thread))
          throw new Failure(`player ${thread} touches row ${row} without holding it`);
        if (row >= nodes || (cell(delta, row, 0) !== place && cell(base, row, 0) !== place)) continue;
        const op = opOf(cells, thread);
        if (op < 0 || !line.handled(op).includes(row))
          throw new Failure(`player ${thread} touches what is private to node ${row} without its hand`);
      }
    }
  }

  /** True when an op is ready that nobody has claimed. */
  function isSomeReady(cells: Cells): boolean {
    return ops.some((op, k) => {
      const state = cells.get(states[starts[k] % ring]);
      if (state >= 0 || cells.get(Header.Posted) <= starts[k] || numberAt(cells, starts[k] % ring) !== starts[k]) return false;
      const fits = (row: number, turn: number, hand: number) =>
        row < 0 ||
        ((turn < 0 || cells.get(turnWords[row]) >>> 8 === turn) && (hand < 0 || cells.get(word(row, Control.Hand)) === hand));
      return (
        fits(op.a, op.turnA, op.handA) &&
        fits(op.b, op.turnB, op.handB) &&
        (op.touched ?? []).every(({ row, turn, hand }) => fits(row, turn, hand))
      );
    });
  }

  /** Counters for people would only tell states apart. */
  const uncounted = new Set(
    Array.from({ length: players }, (_, t) =>
      [Thread.Played, Thread.Overtaking, Thread.Asked].map(name => threadWord(at, t, name)),
    ).flat(),
  );

  const seen: Shared[] = [];
  const seenBy = (thread: number, plain: Shared): Shared => ({
    ...plain,
    get: index => (uncounted.has(index) ? 0 : plain.get(index)),
    set: (index, value) => (uncounted.has(index) ? undefined : plain.set(index, value)),
    store: (index, value) => (index === threadWord(at, thread, Thread.Node) ? undefined : plain.store(index, value)),
  });

  function seatOf(plain: Shared, thread: number, instead: object): Seat {
    const words = (seen[thread] ??= seenBy(thread, plain));
    const incarnation = words.step('incarnation', cells => cells.get(threadWord(at, thread, Thread.Incarnation)), {
      private: true,
    });
    const holder = {
      words,
      layout: at,
      owner: engine.guard.ownerWord(thread, incarnation),
      spins: 0,
      blocked() {},
      now: () => 0,
    };
    const context = {
      holder,
      kernels: kernelsOf(words, thread),
      thread,
      live: [],
      work: workOf(thread),
      list: workOf(thread) + 256,
      state: [],
      elements: {},
      places: nodes,
      buffer: listsOf(),
      descent(_node: number, steps: number, _first: number, weights: number) {
        const train = (cells: Cells) => {
          for (const k of [0, 1]) cells.set((weights >>> 2) + k, arithmetic.learn(cells.get((weights >>> 2) + k), steps));
        };
        words.step('local steps', train, { private: true });
        if (long) {
          const isNeeded = (cells: Cells) =>
            isSomeReady(cells) && Array.from({ length: players }, (_, t) => cells.ghost(asleep + t)).some(sleeps => sleeps !== 0);
          words.until('the local steps end', cells => !isNeeded(cells));
        }
        return steps; // as a loss
      },
      neighbour: () => 0,
      diverged(node: number): never {
        throw new Error(`node ${node} diverged`);
      },
    };
    const verbs = engine.rows.openRows(Object.assign(context, instead) as never);
    const seat = { words, thread, rows: verbs, holder, now: () => 0, times: { blocked: 0, publish() {} }, job() {} };
    return { ...seat, recipe: { algorithm: {} } } as unknown as Seat;
  }

  const player =
    (thread: number): Piece =>
    words => {
      const { look, play } = engine.play.openPlayer(at, instead => seatOf(words, thread, instead));
      // As playSeat does; but between the two a player keeps nothing, so that fewer states differ.
      const own = words.step('what is claimed', cells => numberOf(cells, thread), { private: true });
      if (own >= 0) play(own);
      else if (look() === engine.play.left) return undefined;
      return again;
    };

  const posting = ops.map(
    (op, k): Piece =>
      words => {
        if (rewind && k === ops.length - 1) {
          words.until('all is done', cells => states.every(state => cells.get(state) === 0));
          engine.quiesce.callToPark(words);
          words.until('all are parked', cells => allShow(cells, Thread.Parked, cells.get(Header.Want)));
          engine.poster.openPoster(words, at).rewind();
          words.step('from number 0 again', cells => cells.setGhost(rewound, 1));
          engine.quiesce.letGo(words);
        }
        const poster = engine.poster.openPoster(words, at);
        while (poster.room() < sizes[k]) words.until('there is room', cells => roomIn(cells) >= sizes[k]);
        poster.post(op);
      },
  );

  const allShow = (cells: Cells, name: number, value: number) =>
    intents.every((_, thread) => cells.get(threadWord(at, thread, name)) === value);

  function roomIn(cells: Cells): number {
    const posted = cells.get(Header.Posted);
    let low = Math.max(0, posted - ring);
    while (low < posted && cells.get(states[low % ring]) === 0) low++;
    return ring - (posted - low);
  }

  const ending: Piece = words => {
    words.until('all is done', cells => states.every(state => cells.get(state) === 0));
    if (!engine.poster.openPoster(words, at).isDone()) throw new Failure('all is done, and the poster does not see it');
    words.step('look at what was played', requireEnd);
    if (parks) {
      engine.quiesce.callToPark(words);
      words.until('all are parked', cells => allShow(cells, Thread.Parked, cells.get(Header.Want)));
      words.step('look at the parked', requireEnd);
    }
    engine.quiesce.callToStop(words);
  };

  /** What the one who posts relies on as soon as all is done. Locks may still be held, to be given back. */
  function requireEnd(cells: Cells): void {
    for (let row = 0; row < rows; row++) {
      requireSound(cells, row);
      const turn = cells.get(turnWords[row]) >>> 8;
      if (turn !== line.turns(row)) throw new Failure(`row ${row} is at turn ${turn}, must be at ${line.turns(row)}`);
      if (row < nodes && cells.get(word(row, Control.Hand)) !== line.hands(row))
        throw new Failure(`node ${row} is at hand ${cells.get(word(row, Control.Hand))}, must be at ${line.hands(row)}`);
    }
    ops.forEach((_, op) => {
      if (cells.ghost(op) !== 1) throw new Failure(`op ${op} was not committed`);
    });
    for (let row = 0; row < nodes; row++) {
      const steps = ops.reduce((sum, { verb, a, x }) => (verb === Verb.descend && a === row ? sum + x : sum), 0);
      for (const name of [Control.Loss, Control.LossSteps]) {
        halves[0] = cells.get(word(row, name));
        halves[1] = cells.get(word(row, name) + 1);
        if (whole[0] !== steps) throw new Failure(`node ${row}: the losses of ${whole[0]} steps, must be of ${steps}`);
      }
    }
  }

  const posterNumber = players;
  return {
    words: at.bytes >>> 2,
    ghosts: rewound + 1,
    workers: [...Array.from({ length: players }, (_, thread) => player(thread)), [...posting, ending]],
    crashes,
    mortal: players,
    recover: (words, worker) => void engine.recovery.recover(words, at, worker),
    ownerOf: index => (owners[index] < 0 ? undefined : owners[index]),
    isQuiet({ kind, index, a }, worker, cells) {
      if (index < 0) return false;
      // An entry that was never used is looked at by nobody; nor is a word that stays as it is.
      if (worker === posterNumber && kind === 'store') {
        const entry = index >= firstRecord ? Math.floor((index - firstRecord) / opWords) : index - states[0];
        if (entry < 0 || entry >= ring || index >= firstSnapped) return false;
        return cells.get(Header.Posted) <= entry || (index >= firstRecord && cells.get(index) === a);
      }
      if (kind === 'load' && index >= firstRecord && index < firstRecord + ring * opWords) {
        const entry = Math.floor((index - firstRecord) / opWords);
        // A record stays as long as its op is claimed; and for good, when no op comes after it.
        return claimed(cells, worker) === entry || isLast(cells, entry);
      }
      if (kind === 'load' && guarded[index] >= 0 && worker < players) return holds(cells, guarded[index], worker);
      if (handled[index] >= 0 && (kind === 'load' || kind === 'store') && worker < players)
        return opUses(cells, handled[index], worker);
      if (index >= firstSnapped && index < firstSnapped + ring && worker < players)
        return claimed(cells, worker) === index - firstSnapped;
      return false;
    },
    prepare(cells) {
      for (let row = 0; row < rows; row++) {
        for (const k of [0, 1]) {
          cells.set(cell(params, row, 0) + k, startOf(row));
          if (row < nodes) cells.set(cell(params, row, 1) + k, spoilt);
        }
      }
    },
    onStep,
    atEnd(cells) {
      requireEnd(cells);
      for (let row = 0; row < rows; row++) if (cells.get(locks[row]) !== 0) throw new Failure(`row ${row} is still locked`);
      intents.forEach((intent, thread) => {
        if (cells.get(intent) !== 0) throw new Failure(`the intent of player ${thread} is left`);
      });
      if (states.some(state => cells.get(state) !== 0)) throw new Failure('a claim is left');
    },
    nameOf,
  };

  function isLast(cells: Cells, entry: number): boolean {
    return !rewind && cells.get(Header.Posted) === last && numberAt(cells, entry) + ring >= last;
  }

  function nameOf(index: number): string {
    const state = states.indexOf(index);
    if (state >= 0) return `state of entry ${state}`;
    if (index >= firstSnapped && index < firstSnapped + ring) return `snapped of entry ${index - firstSnapped}`;
    if (index >= firstRecord && index < firstRecord + ring * opWords) {
      const field = (index - firstRecord) % opWords;
      return `${nameIn(Field, field)} of entry ${Math.floor((index - firstRecord) / opWords)}`;
    }
    for (let row = 0; row < rows; row++) {
      const control = index - word(row, 0);
      if (control >= 0 && control < 32) return `${nameIn(Control, control)} of row ${row}`;
    }
    for (let thread = 0; thread < players; thread++) {
      const own = index - threadWord(at, thread, 0);
      if (own >= 0 && own < 256) return `${nameIn(Thread, own)} of player ${thread}`;
      const part = index - intents[thread];
      if (part >= 0 && part < at.intentWords) return part === 0 ? `intent ${thread}` : `intent ${thread}, word ${part}`;
    }
    return index < 1024 ? nameIn(Header, index) : `word ${index}`;
  }
}

const whole = new Float64Array(1);
const halves = new Int32Array(whole.buffer);

function nameIn(names: Readonly<Record<string, number>>, word: number): string {
  return Object.entries(names).find(([, index]) => index === word)?.[0] ?? `word ${word}`;
}
