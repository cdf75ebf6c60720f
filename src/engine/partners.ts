/**
 * Who may be a partner in a simulation: the neighbours that are alive. A newcomer stands in the place of the node whose row it has
 * taken, else it has the neighbours of the node that it copied.
 */

import type { Source } from '../random.js';
import { uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import type { Row } from './algorithm.js';

export interface Partners {
  /** The nodes that are alive, ascending. It changes in place. */
  readonly live: Row[];
  isLive(node: Row): boolean;
  /** The partner that draw number `draw` of the node means, -1 when it has none alive. */
  choose(node: Row, draw: number): Row;
  degree(node: Row): number;
  neighbour(node: Row, k: number): Row;
  join(node: Row, placeOf: Row): void;
  leave(node: Row): void;
}

/** `places[node]` is the node whose neighbours it has; -1 until it takes part. */
export function openPartners(graph: Graph, partners: Source, places: Int32Array): Partners {
  const live: Row[] = [];
  const position = new Int32Array(places.length).fill(-1);
  const number = (from: number) => {
    for (let k = from; k < live.length; k++) position[live[k]] = k;
  };
  for (let node = 0; node < places.length; node++) if (places[node] >= 0) live.push(node);
  number(0);
  const isLive = (node: Row) => position[node] >= 0;

  return {
    live,
    isLive,
    choose(node, draw) {
      const u = uniform(partners, node, draw);
      if (!graph.offsets) {
        // All who are alive but the node itself.
        const others = live.length - (isLive(node) ? 1 : 0);
        if (others === 0) return -1;
        const k = Math.floor(u * others);
        return isLive(node) && k >= position[node] ? live[k + 1] : live[k];
      }
      const place = places[node];
      const count = degree(graph, place);
      const first = Math.floor(u * count);
      for (let k = 0; k < count; k++) {
        const other = neighbour(graph, place, (first + k) % count);
        if (isLive(other)) return other;
      }
      return -1;
    },
    degree: node => (graph.offsets ? degree(graph, places[node]) : live.length - 1),
    neighbour(node, k) {
      if (graph.offsets) return neighbour(graph, places[node], k);
      return live[k < position[node] ? k : k + 1];
    },
    join(node, placeOf) {
      places[node] = placeOf;
      let k = live.length;
      while (k > 0 && live[k - 1] > node) k--;
      live.splice(k, 0, node);
      number(k);
    },
    leave(node) {
      const k = position[node];
      live.splice(k, 1);
      position[node] = -1;
      number(k);
    },
  };
}
