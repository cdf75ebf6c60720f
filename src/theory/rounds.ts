/** How many rounds progress is on its way where it goes one edge a round, and all wait for all. */

import { HearsayError } from '../errors.js';
import { below, source as draws } from '../random.js';
import { type Estimate, exact, type Sampling, Tally } from './estimate.js';
import { requireNumber } from './range.js';

/** Who gets a message of `node` in round `round`; the same again every `period` rounds. Who has something keeps it. */
export interface Rounds {
  readonly nodes: number;
  readonly period: number;
  readonly receivers: (node: number, round: number) => readonly number[];
}

/** Looks at a node that a mean may take. */
const work = 3e7;

/**
 * Rounds until something that a node has before one is at another, averaged over all pairs and over the rounds in which it may begin: the
 * mean distance for receivers that stay the same. From all nodes, or, where that is too much, from drawn ones. Infinity where somebody is
 * never reached. Throws CONFIG_RANGE.
 */
export function meanArrival(rounds: Rounds, sampling: Sampling = {}): Estimate {
  const { nodes, period } = rounds;
  requireNumber('nodes', nodes, { whole: true, min: 2 });
  requireNumber('rounds: period', period, { whole: true, min: 1 });
  const arcs = Array.from({ length: Math.min(nodes, 1000) }, (_, node) => rounds.receivers(node, 0).length);
  const each = period * nodes * (1 + arcs.reduce((sum, count) => sum + count, 0) / arcs.length) * 4;
  const most = Math.max(sampling.samples ?? 16, Math.floor(work / each));
  const tally = new Tally();
  let sum = 0;
  const all = nodes <= most;
  const sources = all ? nodes : most;
  const drawn = draws(sampling.seed ?? 0, 'rounds');
  for (let k = 0; k < sources; k++) {
    const source = all ? k : below(drawn, 0, k, nodes);
    let own = 0;
    for (let phase = 0; phase < period; phase++) own += arrivalFrom(rounds, source, phase) / period;
    if (own === Number.POSITIVE_INFINITY) return exact(own);
    sum += own / sources;
    tally.add(own);
  }
  return all ? exact(sum) : tally.estimate();
}

/** Mean over the other nodes. */
function arrivalFrom({ nodes, receivers, period }: Rounds, source: number, phase: number): number {
  const has = new Uint8Array(nodes);
  has[source] = 1;
  const holders = [source];
  let [sum, idle, told] = [0, 0, 0];
  for (let round = 1; holders.length < nodes; round++) {
    const before = holders.length;
    for (let k = period === 1 ? told : 0; k < before; k++)
      for (const to of receivers(holders[k], phase + round - 1))
        if (has[to] === 0) {
          has[to] = 1;
          holders.push(to);
          sum += round;
        }
    told = before;
    idle = holders.length > before ? 0 : idle + 1;
    if (idle >= period) return Number.POSITIVE_INFINITY;
  }
  return sum / (nodes - 1);
}

/** The least number of rounds after which everything comes again. Throws CONFIG_RANGE above 5,040. */
export function periodOf(lengths: Iterable<number>): number {
  let period = 1;
  for (const length of new Set(lengths)) {
    if (length < 2) continue;
    let [a, b] = [period, length];
    while (b > 0) [a, b] = [b, a % b];
    period *= length / a;
    if (period > 5040)
      throw new HearsayError(
        'CONFIG_RANGE',
        'rounds: who sends to whom comes again after more than 5040 rounds, allowed are 5040',
      );
  }
  return period;
}
