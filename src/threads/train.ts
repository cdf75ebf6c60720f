/** Training on every core: from an experiment to a stream of events and a model. */

import { view } from '../engine/arena.js';
import { type Experiment, type ExperimentInput, parseExperiment } from '../engine/experiment.js';
import { type Counters, parametersHash } from '../engine/metrics.js';
import type { Done, RunEvent, Sample, Start, StopReason } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import { edges } from '../topology/graph.js';
import { spectralGap } from '../topology/spectrum.js';
import { type Before, evaluate } from './evaluation.js';
import { type Prepared, prepare } from './prepare.js';
import { type Stream, stream } from './stream.js';
import { isClean, type Supervisor, supervise } from './supervisor.js';
import { type TrainedModel, trainedModel } from './trained.js';
import { version } from './version.js';

export interface TrainOptions {
  /** Aborting stops the run after the local step in hand: it ends with what is committed, stopReason `aborted`. */
  readonly signal?: AbortSignal;
  /** Told what is being done before training starts, for progress displays. */
  readonly say?: (what: string) => void;
}

/** A run: iterate over its events, or await its result, or both. Errors reach both. */
export interface Run extends AsyncIterable<RunEvent>, AsyncDisposable {
  readonly result: Promise<Result>;
  /** The same as aborting. */
  stop(): void;
  /** For tests of the recovery: terminates the worker that mans a thread slot. */
  terminate(thread: number): Promise<void>;
}

export interface Result {
  readonly start: Start;
  readonly samples: readonly Sample[];
  readonly done: Done;
  readonly model: TrainedModel;
}

/**
 * Trains. Throws at once what is wrong with the experiment (CONFIG_RANGE, CONFIG_TYPE, CONFIG_UNKNOWN_KEY) and ABORTED for a signal
 * that already is; what is wrong with data, graph, model or memory rejects the run before a thread starts. Later it may
 * reject with DIVERGED, MODEL_FAILED or WORKER_LOST. However it ends, no thread is left behind.
 */
