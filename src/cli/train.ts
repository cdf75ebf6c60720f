/** `hearsay train` and `hearsay simulate`: runs an experiment, once or several times, shows it, keeps it, and stops it when asked. */

import { join } from 'node:path';
import type { Experiment } from '../engine/experiment.js';
import type { Done, RunEvent, Summary } from '../engine/observer.js';
import type { Recorded } from '../threads/history.js';
import { openFolder } from './folder.js';
import type { Surroundings } from './program.js';
import { type Progress, progress } from './progress.js';
import { openRuns } from './runs.js';
import type { Settings } from './settings.js';
import { summarize } from './statistics.js';
import { doneLines, summaryLines } from './summary.js';
import { openBoard } from './tensorboard/board.js';

/** What the command needs of a run: `train` of threads/train.ts gives more. */
export interface Running extends AsyncIterable<RunEvent> {
  readonly result: Promise<{
    readonly done: Done;
    readonly model: { save(path: string): Promise<void> };
    readonly history?: Recorded | null;
  }>;
  /** Ends the run after the steps under way; `result` then resolves as usual. */
  stop(): void;
  /** Ends the threads wherever they are, so that a run that was stopped ends though a module does not return. */
  terminate(): Promise<void>;
}

/** What a run is told of besides its experiment. */
export interface Beside {
  readonly say?: (what: string) => void;
  readonly record?: string;
  readonly nodes?: string;
  readonly warn?: (text: string) => void;
}

export type Trainer = (experiment: Experiment, options?: Beside) => Running;

/** Returns the exit status: 0, or 130 when a signal ended it early. Throws HearsayError, and whatever the run fails with. */
export async function trainCommand(settings: Settings, around: Surroundings): Promise<number> {
  const { repeats, json, quiet, record, keepNodes, tensorboard, experiment } = settings;
  let shown: Progress | undefined;
  const warn = (text: string) => {
    shown?.close();
    around.stderr.write(`hearsay: ${text}\n`);
  };
  const people = !quiet && !json;
  const out = settings.out === null ? undefined : openFolder(settings.out, warn, experiment);
  const finished: Done[] = [];
  const print = (text: string) => around.stdout.write(`${text}\n`);
  const sumUp = (): Summary => {
    const summary = summarize(finished);
    out?.record(summary);
    out?.end();
    return summary;
  };
  const runs = await openRuns(around, people ? warn : undefined);
  try {
    for (let k = 0; k < repeats && !runs.stopped; k++) {
      const one = { ...experiment, seed: experiment.seed + k };
      const folder = out && repeats > 1 ? openFolder(join(out.path, `seed-${one.seed}`), warn, one) : out;
      const listeners: ((event: RunEvent) => void)[] = [];
      if (folder) listeners.push(folder.record);
      if (folder && tensorboard) listeners.push((await openBoard(folder.path, warn)).record);
      if (json) listeners.push(event => print(JSON.stringify(event)));
      shown = people ? progress(around.stderr, one, around.env) : undefined;
      if (shown) listeners.push(shown.show);
      const nodes = keepNodes ? join(folder!.path, 'nodes.npy') : undefined;
      const beside = { say: shown?.say, record: record ?? undefined, nodes, warn };
      const { done, history = null } = await runs.run(one, beside, listeners, folder);
      finished.push(done);
      if (people) for (const line of doneLines(done, folder?.path ?? null, one, history)) print(line);
    }
    if (repeats > 1 && finished.length > 0) {
      const summary = sumUp();
      if (json) print(JSON.stringify(summary));
      if (people) for (const line of summaryLines(summary)) print(line);
    }
  } catch (error) {
    shown?.close();
    if (repeats > 1 && finished.length > 0) sumUp();
    out?.discard();
    throw error;
  } finally {
    runs.close();
  }
  return runs.stopped && !around.brokenPipe() ? 130 : 0;
}
