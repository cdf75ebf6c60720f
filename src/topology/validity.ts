/** Whether compressed sparse rows are a graph at all: for graphs that come from a file or from a user's module. */

import { HearsayError } from '../errors.js';
import type { Graph } from './graph.js';

/**
 * Throws GRAPH_INVALID when `graph` breaks the contract: rows that do not fit together, an endpoint out of range, a self loop,
 * neighbours that do not ascend, an edge of an undirected graph that is stored from one end only, a node without any edge (unless
 * it is alone). Time linear in nodes + edges.
 */
export function requireValid(graph: Graph): void {
  const { name, nodes } = graph;
  const offsets: Uint32Array | undefined = graph.offsets;
  const targets: Uint32Array | undefined = graph.targets;
  const refuse = (what: string, allowed: string) =>
    new HearsayError('GRAPH_INVALID', `topology ${name}: ${what}; allowed is ${allowed}`);
  if (!Number.isInteger(nodes) || nodes < 1) throw refuse(`found ${nodes} nodes`, 'a whole number of at least 1');
  if (!offsets && !targets) return;
  if (!offsets || !targets || offsets.length !== nodes + 1 || offsets[0] !== 0 || offsets[nodes] !== targets.length)
    throw refuse(
      `offsets has ${offsets?.length} entries from ${offsets?.[0]} to ${offsets?.[nodes]} for ${targets?.length} targets`,
      `${nodes + 1} entries from 0 to the number of targets`,
    );
  for (let node = 0; node < nodes; node++) {
    if (offsets[node] > offsets[node + 1]) throw refuse(`offsets fall at node ${node}`, 'offsets that never fall');
    for (let a = offsets[node]; a < offsets[node + 1]; a++) {
      if (targets[a] >= nodes)
        throw refuse(`node ${node} has the neighbour ${targets[a]}`, `a node number from 0 to ${nodes - 1}`);
      if (targets[a] === node) throw refuse(`node ${node} is its own neighbour`, 'no self loop');
      if (a > offsets[node] && targets[a] <= targets[a - 1])
        throw refuse(
          `neighbours ${targets[a - 1]}, ${targets[a]} of node ${node} do not ascend`,
          'each neighbour once, ascending',
        );
    }
    if (!graph.directed && nodes > 1 && offsets[node] === offsets[node + 1])
      throw refuse(`node ${node} has no edge`, 'at least one for every node');
  }
  if (graph.directed) return;
  // Sources are visited in ascending order, so each must be the next unseen neighbour of its target.
  const seen: Uint32Array = offsets.slice();
  for (let node = 0; node < nodes; node++)
    for (let a: number = offsets[node]; a < offsets[node + 1]; a++) {
      const back: number = seen[targets[a]]++;
      if (back >= offsets[targets[a] + 1] || targets[back] !== node)
        throw refuse(`an edge of node ${node} or ${targets[a]} is stored from one end only`, 'every edge stored from both ends');
    }
}
