/** The side of the agenda that plays: claiming the lowest op that is ready, and giving back what the dead had claimed. */

import { Field, floatOf, ringOf, snappedWord, type Touched, tagOf } from './agenda.js';
import { turnOf } from './guard.js';
import { type Intent, target } from './intent.js';
import { Control, controlWord, Header, type Layout, opWords } from './layout.js';
import type { Lists } from './op.js';
import { ring, type Words } from './words.js';

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
