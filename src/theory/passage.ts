/**
 * How long information takes from node to node under gossip: the first passage time X of i to j. It is exact on the complete graph, on
 * rings, and on any graph of at most 16 nodes; elsewhere it is sampled, and says so.
 */

import type { Graph } from '../topology/graph.js';
import { completeBroadcast, completePassage, isComplete } from './complete.js';
import { type Estimate, exact, type Passage, type Sampling } from './estimate.js';
import { contactRate, flow, type Gossip, requireGossip, requireReach } from './flow.js';
import { sampledAverage, sampledPassage } from './percolation.js';
import { requireNumber } from './range.js';
import { ringOrder, ringPassage } from './ring.js';
import { mostNodes, subsetPassage } from './subsets.js';

/** From one node. Throws CONFIG_RANGE (gossip, source, sampling) and GRAPH_DISCONNECTED. */
export function passageFrom(graph: Graph, gossip: Gossip, source: number, sampling?: Sampling): Passage {
  const { nodes } = graph;
  requireNumber('source node', source, { whole: true, min: 0, max: nodes - 1 });
  requireTheory(graph, gossip);
  const average = symmetricAverage(graph, gossip);
  if (average) {
    const to: Estimate[] = Array(nodes).fill(average.mean); // so on the complete graph, to everyone but the source
    const times = isComplete(graph) ? [0] : ringPassage(nodes, contactRate(gossip));
    const order = ringOrder(graph, source) ?? [source];
    for (let place = 0; place < times.length; place++) to[order[place]] = exact(times[place]);
    return { to, ...average };
  }
  if (nodes > mostNodes) return sampledPassage(flow(graph, gossip), source, sampling);
  const { times, broadcast } = subsetPassage(flow(graph, gossip), source);
  return { to: Array.from(times, exact), mean: exact(sum(times) / (nodes - 1)), broadcast: exact(broadcast) };
}

/** The same averaged over all sources. Throws CONFIG_RANGE (gossip, sampling) and GRAPH_DISCONNECTED. */
export function averagePassage(graph: Graph, gossip: Gossip, sampling?: Sampling): Average {
  const { nodes } = graph;
  requireTheory(graph, gossip);
  const average = symmetricAverage(graph, gossip);
  if (average) return average;
  const moves = flow(graph, gossip);
  if (nodes > mostNodes) return sampledAverage(moves, sampling);
  const passages = Array.from({ length: nodes }, (_, source) => subsetPassage(moves, source));
  return {
    mean: exact(sum(passages.map(({ times }) => sum(times))) / (nodes * (nodes - 1))),
    broadcast: exact(sum(passages.map(({ broadcast }) => broadcast)) / nodes),
  };
}

type Average = Pick<Passage, 'mean' | 'broadcast'>;

/** The closed forms, where every node is as every other. */
function symmetricAverage(graph: Graph, gossip: Gossip): Average | undefined {
  const { nodes } = graph;
  const rate = contactRate(gossip);
  if (isComplete(graph))
    return {
      mean: exact(nodes > 1 ? completePassage(nodes, rate) : 0),
      broadcast: exact(completeBroadcast(nodes, rate)),
    };
  return ringOrder(graph, 0) && { mean: exact(nodes / (2 * rate)), broadcast: exact((nodes - 1) / rate) };
}

function requireTheory(graph: Graph, gossip: Gossip): void {
  requireGossip(gossip);
  requireReach(graph, gossip);
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < values.length; k++) total += values[k];
  return total;
}
