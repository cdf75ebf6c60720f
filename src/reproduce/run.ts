/** Doing an experiment: its runs, as many at a time as there are threads, and its rows as they come. */

import type { ExperimentInput } from '../engine/experiment.js';
import { HearsayError } from '../errors.js';
import { type Completed, openCrowd } from '../threads/crowd.js';
import { stream } from '../threads/stream.js';
import { type Run, train } from '../threads/train.js';
import type { Circumstances, Configuration, Finding, Mark, Reproduction } from './reproduction.js';
import { isJudged, type Row } from './row.js';

export interface ReproduceStart {
  readonly event: 'start';
  readonly id: string;
  readonly about: string;
  readonly notes: readonly string[];
  readonly seed: number;
  readonly threads: number;
  readonly configurations: number;
}

export type RowEvent = { readonly event: 'row'; readonly id: string; readonly configuration: string } & Row;

/** So many of the runs are done; with the name of a configuration when that was its last. */
export interface ProgressEvent {
  readonly event: 'progress';
  readonly runs: number;
  readonly of: number;
  readonly configuration?: string;
  readonly seconds: number;
}

export interface ReproduceDone {
  readonly event: 'done';
  readonly id: string;
  /** True when every row is there and within its tolerance; null when every row is there and none has a verdict. */
  readonly passed: boolean | null;
  readonly stopReason: 'end' | 'aborted';
  readonly seconds: number;
  readonly rows: readonly Row[];
}

export type ReproduceEvent = ReproduceStart | RowEvent | ProgressEvent | ReproduceDone;

export interface Report {
  readonly done: ReproduceDone;
  readonly marks: readonly Mark[];
}

/** An experiment under way: iterate over its events, or await its result. Errors reach both. */
export interface Reproducing extends AsyncIterable<ReproduceEvent> {
  readonly result: Promise<Report>;
  /** Ends it with the configurations that are done. */
  stop(): void;
}

/** Rejects with the errors of its runs. Leaves no thread behind. */
export function reproduce(reproduction: Reproduction, circumstances: Circumstances): Reproducing {
  const events = stream<ReproduceEvent>();
  const runner = reproduction.live ? oneByOne() : openCrowdRunner(circumstances.threads);
  let stopped = false;
  const result = conduct(
    reproduction,
    circumstances,
    runner,
    event => events.push(event),
    () => stopped,
  ).then(
    report => {
      events.end();
      return report;
    },
    error => {
      events.fail(error);
      throw error;
    },
  );
  result.catch(() => {}); // it also reaches whoever iterates
  return {
    result,
    stop() {
      stopped = true;
      void runner.close();
    },
    [Symbol.asyncIterator]: () => events.read(),
  };
}

/** Does runs; after `close`, those that are not done reject. */
interface Runner {
  run(input: ExperimentInput): Promise<Completed>;
  close(): Promise<void>;
}

function openCrowdRunner(threads: number): Runner {
  const crowd = openCrowd(threads);
  return { run: crowd.simulate, close: crowd.close };
}

/** Each run has all threads to itself. */
function oneByOne(): Runner {
  let before: Promise<unknown> = Promise.resolve();
  let running: Run | undefined;
  let closed = false;
  const aborted = () => new HearsayError('ABORTED', 'reproduce: stopped before the run had ended');
  const one = async (input: ExperimentInput) => {
    if (closed) throw aborted();
    running = train(input);
    const { samples, done } = await running.result;
    if (closed) throw aborted();
    return { samples, done };
  };
  return {
    run(input) {
      const next = before.then(() => one(input));
      before = next.catch(() => {});
      return next;
    },
    async close() {
      closed = true;
      running?.stop();
      await before;
    },
  };
}

async function conduct(
  { id, about, notes, configurations, conclude }: Reproduction,
  circumstances: Circumstances,
  runner: Runner,
  tell: (event: ReproduceEvent) => void,
  isStopped: () => boolean,
): Promise<Report> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const planned = configurations(circumstances);
  const of = planned.reduce((sum, { runs }) => sum + runs.length, 0);
  const findings: (Finding | undefined)[] = planned.map(() => undefined);
  let runs = 0;
  tell({ event: 'start', id, about, notes, ...circumstances, configurations: planned.length });

  async function measure({ name, runs: inputs, read }: Configuration, k: number): Promise<void> {
    const completed = inputs.map(async input => {
      const one = await runner.run(input);
      tell({ event: 'progress', runs: ++runs, of, seconds: seconds() });
      return one;
    });
    const finding = read(await Promise.all(completed));
    findings[k] = finding;
    for (const row of finding.rows) tell({ event: 'row', id, configuration: name, ...row });
    tell({ event: 'progress', runs, of, configuration: name, seconds: seconds() });
  }

  const longestFirst = planned.map((_, k) => k).sort((a, b) => (planned[b].work ?? 0) - (planned[a].work ?? 0));
  try {
    await Promise.all(longestFirst.map(k => measure(planned[k], k)));
  } catch (error) {
    if (!isStopped()) throw error;
  } finally {
    await runner.close();
  }

  const found = findings.filter(finding => finding !== undefined);
  const marks = found.flatMap(finding => finding.marks);
  const whole = found.length === planned.length;
  const conclusions = whole && conclude ? conclude(marks) : [];
  for (const row of conclusions) tell({ event: 'row', id, configuration: 'all', ...row });
  const rows = [...found.flatMap(finding => finding.rows), ...conclusions];
  const stopReason = whole ? 'end' : 'aborted';
  const isRight = whole && rows.every(row => row.passed);
  const passed = isRight && !rows.some(isJudged) ? null : isRight;
  const done: ReproduceDone = { event: 'done', id, passed, stopReason, seconds: seconds(), rows };
  tell(done);
  return { done, marks };
}
