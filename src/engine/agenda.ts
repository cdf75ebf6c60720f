/**
 * The agenda: ops in the order in which a simulation or a history has them, waiting for players. One thread posts, any number play. An
 * op may begin when the turns of its rows, and of what is private to its nodes (hands), are what it expects; only the op itself moves
 * them on, so who finds it ready may claim it. The protocol is the checked model of spin/play.pml.
 *
 *   states   one word an op: 0 done; -(k + 1) posted as op number k; else the owner that has claimed it
 *   records  16 words an op; the lists of a combine go on in the entries behind it
 */

import { HearsayError } from '../errors.js';
import { turnOf } from './guard.js';
import { type Intent, target } from './intent.js';
import { Control, controlWord, Header, type Layout, opWords } from './layout.js';
import type { Lists } from './op.js';
import { ring, type Words } from './words.js';

/** Words of a record. */
export const Field = {
  Number: 0,
  Verb: 1,
  A: 2,
  B: 3,
  /** Expected turns and hands; -1: none. */
  TurnA: 4,
  TurnB: 5,
  HandA: 6,
  HandB: 7,
  X: 8,
  Y: 9,
  /** Bits of f32. */
  W: 10,
  V: 11,
  /** Lengths of the lists of a combine: targets, operands, weights, and touched rows. */
  Targets: 12,
  Operands: 13,
  Weights: 14,
  Touched: 15,
} as const;

/** One op, as it is posted. */
export interface Posted {
  verb: number;
  a: number;
  b: number;
  turnA: number;
  turnB: number;
  handA: number;
  handB: number;
  x: number;
  y: number;
  w: number;
  v: number;
  /** Of a combine: what it sums; the rows that it touches, their turns, and the hands of those whose deltas it commits (-1: of none). */
  lists?: Lists;
  touched?: readonly Touched[];
}

export interface Touched {
  readonly row: number;
  readonly turn: number;
  readonly hand: number;
}

/** Numbers of a combine with weights of its own for each target, up to which the ring has room for it whatever the models: 2 MiB. */
const matrix = 2 ** 19;

/** Entries of the ring for runs with so many models: enough for several ops over all of them, a descent of each, and a full matrix. */
export function agendaOps(models: number): number {
  const sum = 2 + Math.ceil((8 * models) / opWords);
  return 1024 + 2 * models + 8 * sum + Math.ceil(Math.min(2 * models * models, matrix) / opWords);
}

/** Bytes of the ring. */
export function agendaBytes(ops: number): number {
  return ops * (opWords + 1) * 4;
}

const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

export function bitsOf(value: number): number {
  floats[0] = value;
  return bits[0];
}

export function floatOf(word: number): number {
  bits[0] = word;
  return floats[0];
}

export interface Ring {
  readonly size: number;
  state(k: number): number;
  record(k: number, field: number): number;
}

/** Where things lie: word indices of an op's state, and of a field of its record. */
export function ringOf(layout: Layout): Ring {
  const size = layout.shape.ops ?? 0;
  const states = layout.ops >>> 2;
  const records = states + size;
  return {
    size,
    state: k => states + (k % size),
    record: (k, field) => records + ((k + Math.floor(field / opWords)) % size) * opWords + (field % opWords),
  };
}

const tagOf = (k: number) => -(k + 1);

/** The word that says that the snapshot of descent number k was taken: it is then k + 1. */
export function snappedWord(layout: Layout, k: number): number {
  return (layout.snapped >>> 2) + (k % layout.shape.ops!);
}

/** Op numbers are words: they begin at 0 again beyond this one, at the next rewind. */
const oldest = 2 ** 30;

export interface Poster {
  /** Entries that are free. */
  room(): number;
  /** Ops for which there is no room wait here until `room` or `isDone` is asked. Throws STATE for one that can never have room. */
  post(op: Posted): void;
  /** True when everything that was posted is done. */
  isDone(): boolean;
  /** True when numbers should begin at 0 again. */
  isWorn(): boolean;
  /** Numbers begin at 0 again: when all is done, and while everybody is parked. */
  rewind(): void;
}

