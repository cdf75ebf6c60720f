/**
 * How a history writes an op: a byte for the verb, then whole numbers of one to five bytes, most of them differences to what the same
 * stream has said of the same row before. A descent takes 4 bytes, an exchange 6 to 9.
 *
 *   verb and flags | a | b | turns | x | y | w, v | lists of a combine
 *
 * Hands are not written: whoever reads the ops in an order that their turns allow counts them again.
 */

import type { Posted, Touched } from '../agenda.js';
import { mostPlaces, rowsOf } from '../cell.js';
import { mostOperands } from '../combine.js';
import { type Lists, Verb } from '../op.js';

/** What a stream remembers, one entry a row: the turn after the last op that it has seen, and the draws. */
export interface Memory {
  readonly rows: number;
  readonly turns: Int32Array;
  readonly draws: Int32Array;
}

export function openMemory(rows: number): Memory {
  return { rows, turns: new Int32Array(rows), draws: new Int32Array(rows) };
}

/** Bytes that an op takes at most, with lists of so many numbers. */
export function mostBytes(numbers: number): number {
  return 64 + 10 * numbers;
}

const other = 32;
const weighted = 64;
const more = 128;

/** Verbs whose x is the node's draws after them. */
const drawing: readonly number[] = [Verb.commit, Verb.mixAndCommit, Verb.mixAndCommitBoth, Verb.mix, Verb.pull];

/** Verbs with a weight: it is written when it is not the usual one. */
const weighing: readonly number[] = [Verb.mixAndCommit, Verb.mixAndCommitBoth, Verb.mix, Verb.pull, Verb.absorb, Verb.apply];
const usual = (verb: number) => (verb === Verb.apply ? 0 : 0.5);

