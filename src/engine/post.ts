/**
 * Messages and clocks of a live run. A clock ticks so many times a finished piece of work of its node. A message is delivered by the
 * thread that sends it, under the receiver's guard: there is no mailbox, and nobody waits for one.
 */

import { source, uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import type { Peer, Row, Slot, World } from './algorithm.js';
import { Control, controlWord } from './layout.js';
import type { Seat } from './seat.js';

export interface Post {
  send(node: Row, slot: Slot, to: Peer): void;
  after(node: Row, delay: number, clock: number): void;
  /** A node has finished a piece: its clocks tick. */
  pieceDone(node: Row): void;
}

export function openPost({ arena, words, recipe, rows }: Seat, graph: Graph, world: World): Post {
  const { layout } = arena;
  const { algorithm } = recipe;
  const { clocks = [] } = algorithm;
  const partners = source(recipe.seed, 'partner');
  /** Ticks that were asked for: [piece of the node, clock], the earliest first. Those of a thread that dies are lost, as its messages are. */
  const asked = new Map<Row, [piece: number, clock: number][]>();
  const read = (row: Row, word: number) => words.load(controlWord(layout, row, word));

  /** Nobody can get it: where masses are conserved, its sender takes it. */
  function back(sender: Row, slot: Slot): void {
    if (algorithm.mass === 'push-sum') rows.merge(sender, slot);
    else rows.drop(slot);
  }

  return {
    send(node, slot, to) {
      const receivers = controlWord(layout, slot, Control.Receivers);
      words.store(receivers, words.load(receivers) + 1);
      // No target of an intent: see Draws in control.ts.
      words.store(controlWord(layout, node, Control.Draws), to + 1);
      if (degree(graph, node) === 0) return back(node, slot);
      const receiver = neighbour(graph, node, Math.floor(uniform(partners, node, to) * degree(graph, node)));
      if (read(receiver, Control.Alive) === 0 || !algorithm.arrive) back(node, slot);
      else algorithm.arrive(receiver, slot, rows, world);
    },

    after(node, delay, clock) {
      const list = asked.get(node) ?? [];
      const before = list.findIndex(([, other]) => other === clock);
      if (before >= 0) list.splice(before, 1);
      if (delay < Number.POSITIVE_INFINITY) list.push([read(node, Control.Committed) + delay, clock]);
      list.sort((a, b) => a[0] - b[0]);
      asked.set(node, list);
    },

    pieceDone(node) {
      clocks.forEach(({ name, rate }, clock) => {
        const whole = Math.floor(rate);
        const ticks = whole + (world.random(node, `ticks of ${name}`) < rate - whole ? 1 : 0);
        for (let k = 0; k < ticks; k++) algorithm.tick?.(node, clock, rows, world);
      });
      const list = asked.get(node);
      while (list && list.length > 0 && list[0][0] <= read(node, Control.Committed)) {
        algorithm.tick?.(node, list.shift()![1], rows, world);
      }
    },
  };
}
