/**
 * The manifest of a run: what it was, on what, by which command, and what came of it. Nothing of it is from the environment, and no path
 * is in it but those that were given.
 */

import type { Experiment } from '../../engine/experiment.js';
import type { Done, Start } from '../../engine/observer.js';
import { HearsayError } from '../../errors.js';
import { commandLine, wordsOf } from './command.js';
import { type Machine, machine } from './machine.js';

export interface Manifest extends Omit<Start, 'event'> {
  /** `words` as a shell reads them; both without what becomes of the numbers (--out and such). */
  readonly command: string;
  readonly words: readonly string[];
  readonly machine: Machine;
  /** ISO 8601, in UTC. */
  readonly started: string;
  /** Null while it runs, and when it was killed. */
  readonly outcome: Outcome | null;
}

export type Outcome = { readonly ended: string } & (
  | Pick<Done, 'stopReason' | Reached>
  | { readonly error: { readonly code: string; readonly message: string } }
);

type Reached =
  | 'steps'
  | 'epoch'
  | 'seconds'
  | 'loss'
  | 'accuracy'
  | 'worstLoss'
  | 'worstAccuracy'
  | 'consensus'
  | 'parametersHash';

/** `given` is the experiment as it was asked for: `start` has the number of threads that came of it. */
export function manifestOf({ event: _, ...start }: Start, given: Experiment, now: Date): Manifest {
  const words = wordsOf(given);
  const command = commandLine(words);
  const { set, note } = start.kernels;
  return {
    ...{ command, words },
    ...start,
    // It may name the library that an environment variable asks for.
    kernels: { set, note: note.replace(/; no BLAS: .*/s, '') },
    machine: machine(),
    started: now.toISOString(),
    outcome: null,
  };
}

/** What came of a run that ended by itself or by hand. */
export function reached(done: Done, now: Date): Outcome {
  const { stopReason, steps, epoch, seconds, loss, accuracy, worstLoss, worstAccuracy, consensus, parametersHash } = done;
  const numbers = { steps, epoch, seconds, loss, accuracy, worstLoss, worstAccuracy, consensus, parametersHash };
  return { ended: now.toISOString(), stopReason, ...numbers };
}

/** What came of a run that failed. */
export function failed(error: unknown, command: string, now: Date): Outcome {
  const code = error instanceof HearsayError ? error.code : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  return { ended: now.toISOString(), error: { code, message: withoutPaths(message.split('\n')[0], command) } };
}

/** A message may be one of a user's module, with places on this machine: of those that are not in `command` stays the last part. */
export function withoutPaths(text: string, command: string): string {
  return text.replace(/(file:\/\/|\b[A-Za-z]:|(?<![\w.~/\\-]))([/\\][^\s/\\'"`:;,()<>]+){2,}/g, path =>
    command.includes(path) ? path : `.../${path.split(/[/\\]/).at(-1)}`,
  );
}
