/** Erdos-Renyi graphs. */

import { logarithm } from '../logarithm.js';
import { exponential, source } from '../random.js';
import type { Graph } from './graph.js';
import { undirected } from './rows.js';

/**
 * G(n, p): each pair is an edge with probability p, 0 <= p <= 1, on its own. Pairs are visited by geometric jumps, so the time is
 * linear in nodes + edges (Batagelj and Brandes 2005, algorithm 1). It may be disconnected; `attempt` numbers independent draws.
 */
export function erdosRenyi(nodes: number, p: number, seed: number, attempt = 0): Graph {
  const draws = source(seed, 'topology erdos-renyi');
  const rate = p < 1e-5 ? p + (p * p) / 2 : -logarithm(1 - p); // of misses; 1 - p would lose a small p
  const ends: number[] = [];
  let draw = 0;
  let [high, low] = [1, -1]; // the pair (high, low), low < high, last chosen
  while (p > 0) {
    low += 1 + (p < 1 ? Math.floor(exponential(draws, attempt, draw++) / rate) : 0);
    while (low >= high && high < nodes) low -= high++;
    if (high >= nodes) break;
    ends.push(high, low);
  }
  return undirected(`erdos-renyi:${p}`, nodes, ends);
}
