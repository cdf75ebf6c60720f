/** The watch over a run: training and evaluation by turns, until there is a reason to stop. */

import type { Experiment } from '../engine/experiment.js';
import { parametersHash, planeHashes, playedOf } from '../engine/metrics.js';
import type { Done, RunEvent, Sample, StopReason } from '../engine/observer.js';
import type { Driver } from './driver.js';
import { type Before, evaluate } from './evaluation.js';
import type { Prepared } from './prepare.js';
import { stalled } from './stall.js';
import type { Stream } from './stream.js';

/** Training and evaluation by turns, until there is a reason to stop. */
export async function watch(
  prepared: Prepared,
  driver: Driver,
  events: Stream<RunEvent>,
  isStopped: () => boolean,
  wall: number,
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
  let before: Before = { steps: 0, loss: 0, lossSteps: 0 };
  let seconds = 0;
  let secondsEvaluating = 0;
  let nextSteps = everySteps;
  let nextSeconds = everySeconds;
  let reason: StopReason | undefined;
  let secondsToTarget: number | null = null;
  let last: Awaited<ReturnType<typeof evaluate>> | undefined;

  await driver.start();
  while (!reason) {
    const resumed = performance.now();
    const deadline = Math.min(nextSeconds, secondsLimit);
    await driver.advance(
      {
        steps: Math.min(nextSteps, limit, before.steps + 2 ** 30),
        seconds: driver.virtual ? Number.POSITIVE_INFINITY : deadline - seconds,
        time: driver.virtual ? deadline : Number.POSITIVE_INFINITY,
      },
      isStopped,
    );
    const paused = performance.now();
    seconds += (paused - resumed) / 1000;

    last = await evaluate(prepared, driver, seconds, before);
    const { sample, counters } = last;
    before = counters;
    samples.push(sample);
    events.push(sample);
    if (until && secondsToTarget === null && hits(until, sample)) {
      secondsToTarget = seconds;
      reason = 'until';
    }
    if (counters.steps >= limit) reason ??= experiment.steps === null ? 'epochs' : 'steps';
    const clock = sample.virtual?.time ?? seconds;
    if (clock >= secondsLimit) reason ??= sample.virtual ? 'time' : 'seconds';
    if (isStopped()) reason ??= 'aborted';
    if (!reason && !Number.isFinite(secondsLimit) && driver.isOver?.()) {
      throw stalled(`at virtual second ${clock} nothing is left to happen`, experiment.algorithm);
    }
    driver.mark?.(counters.steps, seconds, reason !== undefined);
    while (nextSteps <= counters.steps) nextSteps += everySteps;
    while (nextSeconds <= clock) nextSeconds += everySeconds;
    secondsEvaluating += (performance.now() - paused) / 1000;
  }
  const { sample, counters, perNode } = last!;
  const busySeconds = seconds * prepared.threads;
  const share = (part: 'gossip' | 'blocked') => counters.threads.reduce((sum, times) => sum + times[part], 0) / busySeconds;
  const done: Done = {
    ...sample,
    event: 'done',
    stopReason: reason!,
    stepsPerSecond: sample.steps / seconds,
    samplesPerSecond: (sample.steps * experiment.batch) / seconds,
    secondsEvaluating,
    wallSeconds: (performance.now() - wall) / 1000,
    target: until && { ...until, best: bestOf(until.metric, samples) },
    secondsToTarget,
    perNode,
    perThread: driver.virtual ? [] : counters.threads,
    ...(prepared.mode === 'pool' ? { played: playedOf(prepared.arena) } : {}),
    gossipShare: driver.virtual ? 0 : share('gossip'),
    blockedShare: driver.virtual ? 0 : share('blocked'),
    busy: counters.busy,
    alone: counters.alone,
    ...(counters.ignored > 0 && { ignored: counters.ignored }),
    ...(counters.dropped > 0 && { diverged: droppedBy(experiment.diverged, counters.dropped) }),
    ...(prepared.recipe.algorithm.quantize ? { quantizer: { retries: counters.retries, plain: counters.plain } } : {}),
    deaths: driver.deaths(),
    quarantined: [...driver.quarantined()],
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

function bestOf(metric: 'accuracy' | 'loss', samples: readonly Sample[]): number | null {
  const values = samples.map(sample => sample[metric]).filter(value => value !== null);
  if (values.length === 0) return null;
  return values.reduce((best, value) => (metric === 'loss' ? Math.min(best, value) : Math.max(best, value)));
}
