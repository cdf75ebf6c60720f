/**
 * The interleaving explorer: real code over shared words, taken one access at a time through every order of steps, in one thread.
 *
 *   explore({ words: 1, workers: [add, add], atEnd: cells => assert.equal(cells.get(0), 2) })
 *
 * A program is a plain synchronous function of its words (`engine/words.ts`) and of nothing else: no clock, no randomness, no state
 * of its own that outlives a call. Reported are deadlocks, lost wake-ups (asleep and nobody left to wake), errors thrown by programs,
 * and whatever the hooks of the scene throw; a failure comes with its schedule and a path that replays it.
 *
 * Stored states are told apart by a 64-bit hash. Sequential consistency is assumed, which is right for programs whose plain accesses
 * do not race.
 */

import { Machine } from './interleaving/machine.js';
import { readPath, retrace, writePath } from './interleaving/path.js';
import { searchRandomly } from './interleaving/pct.js';
import type { Scene, Transition } from './interleaving/scene.js';
import { search } from './interleaving/search.js';

export { type Access, again, type Cells, type Piece, type Shared, type StepOptions } from './interleaving/program.js';
export { Failure, type Scene, type StepEvent } from './interleaving/scene.js';

/** How far a search goes. */
export interface ExploreOptions {
  /** Only schedules with at most so many preemptions: switches away from one that could go on. All by default. */
  readonly preemptions?: number;
  /** States after which the search gives up (`complete` is then false). 20 million by default; each takes 32 to 64 bytes. */
  readonly limit?: number;
}

/** How many random schedules are run, and which (probabilistic concurrency testing, Burckhardt et al. 2010). */
export interface RandomOptions {
  readonly schedules: number;
  /** 1 by default. */
  readonly seed?: number;
  /** The first schedule of the seed, 0 by default: that of a failure replays it. */
  readonly first?: number;
  /** Priority changes plus one; 3 by default. */
  readonly depth?: number;
  /** Steps after which a schedule counts as endless; 20,000 by default. */
  readonly longest?: number;
}

/** What a search has found. */
export interface Report {
  /** Different states seen; 0 in a random search, which keeps none. */
  readonly states: number;
  /** Different schedules (paths through the states) from start to end; in a random search those that were run. */
  readonly schedules: number;
  /** True when every schedule of the scope was covered, and none failed. */
  readonly complete: boolean;
  readonly failure?: FailedSchedule;
}

/** A schedule in which something did not hold. */
export interface FailedSchedule {
  readonly reason: string;
  readonly error: unknown;
  /** One line a step. */
  readonly schedule: readonly string[];
  /** For `replay`. */
  readonly path: string;
  /** Of a random search: the number of the schedule under its seed. */
  readonly number?: number;
}

/** Explores every interleaving of a scene. */
export function explore(scene: Scene, options: ExploreOptions = {}): Report {
  const machine = new Machine(scene);
  const found = search(machine, options.preemptions ?? Number.POSITIVE_INFINITY, options.limit ?? 20_000_000);
  const { states, schedules, complete } = found;
  return { states, schedules, complete, failure: found.error ? failureOf(scene, found.path, found.error) : undefined };
}

/** Runs random interleavings of a scene. */
export function exploreRandomly(scene: Scene, options: RandomOptions): Report {
  const { seed = 1, first = 0, schedules, depth = 3, longest = 20_000 } = options;
  const found = searchRandomly(new Machine(scene), { seed, first, schedules, depth, longest });
  const failure = found.error ? { ...failureOf(scene, found.path, found.error), number: found.failed } : undefined;
  return { states: 0, schedules: found.schedules, complete: false, failure };
}

/** Walks one path again. */
export function replay(scene: Scene, path: string): { schedule: readonly string[]; error?: unknown } {
  const { lines, error } = retrace(new Machine(scene), readPath(path));
  return { schedule: lines, error };
}

/** The failure as text: what was wrong, each step, and the path. */
export function describeFailure(failure: FailedSchedule): string {
  return [failure.reason, ...failure.schedule.map(line => `  ${line}`), `  path: ${failure.path}`].join('\n');
}

function failureOf(scene: Scene, path: readonly Transition[], error: unknown): FailedSchedule {
  const { lines } = retrace(new Machine(scene), path);
  const reason = error instanceof Error ? error.message : String(error);
  return { reason, error, schedule: lines, path: writePath(path) };
}
