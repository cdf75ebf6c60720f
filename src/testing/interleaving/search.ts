/** Every interleaving, depth first: all of them, or those with few preemptions. */

import type { Machine, Transition } from './machine.js';
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
    let { low, high } = machine;
    if (bounded) {
      const key = (left + 1) * 64 + last + 1;
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
    const transitions = next(last, left);
    if (transitions.length === 0) {
      machine.requireEnd();
      visited.setNumber(low, high, 1);
      return 1;
    }
    const mark = machine.mark;
    const switching = bounded && last >= 0 && machine.isEnabled(last);
    let schedules = 0;
    for (const transition of transitions) {
      path.push(transition);
      machine.take(transition);
      const { process } = transition;
      schedules += visit(process, switching && process !== last ? left - 1 : left);
      machine.back(mark);
      path.pop();
      if (!complete) break;
    }
    visited.setNumber(low, high, schedules);
    return schedules;
  }

  function next(last: number, left: number): Transition[] {
    const transitions: Transition[] = [];
    // A private access commutes with everybody's: it goes first, alone.
    for (let process = 0; process < machine.processes; process++) {
      if (!machine.isPrivate(process) || !machine.isEnabled(process) || (bounded && process !== last)) continue;
      machine.outcomes(process, transitions);
      return transitions;
    }
    const stay = bounded && left === 0 && last >= 0 && machine.isEnabled(last);
    for (let process = 0; process < machine.processes; process++) {
      if (!stay || process === last) machine.outcomes(process, transitions);
    }
    return transitions;
  }

  try {
    const schedules = visit(-1, bounded ? preemptions : 0);
    if (complete && schedules === 0) throw new Error('no schedule ends: everybody goes round in circles');
    return { states: visited.size, schedules, complete, path: [] };
  } catch (error) {
    return { states: visited.size, schedules: 0, complete: false, error, path: [...path] };
  }
}
