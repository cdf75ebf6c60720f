/** Reading the numbers of a run out of its memory, while everybody is parked. */

import { createHash } from 'node:crypto';
import type { Bins } from '../bins.js';
import type { Arena } from './arena.js';
import { buckets, filled, spreadOf } from './histogram.js';
import { Control, controlWord, Header, type Plane, planeNamed, Thread, threadWord } from './layout.js';
import type { Played, Spread, ThreadTimes } from './observer.js';
import { sideOf } from './sides.js';
import { sharedWords } from './words.js';

export interface Counters {
  /** Local steps committed, over all nodes. */
  readonly steps: number;
  readonly exchanges: number;
  /** Models that went from one node to another. */
  readonly models: number;
  /** Messages of lattice codes between them, those that arrived wrong, and models that went as they are instead. */
  readonly messages: number;
  readonly retries: number;
  readonly plain: number;
  readonly meetings: number;
  readonly busy: number;
  readonly alone: number;
  /** Messages that reached their node and were not taken. */
  readonly ignored: number;
  /** Pieces of work that were dropped, as they were not finite. */
  readonly dropped: number;
  /** Sum of the batch losses of `lossSteps` steps, since the start. */
  readonly loss: number;
  readonly lossSteps: number;
  readonly staleness: Spread;
  /** Commits by their staleness. */
  readonly stalenessCounts: Bins;
  readonly threads: readonly ThreadTimes[];
}

/** Sums the counters of all threads and rows. `stepsBefore` is an earlier total: the words hold it modulo 2^32. */
export function readCounters({ layout, memory }: Arena, stepsBefore: number): Counters {
  const ints = new Int32Array(memory.buffer);
  const doubles = new Float64Array(memory.buffer, 0, Math.floor(memory.buffer.byteLength / 8));
  const { nodes, threads } = layout.shape;
  let steps = 0;
  const sum = {
    exchanges: 0,
    models: 0,
    messages: 0,
    retries: 0,
    plain: 0,
    busy: 0,
    alone: 0,
    ignored: 0,
    dropped: 0,
    loss: 0,
    lossSteps: 0,
  };
  for (let node = 0; node < nodes; node++) {
    const control = controlWord(layout, node, 0);
    steps = (steps + ints[control + Control.Steps]) | 0;
    sum.loss += doubles[(control + Control.Loss) / 2];
    sum.lossSteps += doubles[(control + Control.LossSteps) / 2];
  }
  const histogram = new Float64Array(buckets);
  const times: ThreadTimes[] = [];
  // The supervisor's seat comes last: in virtual time it decides, and counts.
  for (let thread = 0; thread <= threads; thread++) {
    const block = threadWord(layout, thread, 0);
    const milliseconds = (word: number) => doubles[(block + word) / 2];
    sum.exchanges += ints[block + Thread.Exchanges] >>> 0;
    sum.models += ints[block + Thread.Models] >>> 0;
    sum.messages += ints[block + Thread.Messages] >>> 0;
    sum.retries += ints[block + Thread.Retries] >>> 0;
    sum.plain += ints[block + Thread.Plain] >>> 0;
    sum.busy += ints[block + Thread.Busy] >>> 0;
    sum.alone += ints[block + Thread.Alone] >>> 0;
    sum.ignored += ints[block + Thread.Ignored] >>> 0;
    sum.dropped += ints[block + Thread.Dropped] >>> 0;
    for (let k = 0; k < buckets; k++) histogram[k] += ints[block + Thread.Staleness + k] >>> 0;
    if (thread === threads) break;
    times.push({
      thread,
      steps: ints[block + Thread.Steps] >>> 0,
      working: milliseconds(Thread.Working) / 1000,
      gossip: milliseconds(Thread.Gossip) / 1000,
      blocked: milliseconds(Thread.Blocked) / 1000,
    });
  }
  return {
    ...sum,
    steps: stepsBefore + ((steps - (stepsBefore % 2 ** 32)) >>> 0),
    meetings: ints[Header.Generation],
    staleness: spreadOf(histogram),
    stalenessCounts: filled(histogram),
    threads: times,
  };
}

/** What the players of a run have done so far. */
export function playedOf({ layout, memory }: Arena): Played {
  const ints = new Int32Array(memory.buffer);
  const each = (word: number) =>
    Array.from({ length: layout.shape.threads }, (_, thread) => ints[threadWord(layout, thread, word)] >>> 0);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const perThread = each(Thread.Played);
  return { perThread, overtaking: sum(each(Thread.Overtaking)) / Math.max(1, sum(perThread)) };
}

/** sha256 of the current side of params: nodes and extra rows in order, unpadded, little-endian. */
export function parametersHash(arena: Arena): string {
  return planeHash(arena, planeNamed(arena.layout, 'params')!);
}

/**
 * The same of each other plane that outlives a piece of work, by name: the optimizer's state, and what an algorithm declares. Not of
 * differences and what they are counted from, nor of version vectors: those depend on who does the work.
 */
export function planeHashes(arena: Arena): Record<string, string> {
  const others = ['params', 'delta', 'base'];
  const kept = arena.layout.planes.filter(({ name, width }) => width === undefined && !others.includes(name));
  return Object.fromEntries(kept.map(plane => [plane.name, planeHash(arena, plane)]));
}

function planeHash({ layout, memory }: Arena, plane: Plane): string {
  const words = sharedWords(memory.buffer);
  const hash = createHash('sha256');
  for (let row = 0; row < layout.models; row++) {
    hash.update(new Uint8Array(memory.buffer, sideOf(words, layout, row, plane), layout.shape.parameters * 4));
  }
  return hash.digest('hex');
}