/** Writes an op at `at`; returns the end. The memory moves on. */
export function encode(to: Uint8Array, at: number, op: Posted, memory: Memory): number {
  let end = at;
  const whole = (value: number) => {
    let rest = value >>> 0;
    while (rest > 127) {
      to[end++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    to[end++] = rest;
  };
  const signed = (value: number) => whole((value << 1) ^ (value >> 31));
  const turnOf = (row: number, turn: number) => {
    signed(((turn - memory.turns[row]) << 8) >> 8);
    memory.turns[row] = (turn + 1) & 0xffffff;
  };
  const real = (value: number) => {
    numbers[0] = value;
    for (let k = 0; k < 4; k++) to[end++] = bytes[k];
  };
  const { verb, a, b, x, y, w, v, lists, touched } = op;
  const hasOther = b >= 0 && b !== a;
  const isWeighted = weighing.includes(verb) && (w !== usual(verb) || (verb === Verb.absorb && v !== 0.5));
  to[end++] = verb | (hasOther ? other : 0) | (isWeighted ? weighted : 0) | (y !== 0 ? more : 0);
  if (verb === Verb.combine) {
    writeLists(lists!, touched!, whole, turnOf, real);
    return end;
  }
  whole(a);
  if (hasOther) whole(b);
  if (op.turnA >= 0) turnOf(a, op.turnA);
  if (hasOther) turnOf(b, op.turnB);
  if (!drawing.includes(verb)) whole(x);
  else if (x < 0) whole(0);
  else {
    whole(x - memory.draws[a] + 1);
    memory.draws[a] = x;
  }
  if (y !== 0) whole(y);
  if (isWeighted) {
    real(w);
    if (verb === Verb.absorb) real(v);
  }
  return end;
}

function writeLists(
  { targets, operands, weights }: Lists,
  touched: readonly Touched[],
  whole: (value: number) => void,
  turnOf: (row: number, turn: number) => void,
  real: (value: number) => void,
): void {
  whole(targets.length);
  whole(operands.length);
  for (const row of targets) whole(row);
  for (const operand of operands) whole(operand);
  const uniform = weights.every(weight => weight === weights[0]);
  whole(uniform ? 0 : 1);
  whole(weights.length);
  for (let k = 0; k < (uniform ? 1 : weights.length); k++) real(weights[k]);
  for (const { row, turn } of touched) turnOf(row, turn);
}

const numbers = new Float32Array(1);
const bytes = new Uint8Array(numbers.buffer);

/** Thrown for bytes that are no op; whoever knows the file makes an error for people of it. */
export class Malformed extends Error {}

export interface Decoded extends Posted {
  /** Where the next op begins. */
  end: number;
}

/** Reads the op at `at`. Hands are left at -1. Throws Malformed. The memory moves on. */
export function decode(from: Uint8Array, at: number, memory: Memory): Decoded {
  let end = at;
  const byte = () => {
    if (end >= from.length) throw new Malformed(`the block ends within an op, at byte ${at}`);
    return from[end++];
  };
  const whole = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const next = byte();
      value |= (next & 127) << shift;
      if (next < 128) return value;
    }
    throw new Malformed(`a number of more than 32 bits at byte ${end}`);
  };
  const signed = () => {
    const value = whole();
    return (value >>> 1) ^ -(value & 1);
  };
  const row = () => {
    const value = whole();
    if (value < 0 || value >= memory.rows) throw new Malformed(`row ${value} at byte ${end}, there are ${memory.rows}`);
    return value;
  };
  const turnOf = (of: number) => {
    const turn = (memory.turns[of] + signed()) & 0xffffff;
    memory.turns[of] = (turn + 1) & 0xffffff;
    return turn;
  };
  const real = () => {
    for (let k = 0; k < 4; k++) bytes[k] = byte();
    return numbers[0];
  };
  const head = byte();
  const verb = head & 31;
  const op: Decoded = { verb, a: -1, b: -1, turnA: -1, turnB: -1, handA: -1, handB: -1, x: 0, y: 0, w: 0, v: 0, end };
  if (weighing.includes(verb)) op.w = usual(verb);
  if (verb === Verb.absorb) op.v = 0.5;
  if (verb === Verb.combine) {
    Object.assign(op, readLists(memory.rows, whole, turnOf, real));
    op.end = end;
    return op;
  }
  if (verb < 1 || verb > Verb.meet) throw new Malformed(`there is no verb ${verb}, at byte ${at}`);
  op.a = row();
  const single = verb === Verb.apply || verb === Verb.meet;
  op.b = (head & other) !== 0 ? row() : single ? -1 : op.a;
  const isDistant = verb === Verb.descend && op.b !== op.a;
  if (!isDistant) op.turnA = turnOf(op.a);
  op.turnB = op.b < 0 ? -1 : op.b === op.a ? op.turnA : turnOf(op.b);
  if (!drawing.includes(verb)) op.x = whole();
  else {
    const step = whole();
    op.x = step === 0 ? -1 : memory.draws[op.a] + step - 1;
    if (step !== 0) memory.draws[op.a] = op.x;
  }
  if ((head & more) !== 0) op.y = whole();
  if ((head & weighted) !== 0) {
    op.w = real();
    if (verb === Verb.absorb) op.v = real();
  }
  op.end = end;
  return op;
}

function readLists(
  rows: number,
  whole: () => number,
  turnOf: (row: number) => number,
  real: () => number,
): { lists: Lists; touched: Touched[] } {
  const cells = rows * mostPlaces;
  const list = (length: number) => {
    if (length < 0 || length > mostOperands(rows)) throw new Malformed(`a list of ${length} among ${rows} rows`);
    return Array.from({ length }, () => {
      const value = whole();
      if (value < 0 || value >= cells) throw new Malformed(`cell ${value} in a list, there are ${rows} rows`);
      return value;
    });
  };
  const [t, o] = [whole(), whole()];
  const targets = list(t);
  const operands = list(o);
  const uniform = whole() === 0;
  const length = whole();
  if (length !== o && length !== o * t) throw new Malformed(`${length} weights for ${o} operands and ${t} targets`);
  const weights = uniform ? new Array<number>(length).fill(real()) : Array.from({ length }, real);
  const lists = { targets, operands, weights };
  return { lists, touched: rowsOf([...targets, ...operands], rows).map(row => ({ row, turn: turnOf(row), hand: -1 })) };
}
