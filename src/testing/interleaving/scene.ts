/** What is explored: the words, the programs, what may go wrong, and what must hold. */

import type { Access, Cells, Piece } from './program.js';

/** A step, as a hook sees it. */
export interface StepEvent {
  /** 0, 1, ... a worker; `workers.length` the supervisor. */
  readonly worker: number;
  readonly access: Access;
  /** What the access returned; of a wait: 0 ok (or asleep), 1 not-equal, 2 timed-out. */
  readonly result: number;
  /** The worker died just after it. */
  readonly died: boolean;
}

/** What is explored: words, programs, what may go wrong, and what must hold. */
export interface Scene {
  /** Shared words, all 0 at the start. */
  readonly words: number;
  /** Words of the test's own, 0 at the start. */
  readonly ghosts?: number;
  /** A program each; one of several pieces keeps nothing in between. */
  readonly workers: readonly (Piece | readonly Piece[])[];
  /** Deaths of workers, each just after any step, or after it was woken. 0 by default. */
  readonly crashes?: number;
  /** Only the first so many workers die. All by default. */
  readonly mortal?: number;
  /** What the supervisor does once a worker is dead; its current piece is then run again from its start. Without it the dead stay dead. */
  readonly recover?: (shared: Parameters<Piece>[0], worker: number) => void;
  /** Sleeps that may end by time-out. 0 by default: then every wake-up must come. */
  readonly timeouts?: number;
  /**
   * A program that has made the same load, or the same failing compare-exchange, so often in a row with the same result is not taken
   * further until the word has changed. 8 by default: raise it where a bounded spin of more gives up.
   */
  readonly spins?: number;
  /** The worker whose words these are: plain accesses of it are then private, those of others a failure. */
  readonly ownerOf?: (index: number) => number | undefined;
  /**
   * True when no other worker touches what this access touches before this worker has gone on, because it holds a lock, say. Such
   * an access is private too. The scene must check, in `onStep`, that the lock is kept to: then nothing is hidden.
   */
  readonly isQuiet?: (access: Access, worker: number, cells: Cells) => boolean;
  /** Writes the words before anybody starts. */
  readonly prepare?: (cells: Cells) => void;
  /** After every access but the plain ones of words that have an owner: may write ghosts, throws what is wrong. */
  readonly onStep?: (event: StepEvent, cells: Cells) => void;
  /** When all have finished: throws what is wrong. */
  readonly atEnd?: (cells: Cells) => void;
  /** For printed schedules. */
  readonly nameOf?: (index: number) => string;
}

/** A transition: the process, one of the outcomes of its access, and whether it dies just after. */
export interface Transition {
  readonly process: number;
  readonly outcome: Outcome;
  readonly died: boolean;
}

/** A number: of the choice, or of the sleeper to wake. The two words are about the process itself. */
export type Outcome = number | 'timed-out' | 'dies';

/** What a hook of a scene may throw to say that something does not hold; any error will do. */
export class Failure extends Error {
  override readonly name = 'Failure';
}
