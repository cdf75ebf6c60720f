/**
 * The agenda: ops in the order in which a simulation or a history has them, waiting for players. One thread posts, any number play. An op
 * may begin when the turns of its rows, and of what is private to its nodes (hands), are what it expects; only the op itself moves them
 * on, so who finds it ready may claim it. The protocol is the checked model of spin/play.pml. Here is what both sides know; poster.ts and
 * claimer.ts are the sides.
 *
 *   states   one word an op: 0 done; -(k + 1) posted as op number k; else the owner that has claimed it
 *   records  16 words an op; the lists of a combine go on in the entries behind it
 */

import { type Layout, opWords } from './layout.js';
import type { Lists } from './op.js';

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

/**
 * Numbers of a combine with weights of its own for each target, up to which the ring has room for it: 8 MiB, or all models and deltas of
 * 1,024 nodes.
 */
const matrix = 2 ** 21;

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

/** The state of a posted op. */
export const tagOf = (k: number) => -(k + 1);

/** The word that says that the snapshot of descent number k was taken: it is then k + 1. */
export function snappedWord(layout: Layout, k: number): number {
  return (layout.snapped >>> 2) + (k % layout.shape.ops!);
}
