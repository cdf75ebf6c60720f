/** What a thread's time goes into. */

import { Thread } from './layout.js';

/** Sums of milliseconds of one thread. */
export interface Times {
  working: number;
  gossip: number;
  blocked: number;
  /** Counts a round in which there was nothing to do. */
  idle(): void;
  /** Writes the sums where the observer reads them. */
  publish(): void;
}

/**
 * Times are kept in plain numbers and written to the thread's block, which begins at word `block`, when somebody may look; a successor
 * goes on from there.
 */
export function openTimes(ints: Int32Array, doubles: Float64Array, block: number): Times {
  const times: Times = {
    working: doubles[(block + Thread.Working) / 2],
    gossip: doubles[(block + Thread.Gossip) / 2],
    blocked: doubles[(block + Thread.Blocked) / 2],
    idle() {
      ints[block + Thread.Idle]++;
    },
    publish() {
      doubles[(block + Thread.Working) / 2] = times.working;
      doubles[(block + Thread.Gossip) / 2] = times.gossip;
      doubles[(block + Thread.Blocked) / 2] = times.blocked;
    },
  };
  return times;
}
