/**
 * Who may be a partner in a simulation: the neighbours that are alive, each as likely as any other. A newcomer stands in the place of the
 * node whose row it has taken, else in that of the node that it copied, beside it: it has the same neighbours, and they have it.
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
  /** The node whose place in the graph it has, or had when it was alive; -1 for one that never was. */
  placeOf(node: Row): Row;
  /** The partner that draw number `draw` of the node means, -1 when it has none alive. */
  choose(node: Row, draw: number): Row;
  /** Partners that the node may have: neighbours that are alive. */
  degree(node: Row): number;
  /** Number k < degree of them, ascending. */
  neighbour(node: Row, k: number): Row;
  join(node: Row, place: Row): void;
  leave(node: Row): void;
}

/** The place of a node, the one whose neighbours it has, is one of its words in `state` (see timeline.ts). */
export function openPartners(graph: Graph, partners: Source, state: Int32Array): Partners {
  const nodes = state.length / 4;
  const placeOf = (node: Row) => Math.abs(state[4 * node + Of.place]) - 1;
  const live: Row[] = [];
  const position = new Int32Array(nodes).fill(-1);
  const number = (from: number) => {
    for (let k = from; k < live.length; k++) position[live[k]] = k;
  };
  for (let node = 0; node < nodes; node++) if (state[4 * node + Of.place] > 0) live.push(node);
  number(0);
  /** True while nobody is missing, and node number k is the k-th who is alive: most runs, all the time. */
  let all = false;
  /** True while the nodes of the graph are those who are alive: the graph is then as it was. */
  let whole = false;
  /** Newcomers beyond the nodes of the graph, by the place that they share. */
  const beside = new Map<Row, Row[]>();
  /** Of each place that was asked for since somebody came or went: the neighbours that are alive. */
  const around = new Map<Row, readonly Row[]>();

  function settle(): void {
    all = live.length === nodes;
    whole = live.length === graph.nodes && live[live.length - 1] === graph.nodes - 1;
    around.clear();
    beside.clear();
    for (let k = live.length - 1; k >= 0 && live[k] >= graph.nodes; k--) {
      const place = placeOf(live[k]);
      const before = beside.get(place);
      if (before) before.push(live[k]);
      else beside.set(place, [live[k]]);
    }
  }
  settle();
  const isLive = (node: Row) => all || position[node] >= 0;

  function neighboursOf(place: Row): readonly Row[] {
    let found = around.get(place);
    if (!found) {
      const places = Array.from({ length: degree(graph, place) }, (_, k) => neighbour(graph, place, k));
      found = places.flatMap(there => [...(isLive(there) ? [there] : []), ...(beside.get(there) ?? [])]).sort((a, b) => a - b);
      around.set(place, found);
    }
    return found;
  }

  return {
    live,
    isLive,
    placeOf,
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
      if (whole) {
        const count = degree(graph, node);
        return count === 0 ? -1 : neighbour(graph, node, Math.floor(u * count));
      }
      const others = neighboursOf(placeOf(node));
      return others.length === 0 ? -1 : others[Math.floor(u * others.length)];
    },
    degree(node) {
      if (!graph.offsets) return live.length - 1;
      return whole ? degree(graph, node) : neighboursOf(placeOf(node)).length;
    },
    neighbour(node, k) {
      if (!graph.offsets) return live[k < position[node] ? k : k + 1];
      return whole ? neighbour(graph, node, k) : neighboursOf(placeOf(node))[k];
    },
    join(node, place) {
      state[4 * node + Of.place] = place + 1;
      let k = live.length;
      while (k > 0 && live[k - 1] > node) k--;
      live.splice(k, 0, node);
      number(k);
      settle();
    },
    leave(node) {
      const k = position[node];
      live.splice(k, 1);
      position[node] = -1;
      state[4 * node + Of.place] *= -1;
      number(k);
      settle();
    },
  };
}
