/** Schedules as text: one line a step for people, and a short path that replays it. */

import type { Machine } from './machine.js';
import type { Outcome, Transition } from './scene.js';

/** Runs of steps of one process: "0x12 1 0! 2x5"; an outcome other than the first as ".2", a death as "!", a time-out as "t". */
export function writePath(path: readonly Transition[]): string {
  const words = path.map(({ process, outcome, died }) => {
    const way = outcome === 0 ? '' : outcome === 'timed-out' ? 't' : outcome === 'dies' ? '~' : `.${outcome}`;
    return `${process}${way}${died && outcome !== 'dies' ? '!' : ''}`;
  });
  const runs: string[] = [];
  for (let k = 0; k < words.length; ) {
    let end = k;
    while (end < words.length && words[end] === words[k]) end++;
    runs.push(end - k > 1 ? `${words[k]}x${end - k}` : words[k]);
    k = end;
  }
  return runs.join(' ');
}

export function readPath(text: string): Transition[] {
  return text
    .split(' ')
    .filter(word => word !== '')
    .flatMap(word => {
      const parts = /^(\d+)(t|~|\.\d+)?(!)?(?:x(\d+))?$/.exec(word);
      if (!parts) throw new Error(`path: "${word}" is no step`);
      const way = parts[2];
      const outcome: Outcome = way === undefined ? 0 : way === 't' ? 'timed-out' : way === '~' ? 'dies' : Number(way.slice(1));
      const transition = { process: Number(parts[1]), outcome, died: parts[3] === '!' || way === '~' };
      return Array.from({ length: Number(parts[4] ?? 1) }, () => transition);
    });
}

/** Takes the steps of a path, from the machine's start. Returns a line for each, and the error that it ends with, if any. */
export function retrace(machine: Machine, path: readonly Transition[]): { lines: string[]; error?: unknown } {
  const lines: string[] = [];
  const { mark, low, high } = machine;
  try {
    for (const transition of path) {
      const taken = describe(machine, transition);
      lines.push(taken);
      machine.take(transition);
      const { last } = machine;
      if (last) lines[lines.length - 1] += resultOf(last.access.kind, last.result, transition.outcome);
    }
    const open = Array.from({ length: machine.processes }, (_, process) => process).some(process => machine.isEnabled(process));
    if (!open) machine.requireEnd();
    return { lines };
  } catch (error) {
    return { lines, error };
  } finally {
    machine.back(mark, low, high);
  }
}

function describe(machine: Machine, { process, outcome, died }: Transition): string {
  const who = machine.titleOf(process).padEnd(10);
  const access = machine.accessOf(process);
  if (outcome === 'dies') return `${who}  dies, before it goes on`;
  const death = died ? ' and dies' : '';
  if (!access) return `${who}  (can't go on)`;
  const { kind, index, a, b, name } = access;
  const at = index >= 0 ? machine.nameOf(index) : name;
  const what =
    kind === 'compareExchange'
      ? `${at} ${a} -> ${b}`
      : kind === 'store' || kind === 'set' || kind === 'exchange' || kind === 'wait'
        ? `${at}, ${a}`
        : at;
  return `${who}  ${kind} ${what}${death}`;
}

function resultOf(kind: string, result: number, outcome: Outcome): string {
  if (outcome === 'timed-out') return ': timed-out';
  if (kind === 'wait') return result === 0 ? ': asleep' : ': not-equal';
  if (kind === 'notify') return `: woke ${result}`;
  return kind === 'store' || kind === 'set' || kind === 'until' ? '' : `: ${result}`;
}
