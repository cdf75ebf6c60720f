/** Every interleaving, depth first: all of them, or those with few preemptions. */

import type { Machine } from './machine.js';
import type { Transition } from './scene.js';
import { Visited } from './visited.js';

export interface Search {
  readonly states: number;
  /** Paths through the states, from the start to an end. */
  readonly schedules: number;
  readonly complete: boolean;
  readonly error?: unknown;
  /** The way to the error. */
  readonly path: readonly Transition[];
}

export function search(machine: Machine, preemptions: number, limit: number): Search {
  const visited = new Visited();
  const path: Transition[] = [];
  const bounded = preemptions !== Number.POSITIVE_INFINITY;
  let complete = true;

  /** Schedules below this state. `last` took the step before, `left` preemptions are left. */
  function visit(last: number, left: number): number {
    // A private access commutes with everybody's: it goes first, alone. Such states lie on the way between two others: not kept.
    const hurried = whoHurries(last);
    if (hurried >= 0) return machine.isRareLeft ? follow(last, left, hurried) : skim(last, left, hurried);
    let { low, high } = machine;
    if (bounded) {
      // Who ran last matters only while a switch away from it would cost.
      const key = (left + 1) * 64 + (last >= 0 && machine.isEnabled(last) ? last + 1 : 0);
      low ^= Math.imul(key, 0x9e3779b1);
      high ^= Math.imul(key, 0x85ebca77);
    }
    const before = visited.size;
    const place = visited.place(low, high);
    if (visited.size === before) return visited.number(place);
    if (visited.size > limit) {
      complete = false;
      return 0;
    }
    const schedules = follow(last, left, -1);
    visited.setNumber(place, low, high, schedules);
    return schedules;
  }

  const hurries = (process: number) => machine.isPrivate(process) && machine.isEnabled(process);

  function whoHurries(last: number): number {
    if (last >= 0 && hurries(last)) return last;
    for (let process = 0; process < machine.processes && !bounded; process++) if (hurries(process)) return process;
    return -1;
  }

  /** Goes through a run of private accesses that nothing can cut short. */
  function skim(last: number, left: number, hurried: number): number {
    const only = machine.onlyWay(hurried);
    const { mark, low, high } = machine;
    const made = only ? machine.skim(hurried, Number.POSITIVE_INFINITY) : 0;
    if (made === 0) return follow(last, left, hurried);
    for (let k = 0; k < made; k++) path.push(only!);
    const schedules = visit(hurried, left);
    machine.back(mark, low, high);
    for (let k = 0; k < made; k++) path.pop();
    return schedules;
  }

  /** Takes every transition, or every one of process `alone`. */
  function follow(last: number, left: number, alone: number): number {
    const busy = bounded && last >= 0 && machine.isEnabled(last);
    const only = busy && left === 0 ? last : alone;
    const { mark, low, high } = machine;
    let schedules = 0;
    let taken = 0;
    for (let process = 0; process < machine.processes; process++) {
      if (only >= 0 && process !== only) continue;
      for (let way = 0, ways = machine.ways(process); way < ways && complete; way++, taken++) {
        const transition = machine.transition(process, way);
        path.push(transition);
        machine.take(transition);
        schedules += visit(process, busy && process !== last ? left - 1 : left);
        machine.back(mark, low, high);
        path.pop();
      }
    }
    if (taken > 0 || !complete) return schedules;
    machine.requireEnd();
    return 1;
  }

  try {
    const schedules = visit(-1, bounded ? preemptions : 0);
    if (complete && schedules === 0) throw new Error('no schedule ends: everybody goes round in circles');
    return { states: visited.size, schedules, complete, path: [] };
  } catch (error) {
    return { states: visited.size, schedules: 0, complete: false, error, path: [...path] };
  }
}
