/** fast-check arbitraries for property tests of algorithms: graphs, schedules and partitions. fast-check is the user's own. */

import fc from 'fast-check';
import type { Row } from '../engine/algorithm.js';
import type { Graph } from '../topology/graph.js';
import { topology } from '../topology/topology.js';
import type { Rehearsal } from './rehearsal.js';

/** A connected undirected graph over 1 to `most` nodes: one of the families, or a random tree with more edges. Shrinks to few nodes. */
export function connectedGraph(most = 16): fc.Arbitrary<Graph> {
  return fc
    .record({
      nodes: fc.integer({ min: 1, max: most }),
      family: fc.constantFrom('complete', 'ring', 'star', 'tree'),
      parents: fc.array(fc.nat(), { minLength: most, maxLength: most }),
      extra: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: most }),
    })
    .map(({ nodes, family, parents, extra }) => {
      if (family === 'complete' || nodes < 3) return topology('complete', nodes, 1);
      if (family !== 'tree') return topology(family, nodes, 1);
      const edges = parents.slice(1, nodes).map((parent, k): [number, number] => [k + 1, parent % (k + 1)]);
      return graphOf(nodes, [...edges, ...extra.map(([a, b]): [number, number] => [a % nodes, b % nodes])]);
    });
}

/** Any undirected graph over 1 to `most` nodes, disconnected ones and isolated nodes among them. */
export function anyGraph(most = 16): fc.Arbitrary<Graph> {
  return fc
    .record({
      nodes: fc.integer({ min: 1, max: most }),
      edges: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 2 * most }),
    })
    .map(({ nodes, edges }) =>
      graphOf(
        nodes,
        edges.map(([a, b]): [number, number] => [a % nodes, b % nodes]),
      ),
    );
}

/** The order of a run: which node acts next. A node that acts begins a piece of work, or finishes the one that it has begun. */
export function schedule(nodes: number, most = 60): fc.Arbitrary<Row[]> {
  return fc.array(fc.nat(nodes - 1), { minLength: 1, maxLength: most });
}

/** Plays a schedule on a rehearsal; `after` is called when a piece has been finished. Meetings are held when all have arrived. */
export function play(stage: Rehearsal, order: readonly Row[], after: (node: Row) => void = () => {}): void {
  for (const node of order) {
    if (stage.hasArrived(node)) stage.meet();
    if (stage.hasArrived(node)) continue; // others are still on their way to the barrier
    if (!stage.isPending(node)) stage.begin(node);
    else if (stage.finish(node)) after(node);
  }
}

/** Which node gets which of `samples` samples: a node for each sample, every node at least one (so `samples` >= `nodes`). */
export function partition(nodes: number, samples: number): fc.Arbitrary<Row[]> {
  return fc
    .array(fc.nat(nodes - 1), { minLength: samples, maxLength: samples })
    .map(owners => owners.map((owner, sample) => (sample < nodes ? sample : owner)));
}

function graphOf(nodes: number, edges: readonly [number, number][]): Graph {
  const lists = Array.from({ length: nodes }, () => new Set<number>());
  for (const [a, b] of edges) {
    if (a === b) continue;
    lists[a].add(b);
    lists[b].add(a);
  }
  const offsets = new Uint32Array(nodes + 1);
  lists.forEach((list, node) => {
    offsets[node + 1] = offsets[node] + list.size;
  });
  const targets = Uint32Array.from(lists.flatMap(list => [...list].sort((a, b) => a - b)));
  return { name: 'arbitrary', nodes, directed: false, offsets, targets };
}
