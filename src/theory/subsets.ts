/** First passage on any small graph, exactly: over all sets that information may have reached. */

import type { Flow } from './flow.js';

/** Above this, sets are too many: 2^nodes numbers are stored, and 2^nodes nodes^2 steps taken, for each source. */
export const mostNodes = 16;

/**
 * Mean times from `source` to each node and until all have it, for a flow of at most `mostNodes` nodes that reaches all. The
 * informed set only grows; it rests in a set S for 1 / (rate out of S) on average, if it ever is S, and whoever is not in S waits
 * that long. A set with one more node is a larger number, so one ascending pass meets every set after those it comes from.
 */
export function subsetPassage(flow: Flow, source: number): { times: Float64Array; broadcast: number } {
  const { nodes } = flow;
  const rates = dense(flow);
  const everyone = 2 ** nodes - 1;
  const chance = new Float64Array(everyone + 1); // that the informed set is S at some time
  const times = new Float64Array(nodes);
  const into = new Float64Array(nodes); // rate from S to each node
  let broadcast = 0;
  chance[1 << source] = 1;
  for (let set = 1 << source; set < everyone; set++) {
    if (chance[set] === 0) continue;
    into.fill(0);
    let out = 0;
    for (let from = 0; from < nodes; from++)
      if (set & (1 << from))
        for (let to = 0; to < nodes; to++)
          if (!(set & (1 << to))) {
            into[to] += rates[from * nodes + to];
            out += rates[from * nodes + to];
          }
    const rest = chance[set] / out;
    broadcast += rest;
    for (let to = 0; to < nodes; to++)
      if (!(set & (1 << to))) {
        times[to] += rest;
        chance[set | (1 << to)] += rest * into[to];
      }
  }
  return { times, broadcast };
}

function dense({ nodes, offsets, targets, rates }: Flow): Float64Array {
  const matrix = new Float64Array(nodes * nodes);
  for (let node = 0; node < nodes; node++)
    for (let a = offsets[node]; a < offsets[node + 1]; a++) matrix[node * nodes + targets[a]] += rates[a];
  return matrix;
}
