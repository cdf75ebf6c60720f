/** Connectivity. */

import { HearsayError } from '../errors.js';
import type { Graph } from './graph.js';

/** Sizes of the connected components, largest first (directions ignored). */
export function components(graph: Graph): number[] {
  const { nodes, offsets, targets } = graph;
  if (!offsets || !targets) return nodes > 0 ? [nodes] : [];
  const parent = Uint32Array.from({ length: nodes }, (_, node) => node);
  const root = (node: number) => {
    while (parent[node] !== node) node = parent[node] = parent[parent[node]];
    return node;
  };
  for (let node = 0; node < nodes; node++)
    for (let a = offsets[node]; a < offsets[node + 1]; a++) {
      const [one, other] = [root(node), root(targets[a])];
      parent[Math.max(one, other)] = Math.min(one, other);
    }
  const sizes = new Uint32Array(nodes);
  for (let node = 0; node < nodes; node++) sizes[root(node)]++;
  return [...sizes.filter(size => size > 0).sort()].reverse();
}

/** Throws GRAPH_DISCONNECTED, with the component sizes, unless every node can reach every other. `remedy` ends the message. */
export function requireConnected(graph: Graph, remedy = 'add edges between the components'): void {
  const sizes = components(graph);
  if (sizes.length <= 1) return;
  const shown = sizes.slice(0, 8).join(', ') + (sizes.length > 8 ? ', ...' : '');
  const after = graph.redraws === undefined ? '' : ` after ${graph.redraws} redraws`;
  throw new HearsayError(
    'GRAPH_DISCONNECTED',
    `topology ${graph.name} of ${graph.nodes} nodes${after}: found ${sizes.length} components of sizes ${shown}; allowed is one; ${remedy}`,
  );
}
