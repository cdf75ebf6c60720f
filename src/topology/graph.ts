/** The contract of a graph: neighbours of node i are targets[offsets[i] .. offsets[i+1]-1], ascending (compressed sparse rows). */

export interface Graph {
  /** As the user wrote it: `ring`, `regular:4`, ... */
  readonly name: string;
  readonly nodes: number;
  /** True when i -> j need not imply j -> i. */
  readonly directed: boolean;
  /** Absent for the complete graph, which is implicit: every node but itself. */
  readonly offsets?: Uint32Array;
  readonly targets?: Uint32Array;
}

export function degree(graph: Graph, node: number): number {
  return graph.offsets ? graph.offsets[node + 1] - graph.offsets[node] : graph.nodes - 1;
}

/** The k-th neighbour of `node`, 0 <= k < degree. */
export function neighbour(graph: Graph, node: number, k: number): number {
  if (graph.offsets) return graph.targets![graph.offsets[node] + k];
  return k < node ? k : k + 1;
}
