/** `hearsay train` and `hearsay simulate`: runs an experiment, once or several times, shows it, keeps it, and stops it when asked. */

import { join } from 'node:path';
import type { Look } from '../dashboard/frame.js';
import type { Dashboard } from '../dashboard/live.js';
import type { Experiment } from '../engine/experiment.js';
import type { Done, RunEvent, Summary } from '../engine/observer.js';
import type { Recorded } from '../threads/history.js';
import type { Graph } from '../topology/graph.js';
import { openFolder } from './folder.js';
import { placeOf } from './place.js';
import type { Surroundings } from './program.js';
import { type Progress, progress } from './progress.js';
import { openRuns } from './runs.js';
import type { Settings } from './settings.js';
import { summarize } from './statistics.js';
import { doneLines, summaryLines } from './summary.js';

/** What the command needs of a run: `train` of threads/train.ts gives more. */
export interface Running extends AsyncIterable<RunEvent> {
  readonly result: Promise<{
    readonly done: Done;
    readonly model: { save(path: string): Promise<void> };
    readonly history?: Recorded | null;
  }>;
  /** Ends the run after the steps under way; `result` then resolves as usual. */
  stop(): void;
  /** For who watches it. */
  pause?(): void;
  resume?(): void;
  glance?(): (Look & { readonly graph: Graph }) | undefined;
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

/**
 * Returns the exit status: 0, or 130 when a signal, or who watches, ended it early. Throws HearsayError, and whatever the run fails with.
 */
export async function trainCommand(settings: Settings, around: Surroundings): Promise<number> {
  if (settings.serve === null) return trainAll(settings, around);
  const place = placeOf(settings.serve, settings.host, around.env);
  const { openDashboard } = await import('../dashboard/live.js');
  const dashboard = await openDashboard(place);
  around.stderr.write(`dashboard  ${dashboard.address}\n`);
  try {
    return await trainAll(settings, around, dashboard);
  } catch (error) {
    dashboard.failed(error);
    throw error;
  } finally {
    await dashboard.close();
  }
}

async function trainAll(settings: Settings, around: Surroundings, dashboard?: Dashboard): Promise<number> {
  const { repeats, json, quiet, record, keepNodes, experiment } = settings;
  let shown: Progress | undefined;
  const warn = (text: string) => {
    shown?.close();
    around.stderr.write(`hearsay: ${text}\n`);
  };
  const people = !quiet && !json;
  const out = settings.out === null ? undefined : openFolder(settings.out, warn);
  const finished: Done[] = [];
  const print = (text: string) => around.stdout.write(`${text}\n`);
  const runs = await openRuns(around, people ? warn : undefined);
  try {
    for (let k = 0; k < repeats && !runs.stopped; k++) {
      const folder = out && repeats > 1 ? openFolder(join(out.path, `seed-${experiment.seed + k}`), warn) : out;
      const one = { ...experiment, seed: experiment.seed + k };
      const listeners: ((event: RunEvent) => void)[] = [];
      if (folder) listeners.push(folder.record);
      if (json) listeners.push(event => print(JSON.stringify(event)));
      shown = people ? progress(around.stderr, one, around.env) : undefined;
      if (shown) listeners.push(shown.show);
      if (dashboard) listeners.push(dashboard.show);
      const nodes = keepNodes ? join(folder!.path, 'nodes.npy') : undefined;
      const beside = { say: shown?.say, record: record ?? undefined, nodes, warn };
      const began = dashboard && ((run: Running) => dashboard.watch(watchedOf(run, runs.stop)));
      const { done, history = null } = await runs.run(one, beside, listeners, folder, began);
      finished.push(done);
      if (people) for (const line of doneLines(done, folder?.path ?? null, one, history)) print(line);
    }
    if (repeats > 1 && finished.length > 0) {
      const summary: Summary = summarize(finished);
      out?.record(summary);
      if (json) print(JSON.stringify(summary));
      if (people) for (const line of summaryLines(summary)) print(line);
    }
  } catch (error) {
    shown?.close();
    out?.discard();
    throw error;
  } finally {
    runs.close();
  }
  return runs.stopped && !around.brokenPipe() ? 130 : 0;
}

/** What a page can ask of a run. Its stop ends the runs that would come after it too. */
function watchedOf(run: Running, stop: () => void) {
  return { glance: () => run.glance?.(), pause: () => run.pause?.(), resume: () => run.resume?.(), stop };
}
