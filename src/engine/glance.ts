/**
 * A look at a run while it goes on: counters of threads and nodes as they stand, for pictures. It reads words that others write, holds no
 * row, waits for nobody, and writes nothing. Whole numbers are loaded atomically; a sum of losses may be caught half-way, between a piece
 * and its count, and is then told once too early or too late: nothing is computed from a glance, so that is harmless.
 *
 * All of a node that is looked at stands in the first half of its control line: one cache line a node.
 */

import { source, uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import type { Arena } from './arena.js';
import { buckets } from './histogram.js';
import { Control, controlWords, Header, Thread, threadWord } from './layout.js';

/** Totals of one seat since the start. The last seat is that of who decides in virtual time. */
export interface SeatGlance {
  readonly steps: number;
  readonly exchanges: number;
  /** Seconds, as they stood when the thread last parked. */
  readonly working: number;
  readonly gossip: number;
  readonly blocked: number;
}

/** Of each row that is a node; the arrays are written anew at the next glance. */
export interface NodesGlance {
  /** Local steps committed, modulo 2^32. */
  readonly steps: Uint32Array;
  /** Mean batch loss of the steps since the glance before, or of the last that there were; NaN before the first. */
  readonly loss: Float32Array;
  /** Ops of others on the row since the snapshot of the piece under way; at most 65535. */
  readonly behind: Uint16Array;
  /** 1 while it takes part. */
  readonly alive: Uint8Array;
  /**
   * The neighbour that the node drew last, if it has drawn one since the glance before; else -1. That one it met, unless all that it drew
   * were busy. Of a population that changes: always -1.
   */
  readonly drew: Int32Array;
}

/** A look at a run between its events: counters as they stand, since the start. */
export interface Glance {
  readonly steps: number;
  /** Averages of two or more rows. */
  readonly exchanges: number;
  readonly seats: readonly SeatGlance[];
  /** Commits by their staleness, since the start: buckets of histogram.ts. */
  readonly staleness: Float64Array;
  readonly nodes: NodesGlance;
}

/** Looks as often as it is called. `seed` is the experiment's: draws are functions of it. */
export function openGlance({ layout, memory }: Arena, graph: Graph, seed: number): () => Glance {
  const ints = new Int32Array(memory.buffer);
  const doubles = new Float64Array(memory.buffer, 0, Math.floor(memory.buffer.byteLength / 8));
  const { nodes: count, threads } = layout.shape;
  const partners = source(seed, 'partner');
  const isFixed = count === graph.nodes;
  const nodes = {
    steps: new Uint32Array(count),
    loss: new Float32Array(count).fill(Number.NaN),
    behind: new Uint16Array(count),
    alive: new Uint8Array(count),
    drew: new Int32Array(count),
  };
  const draws = new Int32Array(count);
  const losses = new Float64Array(count);
  const lossSteps = new Float64Array(count);
  const staleness = new Float64Array(buckets);
  let total = 0;

  function lookAt(node: number): number {
    const at = (layout.control >>> 2) + node * controlWords;
    const load = (word: number) => Atomics.load(ints, at + word);
    const steps = load(Control.Steps);
    nodes.steps[node] = steps;
    nodes.alive[node] = load(Control.Alive);
    const sum = doubles[(at + Control.Loss) / 2];
    const summed = doubles[(at + Control.LossSteps) / 2];
    const mean = (sum - losses[node]) / (summed - lossSteps[node]);
    if (summed > lossSteps[node] && Number.isFinite(mean)) nodes.loss[node] = mean;
    losses[node] = sum;
    lossSteps[node] = summed;
    const isPending = load(Control.Begun) === load(Control.Committed) + 1;
    const turns = ((load(Control.Turn) >>> 8) - load(Control.SnapshotTurn)) & 0xffffff;
    // A snapshot that was renewed between two loads seems to lie ahead.
    nodes.behind[node] = isPending && turns < 2 ** 23 ? Math.min(turns, 65535) : 0;
    const drawn = load(Control.Draws);
    const met = isFixed && drawn !== draws[node] && drawn > 0 ? degree(graph, node) : 0;
    nodes.drew[node] = met > 0 ? neighbour(graph, node, Math.floor(uniform(partners, node, drawn - 1) * met)) : -1;
    draws[node] = drawn;
    return steps;
  }

  return () => {
    let steps = 0;
    for (let node = 0; node < count; node++) steps = (steps + lookAt(node)) | 0;
    total += (steps - (total % 2 ** 32)) >>> 0;
    staleness.fill(0);
    let exchanges = Atomics.load(ints, Header.Generation);
    const seats: SeatGlance[] = [];
    for (let seat = 0; seat <= threads; seat++) {
      const block = threadWord(layout, seat, 0);
      const load = (word: number) => Atomics.load(ints, block + word) >>> 0;
      const seconds = (word: number) => doubles[(block + word) / 2] / 1000;
      for (let k = 0; k < buckets; k++) staleness[k] += load(Thread.Staleness + k);
      exchanges += load(Thread.Exchanges);
      seats.push({
        steps: load(Thread.Steps),
        exchanges: load(Thread.Exchanges),
        working: seconds(Thread.Working),
        gossip: seconds(Thread.Gossip),
        blocked: seconds(Thread.Blocked),
      });
    }
    return { steps: total, exchanges, seats, staleness, nodes };
  };
}
