/** The watch over a run: training and evaluation by turns, until there is a reason to stop. */

import type { Progress } from '../engine/checkpoint.js';
import type { Experiment } from '../engine/experiment.js';
import { parametersHash, planeHashes, playedOf, readCounters } from '../engine/metrics.js';
import type { Done, RunEvent, Sample, StopReason } from '../engine/observer.js';
import { type Course, openCourse } from './course.js';
import type { Driver } from './driver.js';
import { evaluate } from './evaluation.js';
import type { Prepared } from './prepare.js';
import { stalled } from './stall.js';
import type { Stream } from './stream.js';

export const beginning: Progress = {
  ...{ seconds: 0, secondsEvaluating: 0, wallSeconds: 0, before: { steps: 0, loss: 0, lossSteps: 0 }, sampled: 0 },
  ...{ secondsToTarget: null, best: null, deaths: 0, quarantined: [] },
};

/** Who keeps the state of a run now and then, while everybody is parked. */
export interface Keeper {
  /** Total of local steps at which the state is to be kept next; Infinity for one who goes by the clock. */
  readonly steps: number;
  /** True when it is time, after so many local steps. */
  isDue(steps: number): boolean;
  /** Told once, before the start, whom to ask how far the run has come when it fails. */
  note(progress: () => Progress): void;
  /** Copies the state; it is written while the run goes on, unless this is the last. */
  keep(progress: Progress, steps: number, last: boolean): Promise<void>;
}

export interface Watching {
  readonly events: Stream<RunEvent>;
  readonly isStopped: () => boolean;
  /** When the run was asked for, by performance.now. */
  readonly wall: number;
  /** Where the run goes on from. */
  readonly from?: Progress;
  readonly keeper?: Keeper;
  /** What an observer sees of it, and how it is told to pause. */
  readonly course?: Course;
}

