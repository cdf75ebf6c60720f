/**
 * Runs of experiments one after the other, which end when they are asked to: by Ctrl-C, by SIGTERM, or by a reader of stdout that goes
 * away.
 */

import type { Experiment } from '../engine/experiment.js';
import type { RunEvent } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import type { Folder } from './folder.js';
import type { Surroundings } from './program.js';
import type { Beside, Running } from './train.js';

export interface Runs {
  /** True once the run in hand was asked to end: then no other should begin. */
  readonly stopped: boolean;
  /**
   * Hands the events of a run to the listeners, keeps its model and its report in `folder`, and returns what came of it. Throws what the run
   * fails with. `began` is told of the run before its first event.
   */
  run(
    experiment: Experiment,
    beside: Beside,
    listeners: readonly ((event: RunEvent) => void)[],
    folder?: Folder,
    began?: (run: Running) => void,
  ): Promise<Awaited<Running['result']>>;
  /** As the first signal does: the run in hand ends after the steps under way, and no other begins. */
  stop(): void;
  /** Listens to signals no more. */
  close(): void;
}

/** Starts to listen to signals. `say` tells people what a signal does; it is left out where there are none. */
export async function openRuns(around: Surroundings, say: ((text: string) => void) | undefined): Promise<Runs> {
  let running: Running | undefined;
  let stopped = false;
  let signals = 0;
  let started = false;
  const stop = () => {
    stopped = true;
    running?.stop();
  };
  /** The first asks, the second ends threads that do not listen, the third ends the process: the events are on disk already. */
  const interrupt = () => {
    signals++;
    stop();
    if (signals > 2 || (signals === 2 && !started)) around.exit(130);
    else if (signals === 2) {
      say?.('ending the threads where they are; what they have committed is kept; once more to exit at once');
      running?.terminate().catch(() => {}); // the run itself says what went wrong
    } else say?.('stopping; once more to end what does not stop');
  };
  const forget = [around.onSignal(interrupt), around.onBrokenPipe(stop)];
  const close = () => {
    for (const undo of forget) undo();
  };
  const train = await around.loadTrainer().catch(error => {
    close();
    throw error;
  });
  return {
    get stopped() {
      return stopped;
    },
    async run(experiment, beside, listeners, folder, began) {
      started = false;
      const run = train(experiment, beside);
      running = run;
      began?.(run);
      // When a run fails, the events end by the same error; it must not count as unhandled meanwhile.
      run.result.catch(() => {});
      try {
        for await (const event of run) {
          started = true;
          for (const listen of listeners) listen(event);
        }
      } catch (error) {
        if (!(error instanceof HearsayError)) run.stop();
        folder?.end(error);
        folder?.discard();
        throw error;
      }
      const outcome = await run.result;
      await folder?.keep(path => outcome.model.save(path));
      folder?.end();
      return outcome;
    },
    stop,
    close,
  };
}
