/** The part of a graph that can be drawn: all of it up to a thousand nodes, beyond that those around one node, and a limit of edges. */

import { degree, type Graph, neighbour } from '../topology/graph.js';

/** Nodes and edges up to which all are drawn. */
export const mostNodes = 1000;
export const mostEdges = 4000;

export interface View {
  readonly name: string;
  readonly nodes: number;
  readonly directed: boolean;
  /** The nodes that are drawn, ascending. */
  readonly shown: Uint32Array;
  /** Their edges, each once: places of the two ends in `shown`. Of the complete graph beyond 64 nodes none: all are neighbours. */
  readonly edges: Uint16Array;
  /** Edges between them that are not drawn. */
  readonly hidden: number;
}

export function viewOf(graph: Graph): View {
  const shown = graph.nodes <= mostNodes ? Uint32Array.from({ length: graph.nodes }, (_, k) => k) : around(graph);
  const place = new Map(Array.from(shown, (node, k) => [node, k]));
  const ends: number[] = [];
  let hidden = 0;
  if (!graph.offsets && shown.length > 64) hidden = (shown.length * (shown.length - 1)) / 2;
  else {
    shown.forEach((node, k) => {
      for (let j = 0; j < degree(graph, node); j++) {
        const other = place.get(neighbour(graph, node, j));
        if (other === undefined || (!graph.directed && other < k)) continue;
        if (ends.length < 2 * mostEdges) ends.push(k, other);
        else hidden++;
      }
    });
  }
  const { name, nodes, directed } = graph;
  return { name, nodes, directed, shown, edges: Uint16Array.from(ends), hidden };
}

/** Of the complete graph any will do; else those nearest to node 0, breadth first, so that they have edges. */
function around(graph: Graph): Uint32Array {
  if (!graph.offsets) return Uint32Array.from({ length: mostNodes }, (_, k) => Math.floor((k * graph.nodes) / mostNodes));
  const found = new Set([0]);
  for (const node of found) {
    for (let k = 0; k < degree(graph, node) && found.size < mostNodes; k++) found.add(neighbour(graph, node, k));
    if (found.size >= mostNodes) break;
  }
  return Uint32Array.from(found).sort();
}
