/** A graph as rounds in which every node tells all that it has edges to. */

import { degree, type Graph, neighbour } from '../../topology/graph.js';
import type { Rounds } from '../rounds.js';

export function graphRounds(graph: Graph): Rounds {
  const lists = Array.from({ length: graph.nodes }, (_, node) =>
    Array.from({ length: degree(graph, node) }, (_, k) => neighbour(graph, node, k)),
  );
  return { nodes: graph.nodes, period: 1, receivers: node => lists[node] };
}
