/** From a list of edges to compressed sparse rows. */

import type { Graph } from './graph.js';

/**
 * The undirected graph of the edges ends[0]-ends[1], ends[2]-ends[3], ..., each given once or more often, from either end: rows
 * ascending, every edge stored from both ends, once. Linear time: the arcs are bucketed by target and then, keeping that order, by
 * source. Ends must be below `nodes`, and the two of an edge differ.
 */
export function undirected(
  name: string,
  nodes: number,
  ends: Uint32Array | readonly number[],
  known: Partial<Graph> = {},
): Graph {
  const starts = bucketStarts(nodes, ends); // both bucketings have the same sizes: every edge goes both ways
  const sources = new Uint32Array(ends.length); // the sources of the arcs into node 0, of those into node 1, ...
  const cursor = starts.slice();
  for (let e = 0; e < ends.length; e += 2) {
    sources[cursor[ends[e + 1]]++] = ends[e];
    sources[cursor[ends[e]]++] = ends[e + 1];
  }
  const sorted = new Uint32Array(ends.length);
  cursor.set(starts);
  for (let node = 0; node < nodes; node++)
    for (let a = starts[node]; a < starts[node + 1]; a++) sorted[cursor[sources[a]]++] = node;
  return { ...known, name, nodes, directed: false, ...withoutRepeats(starts, sorted) };
}

/**
 * The graph of the arcs ends[0] -> ends[1], ends[2] -> ends[3], ..., each given once or more often: rows ascending, every arc stored once,
 * at its source.
 */
export function directed(name: string, nodes: number, ends: Uint32Array | readonly number[]): Graph {
  const lists = Array.from({ length: nodes }, () => new Set<number>());
  for (let e = 0; e < ends.length; e += 2) lists[ends[e]].add(ends[e + 1]);
  const offsets = new Uint32Array(nodes + 1);
  lists.forEach((list, node) => {
    offsets[node + 1] = offsets[node] + list.size;
  });
  return {
    name,
    nodes,
    directed: true,
    offsets,
    targets: Uint32Array.from(lists.flatMap(list => [...list].sort((a, b) => a - b))),
  };
}

function bucketStarts(nodes: number, ends: ArrayLike<number>): Uint32Array {
  const starts = new Uint32Array(nodes + 1);
  for (let k = 0; k < ends.length; k++) starts[ends[k] + 1]++;
  for (let node = 0; node < nodes; node++) starts[node + 1] += starts[node];
  return starts;
}

function withoutRepeats(starts: Uint32Array, sorted: Uint32Array): { offsets: Uint32Array; targets: Uint32Array } {
  const offsets = new Uint32Array(starts.length);
  let kept = 0;
  for (let node = 0; node + 1 < starts.length; node++) {
    for (let a = starts[node]; a < starts[node + 1]; a++)
      if (a === starts[node] || sorted[a] !== sorted[a - 1]) sorted[kept++] = sorted[a];
    offsets[node + 1] = kept;
  }
  return { offsets, targets: kept === sorted.length ? sorted : sorted.slice(0, kept) };
}
