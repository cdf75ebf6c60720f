/**
 * The live driver: one thread serves its shard of nodes until the stop word. It makes the history as it goes: real races, wall-clock.
 * Time comes in as an argument; there is no thread API here.
 */

import type { Graph } from '../topology/graph.js';
import { Abandoned } from './abandoned.js';
import type { Algorithm, Row, Rows, World } from './algorithm.js';
import { attend, type BarrierContext, hasArrived, nextMeeting } from './barrier.js';
import type { Experiment } from './experiment.js';
import { Control, controlWord, Header, type Layout, Thread, threadWord } from './layout.js';
import { openPost, type Post } from './post.js';
import { called, doze, park, reached } from './quiesce.js';
import { type Seat, secondsOfTraining, shardOf } from './seat.js';
import type { Times } from './times.js';
import { ring, type Words } from './words.js';

export interface LiveContext {
  readonly words: Words;
  readonly layout: Layout;
  readonly thread: number;
  /** Nodes that this thread serves. */
  readonly shard: readonly Row[];
  readonly rows: Rows;
  readonly algorithm: Algorithm;
  readonly world: World;
  /** For an algorithm that meets. */
  readonly barrier?: BarrierContext;
  /** How many times longer than a normal piece of work this node's takes; 1 for most. */
  readonly factor: (node: Row) => number;
  /** Milliseconds of the wall clock. */
  readonly now: () => number;
  /** f64 words of the arena, for due times. */
  readonly doubles: Float64Array;
  readonly times: Times;
  /** What the parked do together. */
  readonly job: (number: number) => void;
  /** Messages and clocks, for an algorithm that has them. */
  readonly post?: Post;
}

/** Serves a seat until stopped. */
export function serveSeat(seat: Seat, { stragglers }: Experiment, graph: Graph): void {
  const { arena, words, thread, recipe, rows, barrier, now, doubles, times, job } = seat;
  const { layout } = arena;
  const { algorithm } = recipe;
  const factors = new Map(stragglers.map(({ node, factor }) => [node, factor]));
  const world: World = {
    ...seat.world,
    time: () => secondsOfTraining(doubles, now()),
    send: (node, slot, to, wait) => post.send(node, slot, to, wait),
    broadcast: (node, slot) => post.broadcast(node, slot),
    age: () => 0,
    after: (node, delay, clock) => post.after(node, delay, clock),
  };
  const post = openPost(seat, graph, world);
  serve({
    ...{ words, layout, thread, rows, algorithm, world, barrier, now, doubles, times, job },
    shard: shardOf(layout.shape.nodes, thread, layout.shape.threads),
    factor: factors.size === 0 ? () => 1 : node => factors.get(node) ?? 1,
    post: algorithm.clocks || algorithm.sends ? post : undefined,
  });
}

/** Serves until stopped. */
export function serve(context: LiveContext): void {
  const { words, layout, thread, algorithm, times } = context;
  const paused = threadWord(layout, thread, Thread.Paused);
  const working = threadWord(layout, thread, Thread.Node);
  // A piece that a dead predecessor left pending comes first: its delta may lie in the thread's scratch, where the next would go.
  let cursor = Math.max(
    0,
    context.shard.findIndex(node => isPending(context, node)),
  );
  for (;;) {
    // Read before looking for work: what happens after the look changes it, so that nobody falls asleep on it.
    const arrivals = words.load(Header.Arrivals);
    if (words.load(Header.Stop) === 1) break;
    if (called(words)) {
      times.publish();
      words.store(working, -1);
      park(words, layout, thread, context.job);
      continue;
    }
    if (reached(words, layout)) {
      times.publish();
      if (words.load(paused) === 0) {
        ring(words, Header.Bell); // before the note of it: a successor may ring once more, but not never
        words.store(paused, 1);
      }
      doze(words, 100);
      continue;
    }
    let served: number;
    try {
      served = serveOne(context, cursor);
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error;
      continue; // the call to park is on its way
    }
    if (served >= 0) {
      cursor = served + 1;
      continue;
    }
    let longest = 100;
    const meeting = nextMeeting(words);
    if (algorithm.meet && context.barrier && allArrived(context, meeting)) {
      const { barrier } = context;
      if (timed(context, -1, () => attend(barrier, meeting))) continue;
    } else longest = idleMilliseconds(context);
    times.idle();
    const start = context.now();
    words.wait(Header.Arrivals, arrivals, longest);
    times.blocked += context.now() - start;
  }
  times.publish();
}

