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
  /** Second smallest Laplacian eigenvalue, where the family has it in closed form. */
  readonly lambda2?: number;
  /** Disconnected draws of a random graph that were thrown away before this one. */
  readonly redraws?: number;
}

/** How many neighbours `node` has, 0 <= node < nodes; of a directed graph, those that it sends to. */
export function degree(graph: Graph, node: number): number {
  return graph.offsets ? graph.offsets[node + 1] - graph.offsets[node] : graph.nodes - 1;
}

/** The k-th neighbour of `node`, 0 <= k < degree. */
export function neighbour(graph: Graph, node: number, k: number): number {
  if (graph.offsets) return graph.targets![graph.offsets[node] + k];
  return k < node ? k : k + 1;
}

/** The place k of `other` among the neighbours of `node`, or -1. */
export function place(graph: Graph, node: number, other: number): number {
  if (!graph.offsets) return other === node ? -1 : other < node ? other : other - 1;
  let low = graph.offsets[node];
  let high = graph.offsets[node + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (graph.targets![middle] < other) low = middle + 1;
    else high = middle;
  }
  return low < graph.offsets[node + 1] && graph.targets![low] === other ? low - graph.offsets[node] : -1;
}

/** The two ends of an arc, an edge in one direction: a uniform one of all for `u` uniform in [0, 1). */
export function arc({ nodes, offsets, targets }: Graph, u: number): [from: number, to: number] {
  if (!offsets || !targets) {
    const k = Math.floor(u * nodes * (nodes - 1));
    const from = Math.floor(k / (nodes - 1));
    const to = k % (nodes - 1);
    return [from, to < from ? to : to + 1];
  }
  const k = Math.floor(u * targets.length);
  let low = 0;
  let high = nodes - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (offsets[middle] <= k) low = middle;
    else high = middle - 1;
  }
  return [low, targets[k]];
}

/** Number of edges; an undirected edge counts once. */
export function edges(graph: Graph): number {
  const arcs = graph.targets ? graph.targets.length : graph.nodes * (graph.nodes - 1);
  return graph.directed ? arcs : arcs / 2;
}
