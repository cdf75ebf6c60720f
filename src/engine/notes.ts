/** From the verbs to a history: what each op expects of its rows, read off the control words while they are held. */

import type { Posted } from './agenda.js';
import { isDelta, rowsOf } from './cell.js';
import { turnOf } from './guard.js';
import { Control, controlWord, type Layout } from './layout.js';
import { type Lists, type Scribe, Verb } from './op.js';
import type { Words } from './words.js';

/** A scribe that hands every op on, its hands not counted; `sink` must not keep the object. */
export function noteOps(words: Words, layout: Layout, sink: (op: Posted) => void): Scribe {
  const turn = (row: number) => turnOf(words.load(controlWord(layout, row, Control.Turn)));
  const op: Posted = { verb: 0, a: 0, b: 0, turnA: -1, turnB: -1, handA: -1, handB: -1, x: 0, y: 0, w: 0, v: 0 };

  function touchedBy(lists: Lists): Posted['touched'] {
    return rowsOf([...lists.targets, ...lists.operands], layout.rows).map(row => ({ row, turn: turn(row), hand: -1 }));
  }

  return {
    reserve() {},
    note(_intent, verb, a, b, x, y, w, v, lists) {
      op.verb = verb;
      op.a = a;
      op.b = b;
      op.x = x;
      op.y = y;
      op.w = w;
      op.v = v;
      // A descent takes the turn of the row that it copies, and of no other.
      op.turnA = a < 0 || (verb === Verb.descend && a !== b) ? -1 : turn(a);
      op.turnB = b < 0 ? -1 : turn(b);
      op.handA = op.handB = -1;
      op.lists = lists;
      op.touched = lists && touchedBy(lists);
      sink(op);
    },
  };
}

/** Verbs that make or use what is private to node `a`: they follow each other by its hand. */
const handed: readonly number[] = [
  ...[Verb.descend, Verb.commit, Verb.mixAndCommit, Verb.mixAndCommitBoth],
  ...[Verb.apply, Verb.adopt, Verb.meet],
];

export interface Hands {
  /** Writes into the op the hands that it expects. Ops must come in an order that their turns allow. */
  count(op: Posted): void;
}

/**
 * Counts, for each node, the ops that made or used what is private to it: differences, and the optimizer's state. `hands`: so many were
 * before.
 */
export function openHands(rows: number, hands = new Int32Array(rows)): Hands {
  return {
    count(op) {
      if (handed.includes(op.verb)) op.handA = hands[op.a]++;
      if (op.verb === Verb.mixAndCommitBoth) op.handB = hands[op.b]++;
      if (!op.lists) return;
      const deltas = new Set(op.lists.operands.filter(cell => isDelta(cell, rows)));
      op.touched = op.touched!.map(touched =>
        deltas.has(touched.row + rows) ? { ...touched, hand: hands[touched.row]++ } : touched,
      );
    },
  };
}
