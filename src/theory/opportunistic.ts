/**
 * Opportunistic gossip on the complete graph: the node that updated last calls, at the rate of the whole network, until another node
 * updates. It pushes to uniformly chosen others.
 */

import { completePassage } from './complete.js';
import { type Estimate, exact } from './estimate.js';
import { requireNumber } from './range.js';

export interface Opportunistic {
  /** At least 2. */
  readonly nodes: number;
  /** lambda: the network makes nodes * lambda calls per unit of time. */
  readonly callRate: number;
  /** Lambda: versions per unit of time of each node. */
  readonly updateRate: number;
  /** Whether a receiver also learns what the caller has heard of others; else only the caller's own version counts. */
  readonly relay: boolean;
}

/**
 * E[S_i^j]. Exact when versions come as Poisson processes. Half fixed, half exponential durations come within 1 % of it in simulation;
 * equal durations do not, as the last updaters then follow each other in the same order for ever.
 *
 * Here gossip follows the updates, so E[S] = Lambda E[X] says nothing; the values come from the balance of the stationary state.
 * Without relay, S_i^j grows by 1 at rate Lambda and falls to 0 at rate m = n lambda / (n-1) while i is the last updater, L = i. So
 * Lambda = m E[S; L = i]. While L is another, S keeps what it was when i was overtaken, at rate (n-1) Lambda, until i updates again,
 * at rate Lambda: E[S; L = i] is E[S] / n. Together: (n-1) Lambda / lambda, bounded only when lambda grows like n.
 *
 * With relay, let f_k be the mean of the least S over k given nodes K, split by L: i; one of K, whose calls can't change it; or
 * another u, whose calls into K give K the knowledge of K and u. The three balances add up to
 * (n-k) f_k = (n-1) Lambda / (lambda k) + (n-k-1) f_(k+1), the very recursion of plain push gossip: Lambda H_(n-1) / lambda.
 *
 * Throws CONFIG_RANGE.
 */
export function opportunisticStaleness({ nodes, callRate, updateRate, relay }: Opportunistic): Estimate {
  requireNumber('nodes', nodes, { whole: true, min: 2, max: 2 ** 25 });
  requireNumber('call rate', callRate, { above: 0 });
  requireNumber('update rate', updateRate, { above: 0 });
  return exact(relay ? updateRate * completePassage(nodes, callRate) : ((nodes - 1) * updateRate) / callRate);
}
