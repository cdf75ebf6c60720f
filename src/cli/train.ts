/** `hearsay train` and `hearsay simulate`: runs an experiment, once or several times, shows it, keeps it, and stops it when asked. */

import { dirname, join, resolve } from 'node:path';
import type { Look } from '../dashboard/frame.js';
import type { Dashboard } from '../dashboard/live.js';
import type { Experiment } from '../engine/experiment.js';
import type { Done, RunEvent, Summary } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import type { Checkpoint } from '../threads/checkpointfile.js';
import type { Every } from '../threads/checkpoints.js';
import type { Recorded } from '../threads/history.js';
import type { Longer, Resumed } from '../threads/resume.js';
import type { Graph } from '../topology/graph.js';
import { openFolder } from './folder.js';
import { placeOf } from './place.js';
import type { Surroundings } from './program.js';
import { type Progress, progress } from './progress.js';
import { commandLine } from './report/command.js';
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
    readonly checkpoint?: string | null;
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
  readonly checkpoints?: { readonly folder: string; readonly every?: Every };
  /** The run goes on from there. */
  readonly from?: { readonly checkpoint: Checkpoint; readonly asked: Experiment };
  readonly warn?: (text: string) => void;
}

/** What goes on with a run. */
export interface Resumer {
  readCheckpoint(path: string): Promise<Checkpoint>;
  resumed(checkpoint: Checkpoint, longer: Longer): Resumed;
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
  const { repeats, json, quiet, record, keepNodes, tensorboard } = settings;
  let shown: Progress | undefined;
  const warn = (text: string) => {
    shown?.close();
    around.stderr.write(`hearsay: ${text}\n`);
  };
  const people = !quiet && !json;
  const from = settings.resume === null ? undefined : await goOn(settings.resume, settings, around);
  const experiment = from?.experiment ?? settings.experiment;
  const kept = settings.out ?? from?.folder ?? null;
  if (kept === null && (keepNodes || tensorboard || settings.checkpointEvery !== null))
    throw new HearsayError('CONFIG_MISSING', 'found --resume of a file, and no folder for what is to be kept; give --out FOLDER');
  const goesOn = kept !== null && from !== undefined && resolve(kept) === folderOf(from.checkpoint);
  if (from && kept === null && people) warn('nothing is kept of this run; --out FOLDER keeps it');
  const out = kept === null ? undefined : openFolder(kept, warn, from?.asked ?? experiment, goesOn);
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
      if (folder && tensorboard) listeners.push((await openBoard(folder.path, warn, goesOn)).record);
      if (json) listeners.push(event => print(JSON.stringify(event)));
      shown = people ? progress(around.stderr, one, around.env) : undefined;
      if (shown) listeners.push(shown.show);
      if (dashboard) listeners.push(dashboard.show);
      const nodes = keepNodes ? join(folder!.path, 'nodes.npy') : undefined;
      const every = settings.checkpointEvery ?? undefined;
      const checkpoints = folder && { folder: folder.path, every };
      const beside = { say: shown?.say, record: record ?? undefined, nodes, checkpoints, from, warn };
      const began = dashboard && ((run: Running) => dashboard.watch(watchedOf(run, runs.stop)));
      const { done, history = null, checkpoint = null } = await runs.run(one, beside, listeners, folder, began);
      finished.push(done);
      if (people) for (const line of doneLines(done, folder?.path ?? null, one, history)) print(line);
      if (people && folder && checkpoint !== null && done.stopReason === 'aborted')
        print(`go on       ${commandLine(['train', '--resume', folder.path])}`);
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

/** What a run goes on from, and the folder that it goes on in: its own, where that was given. */
async function goOn(path: string, { longer, experiment }: Settings, around: Surroundings) {
  const { readCheckpoint, resumed } = await around.loadResumer();
  const checkpoint = await readCheckpoint(path);
  if (experiment.deterministic && checkpoint.head.mode === 'live')
    throw new HearsayError(
      'CONFIG_RANGE',
      `--resume ${path}: found a run on the clock of the wall, simulate goes on with one in virtual time; use hearsay train --resume`,
    );
  const isFolder = resolve(path) === folderOf(checkpoint);
  return { checkpoint, ...resumed(checkpoint, longer), folder: isFolder ? path : null };
}

/** What a page can ask of a run. Its stop ends the runs that would come after it too. */
function watchedOf(run: Running, stop: () => void) {
  return { glance: () => run.glance?.(), pause: () => run.pause?.(), resume: () => run.resume?.(), stop };
}

/** The folder of the run that a checkpoint lies in. */
const folderOf = ({ path }: Checkpoint) => dirname(dirname(resolve(path)));
