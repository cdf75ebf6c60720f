/** Playing a recorded run again, bit for bit, on any number of threads. */

import { openPoster } from '../engine/agenda.js';
import { parseExperiment } from '../engine/experiment.js';
import { openMerge, Stuck } from '../engine/history/merge.js';
import { parametersHash, playedOf } from '../engine/metrics.js';
import type { Played } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import { type HistoryHead, headOf, probeOf } from './history.js';
import { openHistory, type Part } from './historyfile.js';
import { type Prepared, prepare } from './prepare.js';
import { type Stream, stream } from './stream.js';
import { isClean, renew, type Supervisor, supervise } from './supervisor.js';
import { version } from './version.js';

export interface ReplayOptions {
  /** Every core by default. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
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

export interface ReplayDone extends Progress {
  readonly stopReason: 'end' | 'aborted';
  /** Bytes of the file for an op. */
  readonly bytesPerOp: number;
  readonly played: Played;
  readonly deaths: number;
  readonly versions: { readonly hearsay: string; readonly node: string };
}

export interface Replay extends AsyncIterable<ReplayEvent> {
  readonly result: Promise<ReplayDone>;
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
  const events = stream<ReplayEvent>();
  const control: { stopped: boolean; supervisor?: Supervisor } = { stopped: options.signal?.aborted ?? false };
  const stop = () => {
    control.stopped = true;
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  const result = conduct(path, options, events, control).finally(() => options.signal?.removeEventListener('abort', stop));
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
  path: string,
  { threads, say }: ReplayOptions,
  events: Stream<ReplayEvent>,
  control: { stopped: boolean; supervisor?: Supervisor },
): Promise<ReplayDone> {
  const file = openHistory(path);
  try {
    const { head, parts } = file;
    requireKernels(head, path);
    const experiment = parseExperiment(
      { ...head.experiment, threads: threads ?? null, kernels: head.kernels.set },
      key => `${path}: ${key}`,
    );
    const prepared = await prepare(experiment, { say, replay: head });
    requireSame(head, prepared, path);
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
    return await playAll(path, prepared, file, events, control);
  } finally {
    file.close();
  }
}

/** Throws KERNELS_MISMATCH when this machine does not round as the one that recorded. */
function requireKernels({ kernels: { set, probe } }: HistoryHead, path: string): void {
  if (probeOf(set as Parameters<typeof probeOf>[0]) === probe) return;
  throw new HearsayError(
    'KERNELS_MISMATCH',
    `${path}: recorded with kernels ${set} on a machine that rounds differently from this one; replay it there, or record with --kernels simd, which are the same everywhere`,
  );
}

/** Throws HISTORY_MISMATCH when data or modules are not those of the recorded run. */
function requireSame(recorded: HistoryHead, prepared: Prepared, path: string): void {
  const found = headOf(prepared);
  const refuse = (what: string) => {
    throw new HearsayError('HISTORY_MISMATCH', `${path}: ${what}; replay needs the same files as the recorded run`);
  };
  for (const [key, hash] of Object.entries(recorded.modules)) {
    if (found.modules[key] !== hash) refuse(`the module of --${key}, ${prepared.experiment[key as 'model']}, has changed since`);
  }
  if (found.parameters !== recorded.parameters)
    refuse(`the model has ${found.parameters} parameters, recorded were ${recorded.parameters}`);
  if (found.data !== recorded.data) refuse(`--data ${prepared.experiment.data} holds other data than the recorded run had`);
  if (found.initialHash !== recorded.initialHash) refuse('the starting weights differ');
}

async function playAll(
  path: string,
  prepared: Prepared,
  file: ReturnType<typeof openHistory>,
  events: Stream<ReplayEvent>,
  control: { stopped: boolean; supervisor?: Supervisor },
): Promise<ReplayDone> {
  const { arena } = prepared;
  const { layout } = arena;
  const supervisor = supervise(arena, thread => prepared.order(thread, 'play'));
  control.supervisor = supervisor;
  const poster = openPoster(supervisor.words, layout);
  const merge = openMerge(file.streams(layout.rows), layout.rows);
  const wanted = layout.shape.ops! >> 1;
  let ops = 0;
  let seconds = 0;
  let last: Progress = { ops: 0, steps: 0, seconds: 0, recordedSeconds: 0, parametersHash: file.head.initialHash };

  /** Posts what the streams have, as fast as it is played. */
  async function playPart(part: Part): Promise<boolean> {
    file.open(part);
    for (let op = merge.next(); op; op = merge.next()) {
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
      stopReason: whole ? 'end' : 'aborted',
      bytesPerOp: file.bytes / Math.max(1, ops),
      played: playedOf(arena),
      deaths: supervisor.deaths(),
      versions: { hearsay: version, node: process.versions.node },
    };
    events.push({ event: 'done', ...done });
    return done;
  } catch (error) {
    await supervisor.stop(true);
    if (!(error instanceof Stuck)) throw error;
    const where = `after op ${error.ops} no recorded op may come next`;
    throw new HearsayError('HISTORY_CORRUPT', `${path}: ${where}: some are missing, or are not of this run; record it again`);
  }
}
