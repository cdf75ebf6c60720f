/**
 * The state of a simulation beside its rows: the time, the queue, and what every clock has counted. It lies in one region of the arena, so
 * that at any event boundary the memory is the state.
 *
 *   f64: time, events, ...  |  f64 per node: when its line is free  |  per node: phase, pieces begun, exchanges asked for, place  |  per node and clock: ticks  |  f64 per slot: when
 *   it was sent  |  per delivery: slot, receiver  |  free slots, free deliveries  |  queue
 *
 * An event is an id in the queue; there is at most one of each: the node's work, each of its clocks, a delivery of a message, the next
 * meeting of an edge, the next one that joins or leaves.
 */

import type { Layout } from './layout.js';
import { openQueue, type Queue, queueBytes } from './queue.js';

export interface TimelineShape {
  readonly nodes: number;
  readonly clocks: number;
  readonly slots: number;
}

/** Numbers of a simulation, in `scalars`. */
export const Scalar = {
  /** Virtual seconds. */
  Time: 0,
  /** Wakes and deliveries so far. */
  Events: 1,
  /** 1 once the first events are in the queue. */
  Started: 2,
  /** Interactions of edges, and changes of the population, so far: the number of the next one's draws. */
  Edges: 3,
  Changes: 4,
  /** Nodes that have arrived for the next meeting, and nodes that wait for a partner. */
  Arrived: 5,
  Waiting: 6,
  Joined: 7,
  Left: 8,
  Crashed: 9,
  /** Messages and exchanges that a link lost, or that found nobody. */
  Lost: 10,
  /** Local steps committed, over all nodes. */
  Steps: 11,
  /** Pieces of work, and their local steps, that were gone with nodes that crashed. */
  LostPieces: 12,
  LostSteps: 13,
  /** Changes of the population that could not be: no row was free, or the last node would have gone. */
  Refused: 14,
  /** Questions to nodes that all wait, since a piece was finished. */
  InVain: 15,
} as const;

export interface Timeline {
  readonly queue: Queue;
  readonly scalars: Float64Array;
  /** Virtual seconds at which the line of each node is free; see lines.ts. */
  readonly lines: Float64Array;
  /** Four words a node, see Of: together, so that an event finds them in one cache line. */
  readonly nodes: Int32Array;
  /**
   * Ticks of clock c of node i, of a regular one the number of the next: entry c x nodes + i. 1 in `onItsWay`: its exchange is on its way
   * to the partner.
   */
  readonly ticks: Int32Array;
  readonly onItsWay: Int32Array;
  /** When the message in a slot was sent, virtual seconds. */
  readonly sent: Float64Array;
  /** A message on its way to one receiver: its slot, and the node. */
  readonly slot: Int32Array;
  readonly receiver: Int32Array;
  /** For openSlots: free slots, and free deliveries. */
  readonly free: Int32Array;
  readonly freeDeliveries: Int32Array;
}

/** Words of a node. */
export const Of = {
  /** What its work is at; see Phase. */
  phase: 0,
  /** Pieces of work that it has begun: the number of a duration. */
  begun: 1,
  /** Messages and exchanges that the link was asked about. */
  asked: 2,
  /** The node whose place in the graph it has, plus 1; 0 until it takes part, and of the other sign once it has gone. */
  place: 3,
} as const;

/** Of a node's work: nothing, in the queue, waiting for a partner, on its way to one (the link takes time). */
export const Phase = { idle: 0, working: 1, waiting: 2, travelling: 3 } as const;

const scalarWords = 32;

function plan({ nodes, clocks, slots }: TimelineShape) {
  let end = scalarWords * 8;
  const take = (words: number) => {
    const start = end;
    end = Math.ceil((end + words * 4) / 128) * 128;
    return start;
  };
  const at = {
    lines: take(2 * nodes),
    nodes: take(4 * nodes),
    ticks: take(nodes * clocks),
    onItsWay: take(nodes * clocks),
    sent: take(2 * slots),
    slot: take(slots),
    receiver: take(slots),
    free: take(slots + 2),
    freeDeliveries: take(slots + 2),
  };
  return { ...at, queue: end, ids: idsOf({ nodes, clocks, slots }).count };
}

/** Which ids are which events. */
export function idsOf({ nodes, clocks, slots }: TimelineShape) {
  return {
    clock: nodes,
    delivery: nodes * (1 + clocks),
    edge: nodes * (1 + clocks) + slots,
    churn: nodes * (1 + clocks) + slots + 1,
    count: nodes * (1 + clocks) + slots + 2,
  };
}

/** Bytes of the region. */
export function timelineBytes(shape: TimelineShape): number {
  const { queue, ids } = plan(shape);
  return queue + queueBytes(ids);
}

/** Opens the region of an arena; one that is all zeros is a fresh start at time 0. */
export function openTimeline(buffer: SharedArrayBuffer, layout: Layout, shape: TimelineShape): Timeline {
  const at = plan(shape);
  const words = (offset: number, length: number) => new Int32Array(buffer, layout.events + offset, length);
  return {
    queue: openQueue(buffer, layout.events + at.queue, at.ids),
    scalars: new Float64Array(buffer, layout.events, scalarWords),
    lines: new Float64Array(buffer, layout.events + at.lines, shape.nodes),
    nodes: words(at.nodes, 4 * shape.nodes),
    ticks: words(at.ticks, shape.nodes * shape.clocks),
    onItsWay: words(at.onItsWay, shape.nodes * shape.clocks),
    sent: new Float64Array(buffer, layout.events + at.sent, shape.slots),
    slot: words(at.slot, shape.slots),
    receiver: words(at.receiver, shape.slots),
    free: words(at.free, shape.slots + 2),
    freeDeliveries: words(at.freeDeliveries, shape.slots + 2),
  };
}