/** Serves the next node that has something to do, from position `from` on. Returns its position, -1 when there is none. */
function serveOne(context: LiveContext, from: number): number {
  const { words, layout, shard, algorithm } = context;
  context.post?.makeRoom();
  for (let k = 0; k < shard.length; k++) {
    const position = (from + k) % shard.length;
    const node = shard[position];
    if (algorithm.meet && hasArrived(words, layout, node)) continue;
    if (!isAlive(context, node)) continue;
    if (isPending(context, node)) {
      if (context.factor(node) > 1) {
        if (context.now() < dueOf(context, node)) continue;
        words.store(controlWord(layout, node, Control.Held), 0);
      }
      if (!finish(context, node)) continue;
      return position;
    }
    if (isResting(context, node)) continue;
    piece(context, node);
    return position;
  }
  return -1;
}

/**
 * A whole piece of work; of a slowed node only the first half, the second falls due later. When the work itself is in the second half
 * (hogwild in place), the node rests after it.
 */
function piece(context: LiveContext, node: Row): void {
  const { words, layout, algorithm, rows, world } = context;
  const factor = context.factor(node);
  const start = context.now();
  const next = words.load(controlWord(layout, node, Control.Committed)) + 1;
  if (factor > 1) words.store(controlWord(layout, node, Control.Held), next);
  timed(context, node, () => algorithm.begin(node, rows, world));
  const later = factor > 1 && isPending(context, node);
  if (!later && !finish(context, node)) ring(words, Header.Arrivals);
  if (factor > 1) context.doubles[dueIndex(context, node)] = start + factor * (context.now() - start);
}

/** The second half, and what the node's clocks owe after it. False when the piece stays pending. */
function finish(context: LiveContext, node: Row): boolean {
  const { algorithm, rows, world, post } = context;
  if (timed(context, node, () => algorithm.finish(node, rows, world)) === false) return false;
  if (post) timed(context, node, () => post.pieceDone(node));
  return true;
}

/** True for a slowed node that did a whole piece at once, and is not yet due for another. */
function isResting(context: LiveContext, node: Row): boolean {
  const { words, layout } = context;
  if (context.factor(node) === 1) return false;
  const held = words.load(controlWord(layout, node, Control.Held));
  return held !== 0 && held === words.load(controlWord(layout, node, Control.Committed)) && context.now() < dueOf(context, node);
}

/** What is neither local steps nor waiting is gossip. */
function timed<T>({ words, layout, thread, now, times }: LiveContext, node: Row, half: () => T): T {
  words.store(threadWord(layout, thread, Thread.Node), node);
  const start = now();
  const other = times.working + times.blocked;
  const result = half();
  times.gossip += now() - start - (times.working + times.blocked - other);
  return result;
}

/** A piece is pending while its delta is complete and not yet committed. */
function isPending({ words, layout }: LiveContext, node: Row): boolean {
  return words.load(controlWord(layout, node, Control.Begun)) === words.load(controlWord(layout, node, Control.Committed)) + 1;
}

/** False for a node that killed three threads in a row. */
function isAlive({ words, layout }: LiveContext, node: Row): boolean {
  return words.load(controlWord(layout, node, Control.Alive)) === 1;
}

function allArrived(context: LiveContext, meeting: number): boolean {
  const { words, layout, shard } = context;
  return shard.every(node => hasArrived(words, layout, node, meeting) || !isAlive(context, node));
}

/** Until the next slowed node falls due; a finish that waits for a partner is tried again soon. */
function idleMilliseconds(context: LiveContext): number {
  let least = 50;
  for (const node of context.shard) {
    if (!isAlive(context, node) || !(isPending(context, node) || isResting(context, node))) continue;
    const due = context.factor(node) > 1 ? dueOf(context, node) - context.now() : 0.1;
    if (due < least) least = due;
  }
  return Math.max(least, 0.05);
}

function dueIndex({ layout }: LiveContext, node: Row): number {
  return controlWord(layout, node, Control.Due) / 2;
}

function dueOf(context: LiveContext, node: Row): number {
  return context.doubles[dueIndex(context, node)];
}
