/** Where information moves, and how often: gossip on a graph as independent Poisson processes on arcs. */

import { HearsayError } from '../errors.js';
import { requireConnected, requireOnePiece } from '../topology/components.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import { requireNumber } from './range.js';

/** Which way a call moves information: to the callee, to the caller, both ways. */
export type Mix = 'push' | 'pull' | 'pairwise';

/** Who calls whom, how often, and which way what is known moves. */
export interface Gossip {
  readonly mix: Mix;
  /** lambda: calls per unit of time that each node makes, each to a uniformly chosen neighbour. */
  readonly rate: number;
}

/** Arcs out of node i: offsets[i] .. offsets[i+1]-1, each with the node it leads to and its rate. Two of them may be parallel. */
export interface Flow {
  readonly nodes: number;
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
  readonly rates: Float64Array;
}

/** The flow of `gossip` on `graph`: a call of i to j has rate lambda / degree(i). */
export function flow(graph: Graph, { mix, rate }: Gossip): Flow {
  const { nodes } = graph;
  const call = (visit: (from: number, to: number, rate: number) => void) => {
    for (let node = 0; node < nodes; node++)
      for (let k = 0; k < degree(graph, node); k++) {
        const other = neighbour(graph, node, k);
        if (mix !== 'pull') visit(node, other, rate / degree(graph, node));
        if (mix !== 'push') visit(other, node, rate / degree(graph, node));
      }
  };
  const offsets = new Uint32Array(nodes + 1);
  call(from => void offsets[from + 1]++);
  for (let node = 0; node < nodes; node++) offsets[node + 1] += offsets[node];
  const targets = new Uint32Array(offsets[nodes]);
  const rates = new Float64Array(offsets[nodes]);
  const cursor = offsets.slice();
  call((from, to, rate) => {
    rates[cursor[from]] = rate;
    targets[cursor[from]++] = to;
  });
  return { nodes, offsets, targets, rates };
}

/** How often information comes to a node of a regular graph: lambda, or 2 lambda when calls move it both ways. */
export function contactRate({ mix, rate }: Gossip): number {
  return mix === 'pairwise' ? 2 * rate : rate;
}

/** Throws CONFIG_RANGE for a mix or a rate that is none. */
export function requireGossip({ mix, rate }: Gossip): void {
  if (!['push', 'pull', 'pairwise'].includes(mix))
    throw new HearsayError('CONFIG_RANGE', `gossip: found mix ${mix}, allowed is push | pull | pairwise`);
  requireNumber('gossip rate', rate, { above: 0 });
}

/** Throws GRAPH_DISCONNECTED, with the component sizes, unless information of every node can reach every other. */
export function requireReach(graph: Graph, { mix }: Gossip): void {
  if (mix === 'pairwise') requireOnePiece(graph);
  else requireConnected(graph);
}