/** The one who posts: the main thread, over shared words. */
export function openPoster(words: Words, layout: Layout): Poster {
  const at = ringOf(layout);
  let posted = words.load(Header.Posted);
  let low = Math.max(words.load(Header.Low), posted - at.size);
  const waiting: Posted[] = [];

  function lowest(): number {
    while (low < posted && words.load(at.state(low)) === 0) low++;
    return low;
  }

  function room(): number {
    const free = () => at.size - (posted - lowest());
    while (waiting.length > 0 && entriesOf(waiting[0]) <= free()) write(waiting.shift()!);
    return waiting.length > 0 ? 0 : free();
  }

  function write(op: Posted): void {
    const k = posted;
    const put = (field: number, value: number) => words.store(at.record(k, field), value);
    const { lists, touched = [] } = op;
    put(Field.Number, k);
    put(Field.Verb, op.verb);
    put(Field.A, op.a);
    put(Field.B, op.b);
    put(Field.TurnA, op.turnA);
    put(Field.TurnB, op.turnB);
    put(Field.HandA, op.handA);
    put(Field.HandB, op.handB);
    put(Field.X, op.x);
    put(Field.Y, op.y);
    put(Field.W, bitsOf(op.w));
    put(Field.V, bitsOf(op.v));
    put(Field.Targets, lists?.targets.length ?? 0);
    put(Field.Operands, lists?.operands.length ?? 0);
    put(Field.Weights, lists?.weights.length ?? 0);
    put(Field.Touched, touched.length);
    let field: number = opWords;
    if (lists) {
      for (const row of lists.targets) put(field++, row);
      for (const operand of lists.operands) put(field++, operand);
      for (const weight of lists.weights) put(field++, bitsOf(weight));
      for (const { row, turn, hand } of touched) {
        put(field++, row);
        put(field++, turn);
        put(field++, hand);
      }
    }
    const entries = entriesOf(op);
    for (let more = 1; more < entries; more++) words.store(at.state(k + more), 0); // they are parts of op k: nothing to claim
    words.store(at.state(k), tagOf(k));
    posted = k + entries;
    words.store(Header.Posted, posted);
    ring(words, Header.Progress);
  }

  return {
    room,
    isDone: () => room() === at.size,
    post(op) {
      const entries = entriesOf(op);
      if (entries > at.size) {
        const numbers = entries * opWords;
        throw new HearsayError(
          'STATE',
          `combine: ${numbers} rows and weights, the agenda of a player has room for ${at.size * opWords}; sum fewer at once`,
        );
      }
      if (room() >= entries) write(op);
      else waiting.push(copyOf(op));
    },
    isWorn: () => posted >= oldest,
    rewind() {
      posted = low = 0;
      words.store(Header.Posted, 0);
      words.store(Header.Low, 0);
      // A descent of the same number is another one.
      for (let k = 0; k < at.size; k++) words.store(snappedWord(layout, k), 0);
    },
  };
}

function entriesOf({ lists, touched }: Posted): number {
  if (!lists) return 1;
  const numbers = lists.targets.length + lists.operands.length + lists.weights.length + 3 * touched!.length;
  return 1 + Math.ceil(numbers / opWords);
}

/** Whoever posts an op may use its object, and the lists in it, again. */
function copyOf(op: Posted): Posted {
  const { lists, touched } = op;
  if (!lists) return { ...op };
  const { targets, operands, weights } = lists;
  return { ...op, lists: { targets: [...targets], operands: [...operands], weights: [...weights] }, touched: [...touched!] };
}

/** How far beyond the lowest op that is not done a player looks. Fewer than the threads would be worse than going in order. */
export function lookAhead(threads: number): number {
  return Math.max(256, 8 * threads);
}

export interface Claimer {
  /** Claims the lowest op that is ready; its number, or -1. */
  claim(): number;
  /** Fields of a claimed op. */
  field(k: number, field: number): number;
  lists(k: number): Lists;
  touched(k: number): Touched[];
  /** Adds 'done' to the targets of the intent that completes the op. */
  targetDone(intent: Intent, k: number): void;
  /** To be called after that: others may find something ready now. True when op k was done before one that was posted earlier. */
  completed(k: number): boolean;
}