export function train(input: ExperimentInput = {}, options: TrainOptions = {}): Run {
  const experiment = parseExperiment(input);
  if (options.signal?.aborted) throw new HearsayError('ABORTED', 'train: the signal was aborted before the run started');
  const events = stream<RunEvent>();
  const control: Control = { stopped: false, supervisor: undefined };
  const stop = () => {
    control.stopped = true;
    control.supervisor?.hurry();
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  const result = conduct(experiment, options, events, control).then(
    value => {
      events.end();
      return value;
    },
    error => {
      events.fail(error);
      throw error;
    },
  );
  result.catch(() => {}); // it also reaches whoever iterates
  void result.finally(() => options.signal?.removeEventListener('abort', stop)).catch(() => {});
  return {
    result,
    stop,
    terminate: thread => control.supervisor?.terminate(thread) ?? Promise.resolve(),
    [Symbol.asyncIterator]: () => events.read(),
    async [Symbol.asyncDispose]() {
      stop();
      await result.catch(() => {});
    },
  };
}

interface Control {
  stopped: boolean;
  supervisor: Supervisor | undefined;
}

async function conduct(
  experiment: Experiment,
  options: TrainOptions,
  events: Stream<RunEvent>,
  control: Control,
): Promise<Result> {
  const wall = performance.now();
  const prepared = await prepare(experiment, options.say);
  const start = startOf(prepared);
  events.push(start);
  const supervisor = supervise(prepared.arena, thread => ({
    memory: prepared.arena.memory,
    assignment: prepared.assignment(thread),
    kernels: prepared.kernels.set,
    stepsPerNode: prepared.stepsPerNode,
  }));
  control.supervisor = supervisor;
  if (control.stopped) supervisor.hurry();
  try {
    const { samples, done } = await watch(prepared, supervisor, events, control, wall);
    await supervisor.stop();
    if (!isClean(prepared.arena, supervisor.words)) throw new HearsayError('STATE', 'train: a lock or an intent was left open');
    const { layout } = prepared.arena;
    const weights = view(prepared.arena, layout.mean, layout.shape.parameters).slice();
    const model = trainedModel(prepared.recipe.model, weights, prepared.task.features, prepared.kernels.set);
    events.push(done);
    return { start, samples, done, model };
  } catch (error) {
    await supervisor.stop(true);
    throw error;
  }
}

/** Training and evaluation by turns, until there is a reason to stop. */
async function watch(
  prepared: Prepared,
  supervisor: Supervisor,
  events: Stream<RunEvent>,
  control: Control,
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
  const everySeconds = evaluateEvery.unit === 'seconds' ? evaluateEvery.value : Number.POSITIVE_INFINITY;
  const secondsLimit = experiment.seconds ?? Number.POSITIVE_INFINITY;
  const samples: Sample[] = [];
  let before: Before = { steps: 0, loss: 0, lossSteps: 0 };
  let seconds = 0;
  let secondsEvaluating = 0;
  let nextSteps = everySteps;
  let nextSeconds = everySeconds;
  let reason: StopReason | undefined;
  let secondsToTarget: number | null = null;
  let last: { sample: Sample; counters: Counters } | undefined;

  supervisor.start();
  await supervisor.park(); // everybody has taken a seat: the clock does not run while modules load
  while (!reason) {
    const resumed = performance.now();
    const pauseAt = Math.min(nextSteps, limit, before.steps + 2 ** 30);
    supervisor.resume(Math.ceil(pauseAt));
    const deadline = Math.min(nextSeconds, secondsLimit) - seconds;
    for (;;) {
      const left = deadline - (performance.now() - resumed) / 1000;
      if (control.stopped || left <= 0) break;
      if (await supervisor.listen(Math.min(50, left * 1000))) break;
    }
    await supervisor.park();
    const paused = performance.now();
    seconds += (paused - resumed) / 1000;

    last = await evaluate(prepared, supervisor, seconds, before);
    const { sample, counters } = last;
    before = counters;
    samples.push(sample);
    events.push(sample);
    if (until && secondsToTarget === null && hits(until, sample)) {
      secondsToTarget = seconds;
      reason = 'until';
    }
    if (counters.steps >= limit) reason ??= experiment.steps === null ? 'epochs' : 'steps';
    if (seconds >= secondsLimit) reason ??= 'seconds';
    if (control.stopped) reason ??= 'aborted';
    while (nextSteps <= counters.steps) nextSteps += everySteps;
    while (nextSeconds <= seconds) nextSeconds += everySeconds;
    secondsEvaluating += (performance.now() - paused) / 1000;
  }
  const { sample, counters } = last!;
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
    secondsToTarget,
    perThread: counters.threads,
    gossipShare: share('gossip'),
    blockedShare: share('blocked'),
    busy: counters.busy,
    alone: counters.alone,
    deaths: supervisor.deaths(),
    quarantined: [...supervisor.quarantined()],
    parametersHash: parametersHash(prepared.arena),
  };
  return { samples, done };
}

function hits(until: NonNullable<Experiment['until']>, sample: Sample): boolean {
  if (until.metric === 'loss') return sample.loss <= until.value;
  return sample.accuracy !== null && sample.accuracy >= until.value;
}

/** Edges of a graph up to which its spectral gap is worked out for the start event. */
const gapEdges = 1e6;

function startOf({ experiment, threads, kernels, recipe, split, graph, arena }: Prepared): Start {
  const cheap = !graph.offsets || edges(graph) <= gapEdges;
  return {
    event: 'start',
    experiment: { ...experiment, threads },
    threads,
    kernels: { set: kernels.set, note: kernels.note },
    model: { name: recipe.model.name, parameters: recipe.model.parameters },
    data: {
      name: split.train.name,
      train: split.train.rows,
      test: split.test.rows,
      features: split.train.features,
      classes: split.train.classes,
    },
    graph: { name: graph.name, nodes: graph.nodes, edges: edges(graph), gap: cheap ? spectralGap(graph).lambda2 : null },
    memoryBytes: arena.layout.bytes,
    versions: { hearsay: version, node: process.versions.node, v8: process.versions.v8 },
  };
}
