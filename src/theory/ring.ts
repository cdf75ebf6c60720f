/**
 * First passage on a ring of at least 3 nodes, in closed form. The informed nodes are an arc of the ring; each of its ends moves on
 * at rate / 2, where `rate` is `contactRate` of the gossip, and so does the last node's pair of neighbours together.
 */

import { degree, type Graph, neighbour } from '../topology/graph.js';

/** The nodes in the order of the ring, `first` first, undefined when `graph` is no undirected, connected ring from 3 nodes on. */
export function ringOrder(graph: Graph, first: number): number[] | undefined {
  const { nodes } = graph;
  if (graph.directed || nodes < 3) return undefined;
  const order = [first];
  for (let before = -1, node = first; ; ) {
    if (degree(graph, node) !== 2) return undefined;
    const next = neighbour(graph, node, neighbour(graph, node, 0) === before ? 1 : 0);
    if (next === first) return order.length === nodes ? order : undefined;
    [before, node] = [node, next];
    order.push(node);
  }
}

/**
 * Mean time to the node `d` places on, for d = 0 .. nodes - 1. The steps of the two ends are fair coins thrown at `rate`: node d is
 * informed when one end has made d steps or the other n - d. Summing the chance that neither has gives, with B the number of heads in
 * n - 1 throws, T(d+1) = T(d) + 2 (P[B > d] - P[B < d]) / rate. The mean over d = 1 .. n-1 is n / (2 rate), and all have it after
 * (n - 1) / rate. Linear time.
 */
export function ringPassage(nodes: number, rate: number): Float64Array {
  const chance = fairCoins(nodes - 1);
  const times = new Float64Array(nodes);
  let under = 0;
  let over = 1;
  // up to the middle, where all terms are positive; then the mirror image
  for (let d = 0; 2 * d < nodes - 1; d++) {
    over -= chance[d];
    times[d + 1] = times[nodes - 1 - d] = times[d] + (2 * (over - under)) / rate;
    under += chance[d];
  }
  return times;
}

/** P[B = k] for k = 0 .. throws: ratios outward from the middle, so that nothing underflows, divided by their sum. */
function fairCoins(throws: number): Float64Array {
  const chance = new Float64Array(throws + 1);
  const middle = throws >> 1;
  chance[middle] = 1;
  for (let k = middle; k < throws; k++) chance[k + 1] = (chance[k] * (throws - k)) / (k + 1);
  for (let k = middle; k > 0; k--) chance[k - 1] = (chance[k] * k) / (throws - k + 1);
  const sum = chance.reduce((total, weight) => total + weight);
  return chance.map(weight => weight / sum);
}