/** Ops left at which players call for more, so that the poster may sleep: it would take the time of a player. */
const lowWater = 64;

/** A player's side. */
export function openClaimer(words: Words, layout: Layout, owner: number): Claimer {
  const at = ringOf(layout);
  const window = lookAhead(layout.shape.threads);
  const field = (k: number, name: number) => words.load(at.record(k, name));

  /** An entry may be used again while it is read: its rows may then be any numbers, and the claim will fail. */
  const isRow = (row: number) => row >= 0 && row < layout.rows;

  function hasTurn(row: number, turn: number): boolean {
    return turn < 0 || (isRow(row) && turnOf(words.load(controlWord(layout, row, Control.Turn))) === turn);
  }

  function hasHand(row: number, hand: number): boolean {
    return hand < 0 || (isRow(row) && words.load(controlWord(layout, row, Control.Hand)) === hand);
  }

  function isReady(k: number): boolean {
    // A descent whose player has died after the snapshot: the turn has gone on with it, and the hand has not.
    if (words.load(snappedWord(layout, k)) === k + 1) return true;
    const a = field(k, Field.A);
    const b = field(k, Field.B);
    if (!hasTurn(a, field(k, Field.TurnA)) || !hasTurn(b, field(k, Field.TurnB))) return false;
    if (!hasHand(a, field(k, Field.HandA)) || !hasHand(b, field(k, Field.HandB))) return false;
    return field(k, Field.Touched) === 0 || touched(k).every(({ row, turn, hand }) => hasTurn(row, turn) && hasHand(row, hand));
  }

  function touched(k: number): Touched[] {
    const first = opWords + field(k, Field.Targets) + field(k, Field.Operands) + field(k, Field.Weights);
    return Array.from({ length: field(k, Field.Touched) }, (_, r) => {
      const at = first + 3 * r;
      return { row: field(k, at), turn: field(k, at + 1), hand: field(k, at + 2) };
    });
  }

  /**
   * Moves the common mark over what is done. Late ones fail, and nothing is lost: it is a hint. What lies further back than the ring
   * is long is done, whatever its entry says: that is another op's.
   */
  function lowest(posted: number): number {
    const found = words.load(Header.Low);
    let low = Math.max(found, posted - at.size);
    while (low < posted && words.load(at.state(low)) === 0) low++;
    if (low !== found) words.compareExchange(Header.Low, found, low);
    return low;
  }

  return {
    field,
    touched,
    claim() {
      const posted = words.load(Header.Posted);
      const low = lowest(posted);
      const end = Math.min(posted, low + window);
      for (let k = low; k < end; k++) {
        const tag = tagOf(k);
        if (words.load(at.state(k)) !== tag || !isReady(k)) continue;
        // Claimed by another, or done and used again, meanwhile: what was read of the record is thrown away.
        if (words.compareExchange(at.state(k), tag, owner) !== tag) continue;
        return k;
      }
      return -1;
    },
    lists(k) {
      const list = (from: number, length: number) => Array.from({ length }, (_, i) => field(k, opWords + from + i));
      const [t, o, w] = [field(k, Field.Targets), field(k, Field.Operands), field(k, Field.Weights)];
      return { targets: list(0, t), operands: list(t, o), weights: list(t + o, w).map(floatOf) };
    },
    targetDone(intent, k) {
      target(intent, at.state(k), 0);
    },
    completed(k) {
      ring(words, Header.Progress);
      const posted = words.load(Header.Posted);
      const low = lowest(posted);
      if (posted - low <= lowWater) ring(words, Header.Bell);
      return low < k;
    },
  };
}

/** The op that an owner has claimed and not completed, -1 for none: nobody claims two. */
export function claimOf(words: Words, layout: Layout, owner: number): number {
  const at = ringOf(layout);
  const posted = words.load(Header.Posted);
  for (let k = Math.max(0, posted - at.size); k < posted; k++) if (words.load(at.state(k)) === owner) return k;
  return -1;
}

/** Recovery: what a dead player had claimed may be claimed again, unless the redo of its intent has completed it. */
export function giveBack(words: Words, layout: Layout, k: number, dead: number): void {
  words.compareExchange(ringOf(layout).state(k), dead, tagOf(k));
}
