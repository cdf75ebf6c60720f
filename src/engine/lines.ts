/**
 * The lines on which nodes send, each of so many bytes a second: a message starts when all that its node has sent before it is gone, and
 * is on its way once it is gone itself. One that gets lost has taken its time too. An average with a partner is sent by the node that
 * asks for it.
 */

import type { Row } from './algorithm.js';

export interface Lines {
  /** Seconds from `now` until the line of `node` has taken another `bytes` bytes. */
  take(node: Row, bytes: number, now: number): number;
  /** A newcomer's line is free. */
  clear(node: Row): void;
}

/** `free[node]`: when its line is free, in virtual seconds. */
export function openLines(free: Float64Array, bandwidth = Number.POSITIVE_INFINITY): Lines {
  return {
    take(node, bytes, now) {
      if (bandwidth === Number.POSITIVE_INFINITY) return 0;
      const wait = Math.max(0, free[node] - now) + bytes / bandwidth;
      free[node] = now + wait;
      return wait;
    },
    clear(node) {
      free[node] = 0;
    },
  };
}
