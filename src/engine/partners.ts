/**
 * Who may be a partner in a simulation: the neighbours that are alive. A newcomer stands in the place of the node whose row it has
 * taken, else it has the neighbours of the node that it copied.
 */

import type { Source } from '../random.js';
import { uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import type { Row } from './algorithm.js';
import { Of } from './timeline.js';

export interface Partners {
  /** The nodes that are alive, ascending. It changes in place. */
  readonly live: Row[];
  isLive(node: Row): boolean;
  /** The partner that draw number `draw` of the node means, -1 when it has none alive. */
  choose(node: Row, draw: number): Row;
  degree(node: Row): number;
  neighbour(node: Row, k: number): Row;
  join(node: Row, place: Row): void;
  leave(node: Row): void;
}

/** The place of a node, the one whose neighbours it has, is one of its words in `state` (see timeline.ts). */
export function openPartners(graph: Graph, partners: Source, state: Int32Array): Partners {
  const nodes = state.length / 4;
  const placeOf = (node: Row) => state[4 * node + Of.place] - 1;
  const live: Row[] = [];
  const position = new Int32Array(nodes).fill(-1);
  const number = (from: number) => {
    for (let k = from; k < live.length; k++) position[live[k]] = k;
  };
  for (let node = 0; node < nodes; node++) if (placeOf(node) >= 0) live.push(node);
  number(0);
  /** True while nobody is missing, and node number k is the k-th who is alive: most runs, all the time. */
  let all = live.length === nodes;
  const isLive = (node: Row) => all || position[node] >= 0;

  return {
    live,
    isLive,
    choose(node, draw) {
      const u = uniform(partners, node, draw);
      if (!graph.offsets) {
        if (all) {
          const k = Math.floor(u * (nodes - 1));
          return nodes === 1 ? -1 : k < node ? k : k + 1;
        }
        // All who are alive but the node itself.
        const others = live.length - (isLive(node) ? 1 : 0);
        if (others === 0) return -1;
        const k = Math.floor(u * others);
        return isLive(node) && k >= position[node] ? live[k + 1] : live[k];
      }
      const place = placeOf(node);
      const count = degree(graph, place);
      const first = Math.floor(u * count);
      for (let k = 0; k < count; k++) {
        const other = neighbour(graph, place, (first + k) % count);
        if (isLive(other)) return other;
      }
      return -1;
    },
    degree: node => (graph.offsets ? degree(graph, placeOf(node)) : live.length - 1),
    neighbour(node, k) {
      if (graph.offsets) return neighbour(graph, placeOf(node), k);
      return live[k < position[node] ? k : k + 1];
    },
    join(node, place) {
      state[4 * node + Of.place] = place + 1;
      let k = live.length;
      while (k > 0 && live[k - 1] > node) k--;
      live.splice(k, 0, node);
      number(k);
      all = live.length === nodes;
    },
    leave(node) {
      const k = position[node];
      live.splice(k, 1);
      all = false;
      position[node] = -1;
      number(k);
    },
  };
}
