/** Messages of a simulation: a copy in a slot goes over a link, which takes time or loses it, and arrives. */

import type { Row, Slot, World } from './algorithm.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Lines } from './lines.js';
import { exhausted } from './messages.js';
import type { Nature } from './nature.js';
import type { Crowd } from './op.js';
import type { Partners } from './partners.js';
import type { Seat } from './seat.js';
import { openSlots, slotsThatMayDo } from './slots.js';
import { type idsOf, Of, Scalar, type Timeline } from './timeline.js';
import { bytesOnLink } from './traffic.js';

interface DeliveryContext {
  readonly layout: Layout;
  readonly timeline: Timeline;
  readonly partners: Partners;
  readonly lines: Lines;
  readonly nature: Nature;
  readonly seat: Seat;
  readonly ids: ReturnType<typeof idsOf>;
  readonly world: World;
  /** Virtual seconds. */
  time(): number;
}

export interface Delivery extends Pick<World, 'send' | 'broadcast' | 'age'> {
  /** Seconds until what the node sends now is at `target`; -1 when it gets lost. */
  wayTo(node: Row, target: Row): number;
  /** Delivery number `delivery` is due. */
  arrive(delivery: number): void;
  /** What to say when all slots are taken. */
  crowd(): Crowd;
}

export function openDelivery({ layout, timeline, partners, lines, nature, seat, ids, world, time }: DeliveryContext): Delivery {
  const { queue, scalars, nodes: state, sent, slot: carried, receiver } = timeline;
  const { link } = nature;
  const { rows, words } = seat;
  const { algorithm } = seat.recipe;
  const { clocks = [] } = algorithm;
  const slots = layout.shape.slots ?? 0;
  const bytes = bytesOnLink(seat.recipe, layout.shape.parameters);
  const deliveries = openSlots(timeline.freeDeliveries, 0, slots);

  function dispatch(slot: Slot, target: Row, delay: number, sender?: Row): void {
    if (delay < 0) lose(slot, sender);
    else if (delay === 0) deliver(slot, target);
    else {
      const delivery = deliveries.take();
      if (delivery < 0) throw exhausted(deliveries.most, layout.shape.nodes, crowd());
      carried[delivery] = slot;
      receiver[delivery] = target;
      queue.push(ids.delivery + delivery, time() + delay);
    }
  }

  /** `line`: seconds until it is sent, where that is known. */
  function wayTo(node: Row, target: Row, line?: number): number {
    if (link.ideal) return 0;
    const until = line ?? lines.take(node, bytes, time());
    const delay = link.delay(node, target, state[4 * node + Of.asked]++, bytes);
    return delay < 0 ? delay : until + delay;
  }

  /** Back to the `sender`, if it is told that the message can't get there, where masses are conserved. */
  function lose(slot: Slot, sender: Row = -1): void {
    scalars[Scalar.Lost]++;
    if (sender >= 0 && algorithm.mass === 'push-sum') rows.merge(sender, slot);
    else rows.drop(slot);
  }

  function deliver(slot: Slot, node: Row): void {
    scalars[Scalar.Events]++;
    if (!partners.isLive(node) || !algorithm.arrive) lose(slot);
    else algorithm.arrive(node, slot, rows, world);
  }

  function crowd(): Crowd {
    // As far as messages come by clocks that tick by themselves.
    const perSecond = clocks.reduce((sum, { rate }) => sum + rate, 0) * partners.live.length;
    return { time: time(), slots: slotsThatMayDo(slots, perSecond, link.mean) };
  }

  return {
    wayTo,
    crowd,
    age: slot => time() - sent[slot - layout.models],
    send(node, slot, to, wait = 0) {
      const receivers = controlWord(layout, slot, Control.Receivers);
      words.store(controlWord(layout, node, Control.Draws), to + 1);
      words.store(receivers, words.load(receivers) + 1);
      sent[slot - layout.models] = time();
      const target = partners.choose(node, to);
      const delay = target < 0 ? -1 : wayTo(node, target);
      dispatch(slot, target, delay < 0 ? delay : delay + wait, node);
    },
    broadcast(node, slot) {
      const targets = world.neighbours(node);
      if (targets.length === 0) rows.drop(slot);
      // All of them at first: one who has it at once must not give the slot back under the others.
      else words.store(controlWord(layout, slot, Control.Receivers), targets.length);
      sent[slot - layout.models] = time();
      const line = link.ideal ? 0 : lines.take(node, bytes, time());
      for (const target of targets) dispatch(slot, target, wayTo(node, target, line));
    },
    arrive(delivery) {
      deliveries.give(delivery);
      deliver(carried[delivery], receiver[delivery]);
    },
  };
}
