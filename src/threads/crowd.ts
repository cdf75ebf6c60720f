/** Many simulations at once, one on each thread: for tables and sweeps. Each decides and works for itself, as with `parallel: 'never'`. */

import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { ExperimentInput } from '../engine/experiment.js';
import type { Done, Sample } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import type { Outcome } from './solo.js';

export interface Completed {
  readonly samples: readonly Sample[];
  readonly done: Done;
}

export interface Crowd {
  /**
   * Simulates on the next free thread, in the order of the calls. Rejects with the errors of `simulate`, and with ABORTED after `close`.
   */
  simulate(input: ExperimentInput): Promise<Completed>;
  /** Ends what goes on and frees the threads. */
  close(): Promise<void>;
}

/** A crowd of `threads` threads. It must be closed. */
export function openCrowd(threads: number): Crowd {
  const pool = new Piscina<ExperimentInput, Outcome>({
    filename: fileURLToPath(new URL('./enter.cjs', import.meta.url)),
    name: 'solo',
    maxThreads: threads,
    atomics: 'disabled',
    concurrentTasksPerWorker: 1,
  });
  // The threads of a pool do not keep the process alive.
  const alive = setInterval(() => {}, 2 ** 30);
  let closed = false;
  const aborted = (cause?: unknown) =>
    new HearsayError('ABORTED', 'crowd: it was closed before the simulation had ended', { cause });
  return {
    async simulate(input) {
      if (closed) throw aborted();
      let outcome: Outcome;
      try {
        outcome = await pool.run(input);
      } catch (error) {
        throw closed ? aborted(error) : error;
      }
      if (outcome.kind === 'failed') throw new HearsayError(outcome.code, outcome.message);
      return outcome;
    },
    async close() {
      closed = true;
      clearInterval(alive);
      await pool.destroy();
    },
  };
}
