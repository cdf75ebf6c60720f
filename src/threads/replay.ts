/** Playing a recorded run again, bit for bit, on any number of threads. */

import { parseExperiment } from '../engine/experiment.js';
import { Malformed } from '../engine/history/code.js';
import type { HistoryHead } from '../engine/history/head.js';
import { openLedger } from '../engine/history/ledger.js';
import { openMerge, Stuck } from '../engine/history/merge.js';
import { parametersHash, playedOf } from '../engine/metrics.js';
import type { Played } from '../engine/observer.js';
import { openPoster } from '../engine/poster.js';
import { HearsayError } from '../errors.js';
import { type Demand, refused, requireKernels, requireModules, requireSame } from './basis.js';
import { headOf } from './history.js';
import { openHistory, type Part } from './historyfile.js';
import { type Prepared, prepare } from './prepare.js';
import { type Stream, stream } from './stream.js';
import { isClean, renew, type Supervise, type Supervisor, supervise } from './supervisor.js';
import { version } from './version.js';

/** How a history is played. */
export interface ReplayOptions {
  /** Every core by default. */
  readonly threads?: number;
  /** Aborting is the same as `stop`. */
  readonly signal?: AbortSignal;
  /** A history that was cut off is played up to its last check. */
  readonly partial?: boolean;
  /** Told what is being done before playing starts, for progress displays. */
  readonly say?: (what: string) => void;
}

/** What a replay says: where it starts, each check that agrees, and the end. */
export type ReplayEvent =
  | {
      readonly event: 'start';
      readonly experiment: Readonly<Record<string, unknown>>;
      readonly threads: number;
      readonly recordedBy: { readonly hearsay: string; readonly node: string; readonly platform: string };
      readonly kernels: string;
      readonly checks: number;
      readonly steps: number;
      readonly bytes: number;
    }
  | ({ readonly event: 'check' } & Progress)
  | ({ readonly event: 'done' } & ReplayDone);

interface Progress {
  /** Ops played. */
  readonly ops: number;
  /** Local steps, over all nodes. */
  readonly steps: number;
  /** Seconds of playing, and of the recorded run until here. */
  readonly seconds: number;
  readonly recordedSeconds: number;
  readonly parametersHash: string;
}

/** The end of a replay in which every check agreed. */
export interface ReplayDone extends Omit<Progress, 'parametersHash'> {
  /** At the last check, as are `ops` and `steps`; null when it was stopped before the first. */
  readonly parametersHash: string | null;
  /** Of a model: with none, checks compare nothing but steps. */
  readonly parameters: number;
  /** Local steps of the whole history. */
  readonly ofSteps: number;
  /** `cut`: the last check of a file that was cut off. */
  readonly stopReason: 'end' | 'cut' | 'aborted';
  /** Bytes of the file for an op; null when it was stopped early. */
  readonly bytesPerOp: number | null;
  readonly played: Played;
  readonly deaths: number;
  readonly versions: { readonly hearsay: string; readonly node: string };
}

/** A replay: iterate over its events, or await its result, or both. Errors reach both. */
export interface Replay extends AsyncIterable<ReplayEvent> {
  /** Resolves at the end, also of a replay that was stopped. */
  readonly result: Promise<ReplayDone>;
  /** Ends it soon; the result then has stopReason `aborted`. */
  stop(): void;
  /** For tests of the recovery: terminates the worker that mans a thread slot. */
  terminate(thread: number): Promise<void>;
}

/**
 * Plays the history in file `path`. It ends with the parameters of the recorded run, bit for bit, or rejects: with HISTORY_MISMATCH at
 * the first check that disagrees, and before a thread starts with DATA_NOT_FOUND, HISTORY_CORRUPT, HISTORY_VERSION, KERNELS_MISMATCH
 * (this machine rounds differently), HISTORY_MISMATCH (other data, other modules) and what an experiment may be refused with.
 */
export function replay(path: string, options: ReplayOptions = {}): Replay {
  return replayOn(supervise, path, options);
}

