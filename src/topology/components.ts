/** Connectivity. */

import { HearsayError } from '../errors.js';
import type { Graph } from './graph.js';
import { directed } from './rows.js';

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
export function requireConnected(graph: Graph, remedy?: string): void {
  requireOnePiece(graph, remedy);
  requireReachable(graph);
}

/** The same where edges may be gone both ways, whatever they say. */
export function requireOnePiece(graph: Graph, remedy = 'add edges between the components'): void {
  const sizes = components(graph);
  if (sizes.length <= 1) return;
  const shown = sizes.slice(0, 8).join(', ') + (sizes.length > 8 ? ', ...' : '');
  const after = graph.redraws === undefined ? '' : ` after ${graph.redraws} redraws`;
  throw new HearsayError(
    'GRAPH_DISCONNECTED',
    `topology ${graph.name} of ${graph.nodes} nodes${after}: found ${sizes.length} components of sizes ${shown}; allowed is one; ${remedy}`,
  );
}

/** Of a directed graph: along its edges node 0 must reach all, and all must reach node 0. */
function requireReachable({ name, nodes, directed: oneWay, offsets, targets }: Graph): void {
  if (!oneWay || !offsets || !targets) return;
  const arcs = Array.from({ length: nodes }, (_, from) =>
    [...targets.subarray(offsets[from], offsets[from + 1])].flatMap(to => [to, from]),
  );
  const ways = { 'from node 0 to node': { offsets, targets }, 'to node 0 from node': directed(name, nodes, arcs.flat()) };
  for (const [way, along] of Object.entries(ways)) {
    const missed = unreached(nodes, along.offsets!, along.targets!);
    if (missed < 0) continue;
    throw new HearsayError(
      'GRAPH_DISCONNECTED',
      `topology ${name}: found no way ${way} ${missed} along its edges; allowed is one between any two nodes; add an edge`,
    );
  }
}

/** A node to which no way leads from node 0, or -1. */
function unreached(nodes: number, offsets: Uint32Array, targets: Uint32Array): number {
  const reached = new Uint8Array(nodes);
  const open = [0];
  reached[0] = 1;
  while (open.length > 0) {
    const node = open.pop()!;
    for (let a = offsets[node]; a < offsets[node + 1]; a++) {
      if (reached[targets[a]]) continue;
      reached[targets[a]] = 1;
      open.push(targets[a]);
    }
  }
  return reached.indexOf(0);
}
