import fc from 'fast-check';
import type { Graph } from '../../src/topology/graph.js';
import { undirected } from '../../src/topology/rows.js';

/** A graph of 1 to `largest` nodes with any edges at all: often disconnected, often with isolated nodes. */
export function anyGraph(largest: number): fc.Arbitrary<{ graph: Graph; pairs: [number, number][] }> {
  return fc
    .integer({ min: 1, max: largest })
    .chain(nodes => {
      const node = fc.nat(nodes - 1);
      const pair = fc.tuple(node, node).filter(([a, b]) => a !== b);
      return fc.tuple(fc.constant(nodes), nodes > 1 ? fc.array(pair, { maxLength: 3 * nodes }) : fc.constant([]));
    })
    .map(([nodes, pairs]) => ({ graph: undirected('any', nodes, pairs.flat()), pairs: pairs as [number, number][] }));
}

/** A connected graph of 1 to `largest` nodes: a random tree and any further edges. */
export function connectedGraph(largest: number): fc.Arbitrary<Graph> {
  return fc.tuple(anyGraph(largest), fc.infiniteStream(fc.nat())).map(([{ graph, pairs }, numbers]) => {
    const tree: number[] = [];
    for (let node = 1; node < graph.nodes; node++) tree.push(node, numbers.next().value! % node);
    return undirected('connected', graph.nodes, [...pairs.flat(), ...tree]);
  });
}

/** The same graph with node i called to[i]. */
export function relabelled(graph: Graph, to: readonly number[]): Graph {
  const ends: number[] = [];
  for (let node = 0; node < graph.nodes; node++)
    for (let a = graph.offsets![node]; a < graph.offsets![node + 1]; a++) ends.push(to[node], to[graph.targets![a]]);
  return undirected(graph.name, graph.nodes, ends);
}
