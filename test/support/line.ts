/**
 * A short history, worked out by hand: ops with their turns and hands, and the value of every row after each of its turns, from
 * arithmetic in which the order of ops shows. It shares no code with the engine but the shape of an op.
 */

import type { Posted } from '../../src/engine/agenda.js';
import { Verb } from '../../src/engine/op.js';

/** An op without its turns: verb, rows, and for a combine what it sums (operands from `rows` on are differences). */
export interface Sketch {
  readonly verb: keyof typeof Verb;
  readonly a?: number;
  readonly b?: number;
  readonly targets?: readonly number[];
  readonly operands?: readonly number[];
  readonly weights?: readonly number[];
}

export interface Line {
  readonly rows: number;
  readonly ops: readonly Posted[];
  /** What row `row` is when it has had `turn` turns. */
  value(row: number, turn: number): number;
  turns(row: number): number;
  /** The difference that a descent leaves. */
  difference(op: number): number;
  hands(row: number): number;
  /** Which nodes' private things an op makes or uses. */
  handled(op: number): readonly number[];
}

export const startOf = (row: number) => 1000 * (row + 1);

/** Whole numbers modulo 2^32, so that every result is exact. */
export const arithmetic = {
  learn: (base: number, steps: number) => (Math.imul(5, base) + steps) | 0,
  commit: (x: number, d: number) => (Math.imul(3, x) + d) | 0,
  blend: (x: number, y: number) => (Math.imul(3, x) + Math.imul(5, y)) | 0,
  mix: (x: number, y: number): [number, number] => [(x + 2 * y) | 0, (Math.imul(3, x) + y) | 0],
  mixAndCommit: (x: number, y: number, d: number): [number, number] => [(x + 2 * y + 7 * d) | 0, (Math.imul(3, x) + y) | 0],
  mixAndCommitBoth: (x: number, y: number, d: number, e: number): [number, number] => [
    (x + 2 * y + 7 * d + 11 * e) | 0,
    (Math.imul(3, x) + y + 13 * d + 17 * e) | 0,
  ],
  combine: (factors: readonly number[], values: readonly number[]) =>
    factors.reduce((sum, factor, k) => (sum + Math.imul(Math.imul(2 * k + 3, factor), values[k])) | 0, 0),
};

/** Who only reads a row takes a turn too, but for the verbs in `free`: a bug. */
export function lineOf(rows: number, sketches: readonly Sketch[], free: readonly Sketch['verb'][] = []): Line {
  const values = Array.from({ length: rows }, (_, row) => [startOf(row)]);
  const hands = new Array<number>(rows).fill(0);
  const difference = new Array<number>(rows).fill(0);
  const results: { difference: number; handled: number[] }[] = [];
  const now = (row: number) => values[row].at(-1)!;
  const turn = (row: number) => values[row].length - 1;
  const hand = (row: number) => hands[row]++;
  const put = (row: number, value: number) => void values[row].push(value | 0);
  const pass = (row: number, verb: Sketch['verb']) => {
    if (!free.includes(verb)) put(row, now(row));
  };
  const { learn, commit, blend, mix, mixAndCommit, mixAndCommitBoth, combine } = arithmetic;

  const ops = sketches.map((sketch): Posted => {
    const { verb, a = -1, b = a, targets = [], operands = [], weights = [] } = sketch;
    const op: Posted = { verb: Verb[verb], a, b, turnA: -1, turnB: -1, handA: -1, handB: -1, x: 0, y: 0, w: 0.5, v: 0 };
    const handled: number[] = [];
    const own = (row: number) => {
      handled.push(row);
      return hand(row);
    };
    if (verb !== 'combine') {
      op.turnA = verb === 'descend' && a !== b ? -1 : turn(a);
      op.turnB = a === b ? op.turnA : turn(b);
    }
    const [x, y] = a < 0 ? [0, 0] : [now(a), now(b)];
    if (verb === 'descend') {
      op.x = 1 + (results.length % 3);
      op.handA = own(a);
      difference[a] = (learn(y, op.x) - y) | 0;
      pass(b, verb);
    } else if (verb === 'commit') {
      op.x = -1;
      op.handA = own(a);
      put(b, commit(y, difference[a]));
      if (a !== b) put(a, x);
    } else if (verb === 'mix') {
      const [p, q] = mix(x, y);
      put(a, p);
      put(b, q);
    } else if (verb === 'pull') {
      put(a, blend(x, y));
      pass(b, verb);
    } else if (verb === 'mixAndCommit') {
      op.x = 1;
      op.handA = own(a);
      const [p, q] = mixAndCommit(x, y, difference[a]);
      put(a, p);
      put(b, q);
    } else if (verb === 'mixAndCommitBoth') {
      op.x = op.y = 1;
      op.handA = own(a);
      op.handB = own(b);
      const [p, q] = mixAndCommitBoth(x, y, difference[a], difference[b]);
      put(a, p);
      put(b, q);
    } else if (verb === 'stow') {
      put(a, y);
      pass(b, verb);
    } else if (verb === 'absorb') {
      op.v = 0.5;
      put(a, blend(x, y));
      pass(b, verb);
    } else if (verb === 'adopt') {
      op.handA = own(a);
      put(a, y);
      pass(b, verb);
    } else if (verb === 'combine') {
      const touched = [...new Set([...targets, ...operands.map(operand => operand % rows)])].sort((p, q) => p - q);
      const deltas = operands.filter(operand => operand >= rows).map(operand => operand - rows);
      op.lists = { targets, operands, weights };
      op.touched = touched.map(row => ({ row, turn: turn(row), hand: deltas.includes(row) ? own(row) : -1 }));
      const inputs = operands.map(operand => (operand < rows ? now(operand) : difference[operand - rows]));
      const sums = targets.map((_, t) =>
        combine(weights.length === operands.length ? weights : weights.slice(t * operands.length), inputs),
      );
      for (const row of touched) {
        if (targets.includes(row)) put(row, sums[targets.indexOf(row)]);
        else pass(row, verb);
      }
    } else throw new Error(`no arithmetic for ${verb}`);
    results.push({ difference: difference[a] ?? 0, handled });
    return op;
  });

  return {
    rows,
    ops,
    value: (row, at) => values[row][at],
    turns: turn,
    difference: op => results[op].difference,
    hands: row => hands[row],
    handled: op => results[op].handled,
  };
}
