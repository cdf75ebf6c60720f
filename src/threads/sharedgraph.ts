/** A graph that threads read together. */

import type { Graph } from '../topology/graph.js';

/** The graph's arrays in shared memory, so that threads read one copy. */
export function shareGraph(graph: Graph): Graph {
  if (!graph.offsets || !graph.targets) return graph;
  const share = (from: Uint32Array) => {
    const to = new Uint32Array(new SharedArrayBuffer(from.byteLength));
    to.set(from);
    return to;
  };
  return { ...graph, offsets: share(graph.offsets), targets: share(graph.targets) };
}
