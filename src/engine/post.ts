/**
 * Messages and clocks of a live run. A clock ticks so many times a finished piece of work of its node. A message is delivered by the
 * thread that sends it, under the receiver's guard: there is no mailbox, and nobody waits for one. One that is to wait stays in its slot
 * until its receiver has finished so many pieces; that thread looks after each piece of its own.
 */

import { source, uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import type { Row, Slot, World } from './algorithm.js';
import { Control, controlWord } from './layout.js';
import type { Seat } from './seat.js';

export interface Post extends Pick<World, 'send' | 'broadcast' | 'after'> {
  /** A node has finished a piece: its clocks tick. */
  pieceDone(node: Row): void;
}

interface Waiting {
  readonly slot: Slot;
  readonly sender: Row;
  readonly receiver: Row;
  /** Pieces of the receiver after which it is delivered. */
  readonly piece: number;
}

export function openPost({ arena, words, recipe, rows }: Seat, graph: Graph, world: World): Post {
  const { layout } = arena;
  const { algorithm } = recipe;
  const { clocks = [] } = algorithm;
  const partners = source(recipe.seed, 'partner');
  /**
   * Ticks that were asked for: [piece of the node, clock], the earliest first. Those of a thread that dies are lost, as its messages are.
   */
  const asked = new Map<Row, [piece: number, clock: number][]>();
  /** In the order in which they were sent. */
  let waiting: readonly Waiting[] = [];
  /** So many at most: one place is left for the next message. */
  const mostWaiting = Math.floor((layout.shape.slots ?? 0) / layout.shape.threads) - 1;
  const read = (row: Row, word: number) => words.load(controlWord(layout, row, word));

  /** Nobody can get it: where masses are conserved, its sender takes it. */
  function back(sender: Row, slot: Slot): void {
    if (algorithm.mass === 'push-sum') rows.merge(sender, slot);
    else rows.drop(slot);
  }

  function deliver(sender: Row, receiver: Row, slot: Slot): void {
    if (read(receiver, Control.Alive) === 0 || !algorithm.arrive) back(sender, slot);
    else algorithm.arrive(receiver, slot, rows, world);
  }

  function deliverWaiting(isDue: (one: Waiting) => boolean): void {
    const due = waiting.filter(isDue);
    if (due.length === 0) return;
    waiting = waiting.filter(one => !due.includes(one));
    for (const { sender, receiver, slot } of due) deliver(sender, receiver, slot);
  }

  return {
    send(node, slot, to, wait = 0) {
      const receivers = controlWord(layout, slot, Control.Receivers);
      words.store(receivers, words.load(receivers) + 1);
      // No target of an intent: see Draws in control.ts.
      words.store(controlWord(layout, node, Control.Draws), to + 1);
      if (degree(graph, node) === 0) return back(node, slot);
      const receiver = neighbour(graph, node, Math.floor(uniform(partners, node, to) * degree(graph, node)));
      if (wait === 0) return deliver(node, receiver, slot);
      waiting = [...waiting, { slot, sender: node, receiver, piece: read(receiver, Control.Committed) + wait }];
      if (waiting.length > mostWaiting) deliverWaiting(one => one === waiting[0]);
    },

    broadcast(node, slot) {
      const receivers = world.neighbours(node);
      if (receivers.length === 0) return rows.drop(slot);
      // All of them at first: the first must not give the slot back under the others.
      words.store(controlWord(layout, slot, Control.Receivers), receivers.length);
      for (const receiver of receivers) deliver(node, receiver, slot);
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
      const pieces = read(node, Control.Committed);
      clocks.forEach(({ name, rate, regular }, clock) => {
        const before = regular ? Math.floor((pieces - 1) * rate) : 0;
        const whole = Math.floor(rate);
        const last = regular
          ? Math.floor(pieces * rate)
          : whole + (world.random(node, `ticks of ${name}`) < rate - whole ? 1 : 0);
        for (let k = before + 1; k <= last; k++) algorithm.tick?.(node, clock, rows, world, regular ? k : 0);
      });
      const list = asked.get(node);
      while (list && list.length > 0 && list[0][0] <= read(node, Control.Committed)) {
        algorithm.tick?.(node, list.shift()![1], rows, world, 0);
      }
      deliverWaiting(({ receiver, piece }) => piece <= read(receiver, Control.Committed));
    },
  };
}
