/**
 * A live run that has come to rest: for a minute no local step was committed, and in every second of it every thread has looked through
 * its nodes and found nothing to do. A thread that is in a piece of work, however long, finds something to do; so does one whose module
 * never returns. Nothing but an algorithm whose `finish` always says false comes to this, so nobody honest is sent away. A slowed node
 * rests for as long as it is told: a run with one is left alone.
 */

import type { Arena } from '../engine/arena.js';
import type { Experiment } from '../engine/experiment.js';
import { Thread, threadWord } from '../engine/layout.js';
import { HearsayError } from '../errors.js';

/** Milliseconds without a step, and between two looks. */
const patience = 60_000;
const between = 1000;

/** Called now and then with a time in milliseconds, while threads work. Throws STALLED. */
export function openStall({ layout, memory }: Arena, { stragglers, algorithm }: Experiment): (now: number) => void {
  const ints = new Int32Array(memory.buffer);
  const { threads } = layout.shape;
  const read = (word: number) => Array.from({ length: threads }, (_, thread) => ints[threadWord(layout, thread, word)]);
  let looked = Number.NEGATIVE_INFINITY;
  let since = 0;
  let steps: readonly number[] = [];
  let idle: readonly number[] = [];

  return now => {
    if (stragglers.length > 0 || now < looked + between) return;
    const before = { steps, idle };
    steps = read(Thread.Steps);
    idle = read(Thread.Idle);
    const rests = steps.every((sum, k) => sum === before.steps[k]) && idle.every((rounds, k) => rounds !== before.idle[k]);
    // A look that comes late, after an evaluation or a sleep of the machine, has seen nothing of the time between.
    if (!rests || now > looked + 2 * between) since = now;
    looked = now;
    if (now - since < patience) return;
    throw stalled(`for ${patience / 1000} s no thread has found anything to do`, algorithm);
  };
}

/** The run will never reach its limit. */
export function stalled(found: string, algorithm: string): HearsayError {
  const remedy = 'does its finish return false for ever, or is nobody left? Give the run a limit of time, or mend it';
  return new HearsayError('STALLED', `algorithm ${algorithm}: ${found}, and no limit is reached: ${remedy}`);
}
