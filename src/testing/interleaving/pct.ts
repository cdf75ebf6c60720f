/**
 * Random interleavings, by the probabilistic concurrency testing of Burckhardt, Kothari, Musuvathi and Nagarakatte (ASPLOS 2010):
 * random priorities, the highest that can go on goes on, and at depth - 1 random steps the running one drops to the bottom. It finds a
 * bug of that depth with probability 1 / (n k^(depth - 1)) a schedule, n processes and k steps.
 */

import { type Source, source, word } from '../../random.js';
import type { Machine, Transition } from './machine.js';

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
  const start = machine.mark;
  const expected = lengthOf(machine, longest);
  let steps = 0;
  for (let schedule = options.first; schedule < options.first + options.schedules; schedule++) {
    const path: Transition[] = [];
    try {
      runOne(machine, draws, schedule, options.depth, expected, longest, path);
    } catch (error) {
      machine.back(start);
      return { schedules: schedule - options.first, steps: steps + path.length, error, failed: schedule, path };
    }
    machine.back(start);
    steps += path.length;
  }
  return { schedules: options.schedules, steps, failed: -1, path: [] };
}

/** Steps of a schedule without preemptions: the k of the method, the same for every schedule. */
function lengthOf(machine: Machine, longest: number): number {
  const start = machine.mark;
  const path: Transition[] = [];
  try {
    runOne(machine, source(0, 'schedule'), 0, 1, 0, longest, path);
  } catch {
    // Found again, and reported, by a schedule of the search.
  }
  machine.back(start);
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
  for (;;) {
    let chosen = -1;
    for (let process = 0; process < priorities.length; process++) {
      if (!machine.isEnabled(process)) continue;
      if (chosen < 0 || priorities[process] > priorities[chosen]) chosen = process;
    }
    ways.length = 0;
    if (path.length >= rareAt) {
      for (let process = 0; process < priorities.length; process++) machine.outcomes(process, ways);
      const rare = ways.filter(way => way.died || way.outcome === 'timed-out');
      ways.length = 0;
      if (rare.length > 0) {
        const way = rare[below(rare.length)];
        rareAt = below(2) === 0 ? path.length + below(expected) : Number.POSITIVE_INFINITY;
        path.push(way);
        machine.take(way);
        continue;
      }
    }
    if (chosen < 0) {
      machine.requireEnd();
      return;
    }
    const change = changes.indexOf(path.length);
    if (change >= 0) priorities[chosen] = change;
    if (path.length > longest / 2) for (let p = 0; p < priorities.length; p++) priorities[p] = below(1 << 20);
    if (path.length > longest) throw new Error(`no end after ${longest} steps, half of them scheduled at random`);
    machine.outcomes(chosen, ways);
    const usual = ways.filter(way => !way.died && way.outcome !== 'timed-out');
    const way = usual.length === 1 ? usual[0] : usual[below(usual.length)];
    path.push(way);
    machine.take(way);
  }
}
