/**
 * The agenda: ops in the order in which a simulation or a history has them, waiting for players. One thread posts, any number play. An
 * op may begin when the turns of its rows, and of what is private to its nodes (hands), are what it expects; only the op itself moves
 * them on, so who finds it ready may claim it. The protocol is the checked model of spin/play.pml.
 *
 *   states   one word an op: 0 done; -(k + 1) posted as op number k; else the owner that has claimed it
 *   records  16 words an op; the lists of a combine go on in the entries behind it
 */

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

/** Entries of the ring for runs with so many models: enough for several ops over all of them, and a descent of each. */
export function agendaOps(models: number): number {
  return 1024 + 2 * models + 8 * largestOp(models);
}

/** Entries of the largest op. */
export function largestOp(models: number): number {
  return 2 + Math.ceil((7 * models) / opWords);
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

export interface Poster {
  /** Entries that may be posted now. */
  room(): number;
  post(op: Posted): void;
  /** True when everything that was posted is done. */
  isDone(): boolean;
}

/** The one who posts: the main thread, over shared words. */
export function openPoster(words: Words, layout: Layout): Poster {
  const at = ringOf(layout);
  let posted = words.load(Header.Posted);
  let low = words.load(Header.Low);

  function lowest(): number {
    while (low < posted && words.load(at.state(low)) === 0) low++;
    return low;
  }

  return {
    room: () => at.size - (posted - lowest()),
    isDone: () => lowest() === posted,
    post(op) {
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
      const entries = Math.ceil(field / opWords);
      for (let more = 1; more < entries; more++) words.store(at.state(k + more), 0); // they are parts of op k: nothing to claim
      words.store(at.state(k), tagOf(k));
      posted = k + entries;
      words.store(Header.Posted, posted);
      ring(words, Header.Progress);
    },
  };
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
  /** True when the claimed op was not the lowest that is not done. */
  readonly overtook: boolean;
  /** Adds 'done' to the targets of the intent that completes the op. */
  targetDone(intent: Intent, k: number): void;
  /** To be called after that: others may find something ready now. */
  completed(): void;
}

/** A player's side. */
export function openClaimer(words: Words, layout: Layout, owner: number): Claimer {
  const at = ringOf(layout);
  const window = lookAhead(layout.shape.threads);
  let overtook = false;
  const field = (k: number, name: number) => words.load(at.record(k, name));

  function hasTurn(row: number, turn: number): boolean {
    return turn < 0 || turnOf(words.load(controlWord(layout, row, Control.Turn))) === turn;
  }

  function hasHand(row: number, hand: number): boolean {
    return hand < 0 || words.load(controlWord(layout, row, Control.Hand)) === hand;
  }

  function isReady(k: number): boolean {
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

  /** Moves the common mark over what is done. Late ones fail, and nothing is lost: it is a hint. */
  function lowest(posted: number): number {
    const found = words.load(Header.Low);
    let low = found;
    while (low < posted && words.load(at.state(low)) === 0) low++;
    if (low !== found) words.compareExchange(Header.Low, found, low);
    return low;
  }

  return {
    field,
    touched,
    get overtook() {
      return overtook;
    },
    claim() {
      const posted = words.load(Header.Posted);
      const low = lowest(posted);
      const end = Math.min(posted, low + window);
      for (let k = low; k < end; k++) {
        const tag = tagOf(k);
        if (words.load(at.state(k)) !== tag || !isReady(k)) continue;
        // Claimed by another, or done and used again, meanwhile: what was read of the record is thrown away.
        if (words.compareExchange(at.state(k), tag, owner) !== tag) continue;
        overtook = k !== low;
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
    completed() {
      ring(words, Header.Progress);
      const posted = words.load(Header.Posted);
      if (lowest(posted) === posted) ring(words, Header.Bell);
    },
  };
}

/** Recovery: what a dead player had claimed, and not completed, may be claimed again. After its intent was redone. */
export function giveBack(words: Words, layout: Layout, dead: number): void {
  const at = ringOf(layout);
  const posted = words.load(Header.Posted);
  for (let k = Math.max(0, posted - at.size); k < posted; k++) {
    if (words.load(at.state(k)) === dead) words.store(at.state(k), tagOf(k));
  }
  ring(words, Header.Progress);
}
