/**
 * From the streams of a history to one order that the turns allow: an op may come when each of its rows has had exactly the ops before
 * it. The earliest op that has not come yet always stands at the front of some stream, so this needs one op a stream, and ends.
 */

import type { Posted } from '../agenda.js';
import { openHands } from '../notes.js';

/** The ops of one stream, in order. Null at the end of what there is. */
export interface Stream {
  next(): Posted | null;
}

export interface Merge {
  /** The next op, its hands counted; null when all streams are at their end; asked again, it looks for more. Throws Stuck. */
  next(): Posted | null;
}

/** No front fits the turns: ops are missing, or do not belong together. */
export class Stuck extends Error {
  /** Ops that came before. */
  readonly ops: number;

  constructor(ops: number) {
    super(`no stream has an op that may come after the first ${ops}`);
    this.ops = ops;
  }
}

export function openMerge(streams: readonly Stream[], rows: number): Merge {
  const turns = new Int32Array(rows);
  const hands = openHands(rows);
  const fronts: (Posted | null)[] = streams.map(() => null);
  let dry = true;
  let last = 0;
  let ops = 0;

  const has = (row: number, turn: number) => row < 0 || turn < 0 || turns[row] === turn;
  const fits = (op: Posted) =>
    has(op.a, op.turnA) && has(op.b, op.turnB) && (op.touched ?? []).every(({ row, turn }) => has(row, turn));
  const pass = (row: number, turn: number) => {
    if (row >= 0 && turn >= 0) turns[row] = (turn + 1) & 0xffffff;
  };

  return {
    next() {
      if (dry) streams.forEach((stream, k) => void (fronts[k] ??= stream.next()));
      dry = false;
      for (let k = 0; k < fronts.length; k++) {
        const index = (last + k) % fronts.length;
        const op = fronts[index];
        if (!op || !fits(op)) continue;
        last = index;
        fronts[index] = streams[index].next();
        pass(op.a, op.turnA);
        pass(op.b, op.turnB);
        for (const { row, turn } of op.touched ?? []) pass(row, turn);
        hands.count(op);
        ops++;
        return op;
      }
      if (fronts.some(front => front !== null)) throw new Stuck(ops);
      dry = true;
      return null;
    },
  };
}
