/** What moves a run forward, live or in virtual time: the watch over it (watch.ts) knows no more than this. */

import type { VirtualNumbers } from '../engine/observer.js';

/** How far to go: whichever comes first. Infinity where there is no such limit. */
export interface Goal {
  /** Total of local steps over all nodes. */
  readonly steps: number;
  /** More seconds on the clock of the wall. */
  readonly seconds: number;
  /** Virtual time. */
  readonly time: number;
}

export interface Driver {
  /** Everybody takes a seat. */
  start(): Promise<void>;
  /** Goes on until a goal is reached, or `stopped()`; everybody is parked when it resolves. Throws the failure of the run. */
  advance(goal: Goal, stopped: () => boolean): Promise<void>;
  /** A job for the parked; resolves when all have done their part. */
  job(kind: number, models?: number, chunks?: number): Promise<void>;
  /** The run is to end: what is under way is cut short. */
  hurry(): void;
  /** Everybody leaves. With `now`, threads are terminated first. */
  stop(now?: boolean): Promise<void>;
  /** Terminates the thread in a slot, or all; what they committed is recovered, and successors sit down. Nothing where there is none. */
  terminate(thread?: number): Promise<void>;
  /** Threads that died and were replaced; nodes that are no longer served. */
  deaths(): number;
  quarantined(): readonly number[];
  /** What only a run in virtual time has. */
  virtual?(): VirtualNumbers;
  /** Of a run in virtual time: true when nothing more will happen until then; with Infinity, ever. */
  isOver?(until: number): boolean;
  /** Everybody is parked after an evaluation: a good place for a history to check itself. */
  mark?(steps: number, seconds: number, last: boolean): void;
}
