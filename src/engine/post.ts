/**
 * Messages and clocks of a live run. A clock ticks so many times a finished piece of work of its node. A message is delivered by the
 * thread that sends it, under the receiver's guard: there is no mailbox, and nobody waits for one. One that is to wait stays in its slot
 * until its receiver has finished so many pieces; that thread looks after each piece of its own.
 *
 * Where a message goes, and whether it has been there, stands in the control words of its slot, and ticks that were asked for have words of
 * their own. So who takes the seat of a dead thread goes on with them, and so does a run that is resumed: a row has taken every message that
 * was sent, and none twice, as far as one op takes it (absorb, merge, or one apply).
 */

import { HearsayError } from '../errors.js';
import { source, uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import type { Algorithm, Row, Slot, World } from './algorithm.js';
import { Control, controlWord } from './layout.js';
import type { Seat } from './seat.js';
import { shareOf } from './slots.js';

export interface Post extends Pick<World, 'send' | 'broadcast' | 'after'> {
  /** A node has finished a piece: its clocks tick. */
  pieceDone(node: Row): void;
  /** One place at least is left for the next message: a predecessor may have died just before it saw to that. */
  makeRoom(): void;
}

/** In the place of a receiver: all neighbours of the sender. */
const everybody = -1;

/** Bytes of the ticks that may be asked for: a word for each node and clock, the piece after which it is due, plus 1. */
export function askedBytes(nodes: number, { clocks = [] }: Algorithm): number {
  return 4 * nodes * clocks.length;
}

export function openPost({ arena, words, recipe, rows, thread }: Seat, graph: Graph, world: World): Post {
  const { layout } = arena;
  const { algorithm } = recipe;
  const { clocks = [] } = algorithm;
  const partners = source(recipe.seed, 'partner');
  const share = shareOf(layout, thread);
  const read = (row: Row, word: number) => words.load(controlWord(layout, row, word));
  const write = (row: Row, word: number, value: number) => words.store(controlWord(layout, row, word), value);
  /** Slots that a predecessor, or this run before it was stopped, has left with a message, and those of messages that wait: as they were sent. */
  let waiting: readonly Slot[] = share
    .filter(slot => read(slot, Control.Sender) !== 0)
    .sort((a, b) => read(a, Control.Sent) - read(b, Control.Sent));
  let sent = Math.max(0, ...waiting.map(slot => read(slot, Control.Sent)));
  /** The node and the clock that tick just now, as long as no other tick of it was asked for. */
  let ticking = -1;
  const askedWord = (node: Row, clock: number) => (layout.events >>> 2) + node * clocks.length + clock;

  /** Nobody can get it: where masses are conserved, its sender takes it. */
  function back(sender: Row, slot: Slot): void {
    if (algorithm.mass === 'push-sum') rows.merge(sender, slot);
    else rows.drop(slot);
  }

  function deliver(sender: Row, receiver: Row, slot: Slot): void {
    if (read(receiver, Control.Alive) === 0 || !algorithm.arrive) back(sender, slot);
    else algorithm.arrive(receiver, slot, rows, world);
  }

  /** To whomever has not had it yet. */
  function deliverRest(slot: Slot): void {
    const sender = read(slot, Control.Sender) - 1;
    const left = read(slot, Control.Receivers);
    const receiver = read(slot, Control.Receiver);
    if (left === 0) {
      back(sender, slot); // stowed, and never sent
      return;
    }
    const rest = receiver === everybody ? world.neighbours(sender).slice(-left) : [receiver - 1];
    const applied = read(slot, Control.Applied) === left;
    if (applied) rows.drop(slot);
    for (const receiver of applied ? rest.slice(1) : rest) deliver(sender, receiver, slot);
  }

  function isDue(slot: Slot): boolean {
    const receiver = read(slot, Control.Receiver);
    return (
      receiver <= 0 ||
      read(slot, Control.Receivers) === 0 ||
      read(slot, Control.DuePiece) <= read(receiver - 1, Control.Committed)
    );
  }

  function deliverWaiting(due: readonly Slot[]): void {
    if (due.length === 0) return;
    waiting = waiting.filter(slot => !due.includes(slot));
    due.forEach(deliverRest);
  }

  function makeRoom(): void {
    if (waiting.length > 0 && waiting.length >= share.length) deliverWaiting(waiting.slice(0, 1));
  }

  /** Notes where a message goes, and then, that it goes there. */
  function address(slot: Slot, receiver: number, piece: number, receivers: number): void {
    write(slot, Control.Receiver, receiver);
    write(slot, Control.DuePiece, piece);
    write(slot, Control.Sent, ++sent);
    write(slot, Control.Receivers, receivers);
  }

  function tickAsked(node: Row, clock: number): void {
    const word = askedWord(node, clock);
    ticking = word;
    algorithm.tick?.(node, clock, rows, world, 0);
    // Only now: who dies in it leaves it to a successor, for a clock that winds itself must not stop.
    if (ticking === word) words.store(word, 0);
    ticking = -1;
  }

  return {
    makeRoom,

    send(node, slot, to, wait = 0) {
      if (read(slot, Control.Sender) === 0 || read(slot, Control.Receivers) !== 0) throw sentBefore(node);
      // No target of an intent: see Draws in control.ts.
      write(node, Control.Draws, to + 1);
      if (degree(graph, node) === 0) return back(node, slot);
      const receiver = neighbour(graph, node, Math.floor(uniform(partners, node, to) * degree(graph, node)));
      address(slot, receiver + 1, read(receiver, Control.Committed) + wait, read(slot, Control.Receivers) + 1);
      if (wait === 0) return deliver(node, receiver, slot);
      waiting = [...waiting, slot];
      makeRoom();
    },

    broadcast(node, slot) {
      const receivers = world.neighbours(node);
      if (receivers.length === 0) return rows.drop(slot);
      // All of them at first: the first must not give the slot back under the others.
      address(slot, everybody, 0, receivers.length);
      for (const receiver of receivers) deliver(node, receiver, slot);
    },

    after(node, delay, clock) {
      const word = askedWord(node, clock);
      if (ticking === word) ticking = -1;
      words.store(word, delay < 2 ** 30 ? 1 + Math.ceil(read(node, Control.Committed) + delay) : 0);
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
      const isAsked = (_: unknown, clock: number) => {
        const asked = words.load(askedWord(node, clock));
        return asked !== 0 && asked <= 1 + read(node, Control.Committed);
      };
      for (let clock = clocks.findIndex(isAsked); clock >= 0; clock = clocks.findIndex(isAsked)) tickAsked(node, clock);
      deliverWaiting(waiting.filter(isDue));
    },
  };
}

/** Delivered at once, it may be gone; and a slot has words for one way only. */
function sentBefore(node: Row): HearsayError {
  const what = `send: node ${node}: this message has been sent before`;
  return new HearsayError('STATE', `${what}; in a live run, stow one for each receiver, or broadcast it to all neighbours`);
}
