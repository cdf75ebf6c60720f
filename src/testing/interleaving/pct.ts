/**
 * Random interleavings, by the probabilistic concurrency testing of Burckhardt, Kothari, Musuvathi and Nagarakatte (ASPLOS 2010):
 * random priorities, the highest that can go on goes on, and at depth - 1 random steps the running one drops to the bottom. It finds a
 * bug of that depth with probability 1 / (n k^(depth - 1)) a schedule, n processes and k steps.
 */

import { type Source, source, word } from '../../random.js';
import type { Machine } from './machine.js';
import type { Transition } from './scene.js';

export interface RandomSearch {
  readonly schedules: number;
  readonly steps: number;
  readonly error?: unknown;
  /** The schedule that failed: its number is its seed. */
  readonly failed: number;
  readonly path: readonly Transition[];
}

/** Runs schedules `first`, `first + 1`, ... of a seed. Half of them may have the crashes and time-outs of the scene. */
export function searchRandomly(
  machine: Machine,
  options: { seed: number; first: number; schedules: number; depth: number; longest: number },
): RandomSearch {
  const draws = source(options.seed, 'schedule');
  const { longest } = options;
  machine.hashing = false;
  const { mark, low, high } = machine;
  const expected = lengthOf(machine, longest);
  let steps = 0;
  for (let schedule = options.first; schedule < options.first + options.schedules; schedule++) {
    const path: Transition[] = [];
    try {
      runOne(machine, draws, schedule, options.depth, expected, longest, path);
    } catch (error) {
      machine.back(mark, low, high);
      return { schedules: schedule - options.first, steps: steps + path.length, error, failed: schedule, path };
    }
    machine.back(mark, low, high);
    steps += path.length;
  }
  return { schedules: options.schedules, steps, failed: -1, path: [] };
}

/** Steps of a schedule without preemptions: the k of the method, the same for every schedule. */
function lengthOf(machine: Machine, longest: number): number {
  const { mark, low, high } = machine;
  const path: Transition[] = [];
  try {
    runOne(machine, source(0, 'schedule'), 0, 1, 0, longest, path);
  } catch {
    // Found again, and reported, by a schedule of the search.
  }
  machine.back(mark, low, high);
  return Math.max(path.length, 1);
}

function runOne(
  machine: Machine,
  draws: Source,
  schedule: number,
  depth: number,
  expected: number,
  longest: number,
  path: Transition[],
): void {
  let drawn = 0;
  const below = (bound: number) => Math.floor((word(draws, schedule, drawn++) / 2 ** 32) * bound);
  const priorities = Array.from({ length: machine.processes }, () => depth + below(1 << 20));
  const changes = Array.from({ length: depth - 1 }, () => below(expected));
  // Rare outcomes (a death, a time-out) come at one random step, in half of the schedules.
  let rareAt = expected > 0 && below(2) === 0 ? below(expected) : Number.POSITIVE_INFINITY;
  const ways: Transition[] = [];
  const isRare = (way: Transition) => way.died || way.outcome === 'timed-out';
  let chosen = -1;
  for (;;) {
    const step = path.length;
    if (step >= rareAt) {
      ways.length = 0;
      for (let process = 0; process < priorities.length; process++) machine.outcomes(process, ways);
      const rare = ways.filter(isRare);
      if (rare.length > 0) {
        rareAt = below(2) === 0 ? step + below(expected) : Number.POSITIVE_INFINITY;
        chosen = -1;
        take(rare[below(rare.length)]);
        continue;
      }
    }
    if (step > longest) throw new Error(`no end after ${longest} steps, half of them scheduled at random`);
    if (step > longest / 2) for (let p = 0; p < priorities.length; p++) priorities[p] = below(1 << 20);
    // Nobody else can have come before the running one while its steps are private.
    if (chosen < 0 || !machine.isPrivate(chosen) || !machine.isEnabled(chosen)) chosen = highest();
    if (chosen < 0) {
      machine.requireEnd();
      return;
    }
    for (let k = 0; k < changes.length; k++) if (changes[k] === step) priorities[chosen] = k;
    const only = machine.onlyWay(chosen);
    if (only) {
      // No change and no death is due within what is skimmed.
      const made = machine.skim(chosen, nextEvent(step) - step);
      for (let k = 0; k < made; k++) path.push(only);
      if (made === 0) take(only);
      continue;
    }
    ways.length = 0;
    machine.outcomes(chosen, ways);
    let usual = 0;
    for (const way of ways) if (!isRare(way)) ways[usual++] = way;
    take(ways[usual === 1 ? 0 : below(usual)]);
  }

  function nextEvent(step: number): number {
    let event = rareAt;
    for (const change of changes) if (change > step && change < event) event = change;
    return Math.min(event, longest / 2);
  }

  function take(way: Transition): void {
    path.push(way);
    machine.take(way);
  }

  function highest(): number {
    let best = -1;
    for (let process = 0; process < priorities.length; process++) {
      if ((best < 0 || priorities[process] > priorities[best]) && machine.isEnabled(process)) best = process;
    }
    return best;
  }
}