/** Training and evaluation by turns, until there is a reason to stop. */
export async function watch(
  prepared: Prepared,
  driver: Driver,
  { events, isStopped, wall, from = beginning, keeper, course = openCourse() }: Watching,
): Promise<{ samples: Sample[]; done: Done }> {
  const { experiment, limit, stepsPerEpoch } = prepared;
  const { evaluateEvery, until } = experiment;
  const everySteps =
    evaluateEvery.unit === 'seconds'
      ? Number.POSITIVE_INFINITY
      : evaluateEvery.unit === 'steps'
        ? evaluateEvery.value
        : Math.max(1, evaluateEvery.value * stepsPerEpoch);
  // Seconds are those of the run: virtual, where it has such.
  const everySeconds = evaluateEvery.unit === 'seconds' ? evaluateEvery.value : Number.POSITIVE_INFINITY;
  const secondsLimit = experiment.seconds ?? experiment.time ?? Number.POSITIVE_INFINITY;
  const samples: Sample[] = [];
  let { seconds, secondsEvaluating, before, sampled, secondsToTarget, best } = from;
  let steps = before.steps;
  let clock = 0;
  let nextSteps = everySteps;
  let nextSeconds = everySeconds;
  let reason: StopReason | undefined;
  /** It had its target before it was gone on with. */
  const isOver = secondsToTarget !== null;
  let last: Awaited<ReturnType<typeof evaluate>> | undefined;

  function look(): void {
    steps = readCounters(prepared.arena, before.steps).steps;
    clock = driver.virtual?.().time ?? seconds;
  }
  function schedule(): void {
    while (nextSteps <= before.steps) nextSteps += everySteps;
    while (nextSeconds <= sampled) nextSeconds += everySeconds;
  }
  /** At the same virtual time there may be more to happen. */
  const hasPassed = (time: number) => clock >= time && driver.isOver?.(time) !== false;
  const progress = (): Progress => ({
    ...{
      seconds: course.state === 'training' ? course.seconds() : seconds,
      secondsEvaluating,
      before,
      sampled,
      secondsToTarget,
      best,
    },
    wallSeconds: from.wallSeconds + (performance.now() - wall) / 1000,
    deaths: from.deaths + driver.deaths(),
    quarantined: [...new Set([...from.quarantined, ...driver.quarantined()])],
  });

  keeper?.note(progress);
  await driver.start();
  schedule();
  while (!reason) {
    const deadline = Math.min(nextSeconds, secondsLimit);
    let isCut = false;
    await course.open();
    course.train(seconds);
    await driver.advance(
      {
        steps: isOver
          ? before.steps
          : Math.min(nextSteps, limit, before.steps + 2 ** 30, keeper?.steps ?? Number.POSITIVE_INFINITY),
        seconds: driver.virtual ? Number.POSITIVE_INFINITY : deadline - seconds,
        time: driver.virtual ? deadline : Number.POSITIVE_INFINITY,
      },
      () => {
        isCut = isStopped() || course.isPaused() || keeper?.isDue(steps) === true;
        return isCut;
      },
    );
    seconds = course.rest();
    const parked = performance.now();
    look();
    const isRegular = steps >= Math.min(nextSteps, limit) || hasPassed(deadline);
    const isDue = keeper?.isDue(steps) === true;
    if (!isRegular && !isStopped() && (isCut || isDue)) {
      if (isDue) await keeper!.keep(progress(), steps, false);
      continue;
    }

    // At a stop first of all: who waits no longer for the evaluation loses nothing.
    const isCutShort = isStopped() && !isRegular;
    if (isCutShort) await keeper?.keep(progress(), steps, true);
    last = await evaluate(prepared, driver, seconds, before);
    const { sample, counters } = last;
    samples.push(sample);
    events.push(sample);
    if (!isCutShort) best = betterOf(until?.metric, best, sample);
    if (until && secondsToTarget === null && hits(until, sample)) {
      secondsToTarget = seconds;
      reason = 'until';
    }
    if (isOver) reason = 'until';
    if (steps >= limit) reason ??= experiment.steps === null ? 'epochs' : 'steps';
    if (hasPassed(secondsLimit)) reason ??= sample.virtual ? 'time' : 'seconds';
    if (isStopped()) reason ??= 'aborted';
    if (!reason && !Number.isFinite(secondsLimit) && driver.isOver?.(secondsLimit)) {
      throw stalled(`at virtual second ${clock} nothing is left to happen`, experiment.algorithm);
    }
    driver.mark?.(steps, seconds, reason !== undefined);
    // What goes on after a stop has no sample there, as a run that was never stopped.
    if (isRegular || reason !== 'aborted') [before, sampled] = [counters, clock];
    schedule();
    secondsEvaluating += (performance.now() - parked) / 1000;
    if (!isCutShort && (reason || keeper?.isDue(steps))) await keeper?.keep(progress(), steps, reason !== undefined);
  }
  const { sample, counters, perNode } = last!;
  const { deaths, quarantined, wallSeconds } = progress();
  const busySeconds = seconds * prepared.threads;
  const share = (part: 'gossip' | 'blocked') => counters.threads.reduce((sum, times) => sum + times[part], 0) / busySeconds;
  const done: Done = {
    ...sample,
    event: 'done',
    stopReason: reason!,
    stepsPerSecond: sample.steps / seconds,
    samplesPerSecond: (sample.steps * experiment.batch) / seconds,
    secondsEvaluating,
    wallSeconds,
    target: until && { ...until, best },
    secondsToTarget,
    perNode,
    stalenessCounts: counters.stalenessCounts,
    perThread: driver.virtual ? [] : counters.threads,
    ...(prepared.mode === 'pool' ? { played: playedOf(prepared.arena) } : {}),
    gossipShare: driver.virtual ? 0 : share('gossip'),
    blockedShare: driver.virtual ? 0 : share('blocked'),
    busy: counters.busy,
    alone: counters.alone,
    ...(counters.ignored > 0 && { ignored: counters.ignored }),
    ...(counters.dropped > 0 && { diverged: droppedBy(experiment.diverged, counters.dropped) }),
    ...(prepared.recipe.algorithm.quantize ? { quantizer: { retries: counters.retries, plain: counters.plain } } : {}),
    deaths,
    quarantined,
    parametersHash: parametersHash(prepared.arena),
    planeHashes: planeHashes(prepared.arena),
  };
  return { samples, done };
}

function droppedBy(policy: Experiment['diverged'], dropped: number): Done['diverged'] {
  return policy === 'reset' ? { resets: dropped, skips: 0 } : { resets: 0, skips: dropped };
}

function hits(until: NonNullable<Experiment['until']>, sample: Sample): boolean {
  if (until.metric === 'loss') return sample.loss <= until.value;
  return sample.accuracy !== null && sample.accuracy >= until.value;
}

/** The better of the best so far and what a sample says; null without a metric, or as long as no sample has it. */
function betterOf(metric: 'accuracy' | 'loss' | undefined, best: number | null, sample: Sample): number | null {
  const value = metric === undefined ? null : sample[metric];
  if (value === null || best === null) return value ?? best;
  return metric === 'loss' ? Math.min(best, value) : Math.max(best, value);
}
