/** Small-world graphs. */

import { HearsayError } from '../errors.js';
import { below, source, uniform } from '../random.js';
import type { Graph } from './graph.js';
import { undirected } from './rows.js';

/**
 * Watts and Strogatz (Nature 1998): a ring in which everyone meets the `near` nearest (even, below `nodes`), then each edge keeps
 * its first end and, with probability p, moves its other end to a random node that is neither itself nor a neighbour already. A
 * node that meets everyone keeps its edges. It may be disconnected; `attempt` numbers independent draws. Throws GRAPH_INVALID for
 * an impossible `near`.
 */
export function smallWorld(nodes: number, near: number, p: number, seed: number, attempt = 0): Graph {
  const name = `small-world:${near},${p}`;
  if (!(near >= 2 && near < nodes && near % 2 === 0))
    throw new HearsayError(
      'GRAPH_INVALID',
      `topology ${name}: found ${near} nearest of ${nodes} nodes, allowed is an even number from 2 to ${nodes - 1}; take fewer`,
    );
  const moves = source(seed, 'topology small-world move');
  const ends = source(seed, 'topology small-world end');
  const neighbours = Array.from({ length: nodes }, () => new Set<number>());
  const join = (a: number, b: number) => {
    neighbours[a].add(b);
    neighbours[b].add(a);
  };
  for (let step = 1; step <= near / 2; step++) for (let node = 0; node < nodes; node++) join(node, (node + step) % nodes);

  let [move, end] = [0, 0];
  for (let step = 1; step <= near / 2; step++)
    for (let node = 0; node < nodes; node++) {
      const old = (node + step) % nodes;
      const mine = neighbours[node];
      if (uniform(moves, attempt, move++) >= p || mine.size >= nodes - 1) continue;
      let other: number;
      do other = below(ends, attempt, end++, nodes);
      while (other === node || mine.has(other));
      mine.delete(old);
      neighbours[old].delete(node);
      join(node, other);
    }
  const list: number[] = [];
  for (let node = 0; node < nodes; node++) for (const other of neighbours[node]) if (node < other) list.push(node, other);
  return undirected(name, nodes, list);
}