/** The same, played by whoever `manage` puts together. */
export function replayOn(manage: Supervise, path: string, options: ReplayOptions = {}): Replay {
  const events = stream<ReplayEvent>();
  const control: { stopped: boolean; supervisor?: Supervisor } = { stopped: options.signal?.aborted ?? false };
  const stop = () => {
    control.stopped = true;
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  const result = conduct(manage, path, options, events, control).finally(() =>
    options.signal?.removeEventListener('abort', stop),
  );
  result.then(
    () => events.end(),
    error => events.fail(error),
  );
  return {
    result,
    stop,
    terminate: thread => control.supervisor?.terminate(thread) ?? Promise.resolve(),
    [Symbol.asyncIterator]: () => events.read(),
  };
}

async function conduct(
  manage: Supervise,
  path: string,
  { threads, partial, say }: ReplayOptions,
  events: Stream<ReplayEvent>,
  control: { stopped: boolean; supervisor?: Supervisor },
): Promise<ReplayDone> {
  const file = openHistory(path, partial);
  try {
    const { head, parts } = file;
    requireKernels(head, path, demand);
    const experiment = parseExperiment({ ...head.experiment, threads: threads ?? null, kernels: head.kernels.set }, key =>
      key === 'threads' ? key : `${path}: ${key}`,
    );
    requireModules(head, experiment, path, demand);
    const prepared = await prepare(experiment, { say, replay: head });
    requireStart(head, prepared, path);
    events.push({
      event: 'start',
      experiment: head.experiment,
      threads: prepared.threads,
      recordedBy: { hearsay: head.hearsay, node: head.node, platform: head.platform },
      kernels: head.kernels.set,
      checks: parts.length,
      steps: parts.at(-1)!.check.steps,
      bytes: file.bytes,
    });
    return await playAll(manage, path, prepared, file, events, control);
  } finally {
    file.close();
  }
}

/** What a history rests on must be what it was. */
const demand: Demand = { code: 'HISTORY_MISMATCH', did: 'recorded', does: 'replay' };

/** Throws HISTORY_MISMATCH when the weights that all start from are others, and what `requireSame` throws. */
function requireStart(recorded: HistoryHead, prepared: Prepared, path: string): void {
  const found = headOf(prepared);
  requireSame(recorded, found, path, demand);
  if (found.initialHash !== recorded.initialHash) refused(path, 'the starting weights differ', demand);
}

/** Local steps of a piece of work that any algorithm of ours allows; it may have been cut short, and then no check counts it. */
const longestPiece = 1e6;

async function playAll(
  manage: Supervise,
  path: string,
  prepared: Prepared,
  file: ReturnType<typeof openHistory>,
  events: Stream<ReplayEvent>,
  control: { stopped: boolean; supervisor?: Supervisor },
): Promise<ReplayDone> {
  const { arena } = prepared;
  const { layout } = arena;
  const supervisor = manage(arena, thread => prepared.order(thread, 'play'));
  control.supervisor = supervisor;
  const poster = openPoster(supervisor.words, layout);
  const merge = openMerge(file.streams(layout.rows), layout.rows);
  const ledger = openLedger(layout, {
    places: prepared.experiment.nodes,
    elements: Object.keys(prepared.recipe.algorithm.kernels ?? {}).length,
    longest: Math.max(longestPiece, file.parts.at(-1)!.check.steps),
  });
  const wanted = layout.shape.ops! >> 1;
  let ops = 0;
  let seconds = 0;
  let last: Progress = { ops: 0, steps: 0, seconds: 0, recordedSeconds: 0, parametersHash: file.head.initialHash };

  /** Posts what the streams have, as fast as it is played. */
  async function playPart(part: Part): Promise<boolean> {
    file.open(part);
    for (let op = merge.next(); op; op = merge.next()) {
      ledger.enter(op);
      poster.post(op);
      ops++;
      while (poster.room() < wanted) {
        if (control.stopped) return false;
        await supervisor.listen(20);
      }
      if (poster.isWorn()) await renew(supervisor, poster);
    }
    while (!poster.isDone()) await supervisor.listen(5);
    return !control.stopped;
  }

  try {
    supervisor.start();
    await supervisor.park();
    supervisor.resume(0);
    let whole = true;
    for (const part of file.parts) {
      const start = performance.now();
      whole = await playPart(part);
      seconds += (performance.now() - start) / 1000;
      if (!whole) break;
      const { check } = part;
      if (ledger.steps !== check.steps)
        throw new Malformed(`op ${ops} ends ${ledger.steps} local steps, and the check behind it says ${check.steps}`);
      const hash = parametersHash(arena);
      if (hash !== check.parametersHash) {
        throw new HearsayError(
          'HISTORY_MISMATCH',
          `${path}: the parameters differ after op ${ops}: they were right after op ${last.ops}, so one of ops ${last.ops + 1} to ${ops} went another way; is it the same program?`,
        );
      }
      last = { ops, steps: check.steps, seconds, recordedSeconds: check.seconds, parametersHash: hash };
      events.push({ event: 'check', ...last });
    }
    await supervisor.stop();
    if (whole && !isClean(arena)) throw new HearsayError('STATE', 'replay: a lock or an intent was left open');
    const done: ReplayDone = {
      ...last,
      seconds,
      stopReason: !whole ? 'aborted' : file.isWhole ? 'end' : 'cut',
      parametersHash: last.ops === 0 && !whole ? null : last.parametersHash,
      parameters: file.head.parameters,
      ofSteps: file.parts.at(-1)!.check.steps,
      bytesPerOp: whole ? file.bytes / Math.max(1, ops) : null,
      played: playedOf(arena),
      deaths: supervisor.deaths(),
      versions: { hearsay: version, node: process.versions.node },
    };
    events.push({ event: 'done', ...done });
    return done;
  } catch (error) {
    await supervisor.stop(true);
    throw explained(error);
  }

  /** What a history makes go wrong that went well when it was recorded, is the history's fault. */
  function explained(error: unknown): unknown {
    if (error instanceof Stuck) {
      const where = `after op ${error.ops} no recorded op may come next`;
      return new HearsayError('HISTORY_CORRUPT', `${path}: ${where}: some are missing, or are not of this run; record it again`);
    }
    if (error instanceof Malformed)
      return new HearsayError('HISTORY_CORRUPT', `${path}: at op ${ops + 1}: ${error.message}; record the run again`);
    if (error instanceof HearsayError && (error.code === 'MODEL_FAILED' || error.code === 'DIVERGED')) {
      const where = `one of ops ${last.ops + 1} to ${ops} can't be done again`;
      return new HearsayError('HISTORY_MISMATCH', `${path}: ${where}: ${error.message}; is it the same program?`, {
        cause: error,
      });
    }
    return error;
  }
}
