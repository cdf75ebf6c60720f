/** How fast exchanges bring models together: the decay of Gamma, the sum of squared distances to the mean model, when nothing is learnt. */

import { degree, type Graph, neighbour } from '../topology/graph.js';
import { ends } from '../topology/lanczos.js';
import { spectralGap } from '../topology/spectrum.js';
import { isComplete } from './complete.js';
import { type Gossip, requireGossip } from './flow.js';
import { requireNumber } from './range.js';

/** How fast models agree where nobody learns. */
export interface Decay {
  /** k of E[Gamma(t)] = e^(-k t) Gamma(0), per unit of time; 0 where the graph falls apart, Infinity for one node. */
  readonly rate: number;
  /** exact: all differences fade alike (complete graph). bound: E[Gamma] falls at least as fast. approximate: neither is proved. */
  readonly how: 'exact' | 'bound' | 'approximate';
}

/**
 * An exchange over a pair with the difference d = x_i - x_j takes 2 w (1 - w) |d|^2 off Gamma when both move by the weight w, and on
 * average over both directions w (1 - w) |d|^2 + w^2 |d|^2 / n when one does. Pairs meet at the rates q_ij = lambda / degree(i) + lambda /
 * degree(j), so Gamma falls at least with lambda_2 of the Laplacian of q. Theorem for pairwise exchanges on any graph and for one-sided
 * ones where all degrees are equal; elsewhere push and pull favour some nodes. Up to 1e6 arcs; Lanczos' iteration gives lambda_2 of uneven
 * graphs, from above by less than 1e-6 where it settles. `weight` w is from 0 to 1. Throws CONFIG_RANGE, and GRAPH_INVALID for a directed
 * graph.
 */
export function consensusDecay(graph: Graph, gossip: Gossip, weight = 0.5): Decay {
  requireGossip(gossip);
  requireNumber('weight', weight, { min: 0, max: 1 });
  const { nodes } = graph;
  const { lambda2 } = spectralGap(graph);
  const isRegular = evenDegrees(graph);
  const pairwise = gossip.mix === 'pairwise';
  const taken = pairwise ? 2 * weight * (1 - weight) : weight * (1 - weight) + weight ** 2 / nodes;
  const least =
    lambda2 === 0 || nodes < 2
      ? lambda2
      : isRegular
        ? (2 * gossip.rate * lambda2) / degree(graph, 0)
        : weightedGap(graph, gossip.rate);
  return { rate: taken * least, how: isComplete(graph) ? 'exact' : pairwise || isRegular ? 'bound' : 'approximate' };
}

/** Second smallest eigenvalue of the Laplacian of q. */
function weightedGap(graph: Graph, rate: number): number {
  const { nodes } = graph;
  const multiply = (x: Float64Array, y: Float64Array) => {
    y.fill(0);
    for (let i = 0; i < nodes; i++)
      for (let k = 0; k < degree(graph, i); k++) {
        const j = neighbour(graph, i, k);
        y[i] += (rate / degree(graph, i) + rate / degree(graph, j)) * (x[i] - x[j]);
      }
  };
  return ends(nodes, multiply, 1000).smallest;
}

function evenDegrees(graph: Graph): boolean {
  for (let node = 1; node < graph.nodes; node++) if (degree(graph, node) !== degree(graph, 0)) return false;
  return true;
}
