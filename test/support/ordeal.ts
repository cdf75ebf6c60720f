/** Threads of a live run that are terminated again and again, at moments drawn from a seed. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run, RunEvent } from '../../src/index.js';
import { source, uniform } from '../../src/random.js';

export type Death = Extract<RunEvent, { event: 'death' }>;

/** Resolves when the run trains. */
export async function started(run: Run): Promise<void> {
  while (run.glance()?.state !== 'training') await sleep(5);
}

/**
 * Terminates threads `count` times in all: each as soon as it has done a local step, and up to `most` milliseconds after that. So every
 * death comes in the middle of work, and while successors of others sit down.
 */
export async function torment(run: Run, threads: number, count: number, { seed = 1, most = 20 } = {}): Promise<void> {
  const random = source(seed, 'torment');
  let left = count;
  const slot = async (thread: number) => {
    const steps = () => run.glance()!.seats[thread].steps;
    for (let k = 0; left > 0; k++) {
      const before = steps();
      while (steps() === before && left > 0) await sleep(1);
      await sleep(most * uniform(random, thread, k));
      if (left-- > 0) await run.terminate(thread);
    }
  };
  await Promise.all(Array.from({ length: threads }, (_, thread) => slot(thread)));
}

/** Resolves when every node has taken a local step more than now; fails when one has not within ten seconds. */
export async function allServed(run: Run): Promise<void> {
  const before = Uint32Array.from(run.glance()!.nodes.steps);
  const end = performance.now() + 10_000;
  for (;;) {
    const lost = run.glance()!.nodes.steps.findIndex((steps, node) => steps === before[node]);
    if (lost < 0) return;
    assert.ok(performance.now() < end, `nobody serves node ${lost} any more`);
    await sleep(5);
  }
}

/** The deaths that a run has told of. */
export async function deathsOf(run: Run): Promise<Death[]> {
  const deaths: Death[] = [];
  for await (const event of run) if (event.event === 'death') deaths.push(event);
  return deaths;
}
