/**
 * The entry of a thread: takes its seat and serves until stopped. Everything that can go wrong in the user's code comes back as a value.
 */

import { threadId } from 'node:worker_threads';
import { attach } from '../engine/arena.js';
import { Diverged } from '../engine/diverged.js';
import { Thread, threadWord } from '../engine/layout.js';
import { serveSeat } from '../engine/live.js';
import { playSeat } from '../engine/play.js';
import { openRecipe } from '../engine/recipe.js';
import { type Assignment, type Instead, openSeat } from '../engine/seat.js';
import { type KernelsName, openKernels } from '../models/kernels/choose.js';
import type { Memory } from '../models/kernels/kernels.js';
import { sameForAll } from './clock.js';

export interface Order {
  readonly memory: Memory;
  readonly assignment: Assignment;
  readonly kernels: KernelsName;
  readonly stepsPerNode: number;
  /** Serve a shard of nodes, or play what is posted. */
  readonly what: 'serve' | 'play';
}

export type Outcome =
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'diverged';
      readonly node: number;
      readonly step: number;
      readonly spread: boolean;
      readonly lastLoss?: number;
    }
  | { readonly kind: 'failed'; readonly node: number; readonly message: string; readonly stack: string };

export default async function work({ memory, assignment, kernels, stepsPerNode, what }: Order): Promise<Outcome> {
  const arena = attach(memory);
  const ints = new Int32Array(memory.buffer);
  const node = threadWord(arena.layout, assignment.thread, Thread.Node);
  Atomics.store(ints, threadWord(arena.layout, assignment.thread, Thread.Id), threadId);
  try {
    const recipe = await openRecipe(assignment.experiment, assignment.task, stepsPerNode);
    const set = openKernels(kernels, memory);
    const open = (instead: Instead) => openSeat(arena, set, recipe, assignment, sameForAll, instead);
    if (what === 'play') playSeat(arena.layout, open);
    else serveSeat(open({}), assignment.experiment, assignment.graph);
    return { kind: 'stopped' };
  } catch (error) {
    if (error instanceof Diverged) {
      const { node, step, spread, lastLoss } = error;
      return { kind: 'diverged', node, step, spread, lastLoss };
    }
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    return { kind: 'failed', node: Atomics.load(ints, node), message, stack: stack ?? '' };
  }
}
