/** How often a node ticks: gossip exchanges a second. */

import { readNumber } from '../decimal.js';
import { logarithm } from '../logarithm.js';

/** What may be written for a rate, for help texts and errors. */
export const rateSyntax = 'a number | log | n';

/**
 * Ticks per second of each node: a number above 0, `log` for ln n (the least order that keeps staleness bounded as the network
 * grows), `n` for n. A network of one node has the rates of two. Throws CONFIG_RANGE, naming `where`.
 */
export function readRate(text: string, nodes: number, where = 'rate'): number {
  const n = Math.max(2, nodes);
  if (text === 'log') return logarithm(n);
  if (text === 'n') return n;
  return readNumber(text, { above: 0, max: 1e9 }, `${where} (${rateSyntax})`);
}
