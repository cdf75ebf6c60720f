/** Mixing weights: with what weight a node averages itself and its neighbours. */

import { HearsayError } from '../errors.js';
import { degree, type Graph, neighbour, place } from './graph.js';

/** A matrix on the pattern of a graph. On the implicit complete graph both arrays are absent and every weight is 1 / nodes. */
export interface Weights {
  readonly graph: Graph;
  /** Weight of each node on itself. */
  readonly self?: Float64Array;
  /** Weight of a node on its k-th neighbour, at offsets[node] + k. */
  readonly edges?: Float64Array;
}

/** Metropolis-Hastings: 1 / (1 + max(degree, degree')) on an edge, the rest on itself. Symmetric (Xiao, Boyd and Kim 2007, eq. 8). */
export function metropolis(graph: Graph): Weights {
  return weigh(graph, (node, other) => 1 / (1 + Math.max(degree(graph, node), degree(graph, other))));
}

/** 1 / (degree + 1) on every neighbour and on itself. Symmetric on a regular graph only; elsewhere only its rows sum to 1. */
export function uniformWeights(graph: Graph): Weights {
  return weigh(graph, node => 1 / (1 + degree(graph, node)));
}

export function selfWeight(weights: Weights, node: number): number {
  return weights.self ? weights.self[node] : 1 / weights.graph.nodes;
}

/** The weight of `node` on its k-th neighbour, 0 <= k < degree. */
export function edgeWeight(weights: Weights, node: number, k: number): number {
  return weights.edges ? weights.edges[weights.graph.offsets![node] + k] : 1 / weights.graph.nodes;
}

/** Throws GRAPH_INVALID unless every weight is finite and not negative and every row sums to 1, to 1e-9. */
export function requireStochastic(weights: Weights): void {
  requireSums(weights, 'row');
}

/** As `requireStochastic`, and columns sum to 1 as well: such a mixing keeps the mean over the nodes. */
export function requireDoublyStochastic(weights: Weights): void {
  requireSums(weights, 'row');
  requireSums(weights, 'column');
}

/** Throws GRAPH_INVALID unless the weight of i on j is that of j on i, to 1e-12. */
export function requireSymmetric(weights: Weights): void {
  const { graph, edges } = weights;
  if (!edges) return;
  for (let node = 0; node < graph.nodes; node++)
    for (let k = 0; k < degree(graph, node); k++) {
      const other = neighbour(graph, node, k);
      const back = place(graph, other, node);
      const [there, here] = [edgeWeight(weights, node, k), back < 0 ? 0 : edgeWeight(weights, other, back)];
      if (!(Math.abs(there - here) <= 1e-12))
        throw new HearsayError(
          'GRAPH_INVALID',
          `mixing weights of ${graph.name}: ${node} weighs ${other} by ${there}, ${other} weighs ${node} by ${here}; allowed are equal weights; take metropolis`,
        );
    }
}

function weigh(graph: Graph, weight: (node: number, other: number) => number): Weights {
  if (!graph.offsets) return { graph };
  const self = new Float64Array(graph.nodes);
  const edges = new Float64Array(graph.targets!.length);
  for (let node = 0; node < graph.nodes; node++) {
    let rest = 1;
    for (let a = graph.offsets[node]; a < graph.offsets[node + 1]; a++) rest -= edges[a] = weight(node, graph.targets![a]);
    self[node] = Math.max(rest, 0); // a rounding error below zero would be a negative weight
  }
  return { graph, self, edges };
}

function requireSums(weights: Weights, side: 'row' | 'column'): void {
  const { graph, self, edges } = weights;
  if (!self && !edges && !graph.offsets) return;
  if (self?.length !== graph.nodes || edges?.length !== graph.targets?.length)
    throw new HearsayError(
      'GRAPH_INVALID',
      `mixing weights of ${graph.name}: found ${self?.length} and ${edges?.length} entries, allowed are ${graph.nodes} and ${graph.targets?.length}`,
    );
  const sums = new Float64Array(graph.nodes);
  const add = (node: number, other: number, weight: number) => {
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new HearsayError(
        'GRAPH_INVALID',
        `mixing weights of ${graph.name}: ${node} weighs ${other} by ${weight}; allowed is a number of at least 0`,
      );
    sums[side === 'row' ? node : other] += weight;
  };
  for (let node = 0; node < graph.nodes; node++) {
    add(node, node, selfWeight(weights, node));
    for (let k = 0; k < degree(graph, node); k++) add(node, neighbour(graph, node, k), edgeWeight(weights, node, k));
  }
  const wrong = sums.findIndex(sum => !(Math.abs(sum - 1) <= 1e-9));
  if (wrong >= 0)
    throw new HearsayError(
      'GRAPH_INVALID',
      `mixing weights of ${graph.name}: ${side} ${wrong} sums to ${sums[wrong]}; allowed is 1; take metropolis`,
    );
}
