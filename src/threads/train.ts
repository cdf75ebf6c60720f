/** Training on every core: from an experiment to a stream of events and a model. */

import { view } from '../engine/arena.js';
import { type ExperimentInput, parseExperiment } from '../engine/experiment.js';
import { type Glance, openGlance } from '../engine/glance.js';
import type { Done, RunEvent, Sample, Start } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import type { Graph } from '../topology/graph.js';
import { aloneDriver } from './alone.js';
import { type Checkpoint, readCheckpoint } from './checkpointfile.js';
import { type Checkpoints, type Every, openCheckpoints } from './checkpoints.js';
import { type Course, openCourse, type State } from './course.js';
import type { Driver } from './driver.js';
import { failureOf } from './failures.js';
import { lockFolder } from './folderlock.js';
import { type HistoryWriter, type Recorded, writeHistory } from './history.js';
import { liveDriver } from './live.js';
import { writeNodes } from './nodesfile.js';
import { poolDriver } from './pool.js';
import { type Prepared, prepare } from './prepare.js';
import { type Longer, progressOf, type Resumed, restore, resumed } from './resume.js';
import { startOf } from './start.js';
import { type Stream, stream } from './stream.js';
import { type Burial, isClean } from './supervisor.js';
import { type TrainedModel, trainedModel } from './trained.js';
import { type Watching, watch } from './watch.js';

/** What a run is told of besides its experiment: none of it changes what is learnt. */
export interface TrainOptions {
  /** Aborting stops the run after the local step in hand: it ends with what is committed, stopReason `aborted`. */
  readonly signal?: AbortSignal;
  /** Told what is being done before training starts, for progress displays. */
  readonly say?: (what: string) => void;
  /** A file for the history of the run: every op, so that it can be played again. */
  readonly record?: string;
  /** A file, .npy, for the parameters of each node at the end: nodes x parameters; NaN for a node that has left. */
  readonly nodes?: string;
  /**
   * Where, and how often, the state of the run is kept, so that `resume` can go on: at the end and on a stop always, and when a live run
   * fails. The folder is the run's own meanwhile.
   */
  readonly checkpoints?: {
    /** A folder: they are in its folder `checkpoints`, the last two. */
    readonly folder: string;
    /** Every minute by default; 'never': not on the way. */
    readonly every?: Every;
  };
  /** Told what goes wrong without ending the run: that the history, or the file of the nodes, can't be written. A warning of the process by default. */
  readonly warn?: (text: string) => void;
}

/** A run: iterate over its events, or await its result, or both. Errors reach both. */
export interface Run extends AsyncIterable<RunEvent>, AsyncDisposable {
  /** Resolves at the end, also of a run that was stopped; rejects with what the run failed with. */
  readonly result: Promise<Result>;
  /** The same as aborting. */
  stop(): void;
  /** Everybody parks after the op in hand, and the clock of training stands still, until `resume` or `stop`. */
  pause(): void;
  /** Goes on after `pause`. */
  resume(): void;
  /**
   * How the run stands just now, between its events: for pictures, as often as a few times a second. It costs the run nothing but the
   * look itself. Undefined before the start. Its arrays are written anew at the next call.
   */
  glance(): RunGlance | undefined;
  /**
   * Terminates the worker that mans a thread slot, or every worker, at whatever instruction it is. What was committed stays, what was
   * not never happened, and successors take the seats. After `stop`, this ends a live run whose module does not return: its result
   * is then what was committed before. (In virtual time what was decided has to be done: a module that never returns stays.)
   */
  terminate(thread?: number): Promise<void>;
}

/** A look at a run, with its state and the graph that it runs on. */
export interface RunGlance extends Glance {
  readonly state: State;
  /** Of training, so far. */
  readonly seconds: number;
  /** Virtual seconds; null for a run on the clock of the wall. */
  readonly time: number | null;
  readonly graph: Graph;
}

/** What a run came to. */
export interface Result {
  readonly start: Start;
  /** One for each evaluation, in their order. */
  readonly samples: readonly Sample[];
  readonly done: Done;
  /** The mean of all nodes, or the row that they share. */
  readonly model: TrainedModel;
  /** What was recorded; null when nothing was asked for. */
  readonly history: Recorded | null;
  /** The file of the last checkpoint that was written; null for none. */
  readonly checkpoint: string | null;
}

/**
 * Trains. Throws at once what is wrong with the experiment (CONFIG_RANGE, CONFIG_TYPE, CONFIG_UNKNOWN_KEY) and ABORTED for a signal
 * that already is; what is wrong with data, graph, model or memory rejects the run before a thread starts. Later it may
 * reject with DIVERGED, MODEL_FAILED, WORKER_LOST or STALLED; with LOCKED, where another run has the folder of its checkpoints. However it ends, no thread is left behind.
 */
export function train(input: ExperimentInput = {}, options: TrainOptions = {}): Run {
  const experiment = parseExperiment(input);
  return launch('train', options, async () => ({ experiment, asked: experiment }));
}

/** The same in virtual time, as `hearsay simulate` does: `train` with `deterministic: true`. */
export function simulate(input: ExperimentInput = {}, options: TrainOptions = {}): Run {
  return train({ ...input, deterministic: true }, options);
}

/**
 * Goes on with the run of a checkpoint: a file, or the folder of a run (`checkpoints`), whose last one is taken. In virtual time the run then
 * ends with the bits that it would have ended with, had it never been stopped; a live one keeps every model, all state and all counters.
 * `longer` gives it other limits. Its events begin with `start`, and count on. Rejects as `train` does, and with DATA_NOT_FOUND,
 * CHECKPOINT_CORRUPT, CHECKPOINT_VERSION, CHECKPOINT_SHAPE, CHECKPOINT_MISMATCH (other data, other modules) and KERNELS_MISMATCH (this machine
 * rounds differently).
 */
export function resume(path: string, options: Omit<TrainOptions, 'record'> & { readonly longer?: Longer } = {}): Run {
  return launch('resume', options, async () => {
    options.say?.('reading the checkpoint');
    const checkpoint = await readCheckpoint(path);
    return { ...resumed(checkpoint, options.longer), checkpoint };
  });
}

/** The same from a checkpoint that was read, with what `resumed` has made of it. */
export function goOn(again: Resumed, checkpoint: Checkpoint, options: TrainOptions = {}): Run {
  return launch('resume', options, async () => ({ ...again, checkpoint }));
}

/** What is to be run, and where it goes on from. */
interface Begun extends Resumed {
  readonly checkpoint?: Checkpoint;
}

function launch(verb: string, options: TrainOptions, begin: () => Promise<Begun>): Run {
  if (options.signal?.aborted) throw new HearsayError('ABORTED', `${verb}: the signal was aborted before the run started`);
  const events = stream<RunEvent>();
  const control: Control = { stopped: false, driver: undefined, course: openCourse(), look: () => undefined };
  const { course } = control;
  const stop = () => {
    control.stopped = true;
    control.driver?.hurry();
    course.resume();
  };
  options.signal?.addEventListener('abort', stop, { once: true });
  const result = begin()
    .then(begun => conduct(begun, options, events, control))
    .then(
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
  const ended = () => {
    course.end();
    options.signal?.removeEventListener('abort', stop);
  };
  void result.finally(ended).catch(() => {});
  return {
    result,
    stop,
    pause: course.pause,
    resume: course.resume,
    glance: () => control.look(),
    terminate: thread => control.driver?.terminate(thread) ?? Promise.resolve(),
    [Symbol.asyncIterator]: () => events.read(),
    async [Symbol.asyncDispose]() {
      stop();
      await result.catch(() => {});
    },
  };
}

interface Control {
  stopped: boolean;
  driver: Driver | undefined;
  readonly course: Course;
  look: () => RunGlance | undefined;
}

async function conduct(begun: Begun, options: TrainOptions, events: Stream<RunEvent>, control: Control): Promise<Result> {
  const unlock = options.checkpoints && lockFolder(options.checkpoints.folder);
  try {
    return await conductAlone(begun, options, events, control);
  } finally {
    unlock?.();
  }
}

/** Nobody else is at work in its folder. */
async function conductAlone(
  { experiment, asked, checkpoint }: Begun,
  options: TrainOptions,
  events: Stream<RunEvent>,
  control: Control,
): Promise<Result> {
  const wall = performance.now();
  const prepared = await prepare(experiment, {
    say: options.say,
    record: options.record !== undefined,
    as: checkpoint?.head.mode,
    keeps: options.checkpoints !== undefined,
  });
  if (checkpoint) restore(checkpoint, prepared);
  const warn = options.warn ?? (text => process.emitWarning(text, 'HearsayWarning'));
  const { name, sharedRow } = prepared.recipe.algorithm;
  if (options.nodes !== undefined && sharedRow !== undefined) {
    const found = `found the algorithm ${name}, whose nodes share one model`;
    throw new HearsayError('CONFIG_RANGE', `nodes: ${found}; leave --keep-nodes out`);
  }
  const history = options.record === undefined ? undefined : writeHistory(options.record, prepared, warn);
  const { folder: out, every = { unit: 'seconds', value: 60 } } = options.checkpoints ?? {};
  const keeper = out === undefined ? undefined : openCheckpoints(prepared, { out, every, asked, from: checkpoint, warn });
  try {
    const from = checkpoint && progressOf(checkpoint, experiment);
    const ended = await perform(
      prepared,
      history,
      { events, isStopped: () => control.stopped, wall, from, keeper, course: control.course },
      control,
      keeper,
    );
    if (options.nodes !== undefined) keepNodes(options.nodes, prepared, warn);
    return { ...ended, history: history?.written() ?? null, checkpoint: (await keeper?.settle()) ?? null };
  } catch (error) {
    const last = await keeper?.settle();
    if (last) warn(`the run can be gone on with from ${last}`);
    throw error;
  } finally {
    history?.close();
  }
}

function keepNodes(path: string, { arena }: Prepared, warn: (text: string) => void): void {
  try {
    writeNodes(path, arena);
  } catch (error) {
    if (!(error instanceof HearsayError)) throw error;
    warn(`${error.code}: ${error.message}; the models of the nodes were not kept`);
  }
}

async function perform(
  prepared: Prepared,
  history: HistoryWriter | undefined,
  watching: Watching,
  control: Control,
  keeper: Checkpoints | undefined,
): Promise<Omit<Result, 'history' | 'checkpoint'>> {
  const start = startOf(prepared);
  const { events, from } = watching;
  await keeper?.begin();
  events.push(start);
  let driver: Driver | undefined;
  try {
    const buried = (burial: Burial) => events.push({ event: 'death', seconds: control.course.seconds(), ...burial });
    driver = drivers[prepared.mode](prepared, history, from?.seconds, buried);
    control.driver = driver;
    control.look = lookerAt(prepared, driver, control.course);
    if (control.stopped) driver.hurry();
    const { samples, done } = await watch(prepared, driver, watching);
    await driver.stop();
    if (!isClean(prepared.arena)) throw new HearsayError('STATE', 'train: a lock or an intent was left open');
    const { layout } = prepared.arena;
    const weights = view(prepared.arena, layout.mean, layout.shape.parameters).slice();
    const { recipe, split, kernels } = prepared;
    const model = trainedModel(recipe.model, weights, split.train, kernels.set, prepared.experiment.model);
    events.push(done);
    return { start, samples, done, model };
  } catch (error) {
    await driver?.stop(true);
    // Of virtual time it is no state, in the middle of an event, or behind what was decided; but there the one before leads to the same.
    if (prepared.mode === 'live' && isClean(prepared.arena)) await keeper?.rescue();
    throw failureOf(error, prepared.experiment, 'between pieces of work');
  }
}

/** The memory is not read before somebody looks. */
function lookerAt({ arena, graph, experiment }: Prepared, { virtual }: Driver, course: Course): () => RunGlance {
  let look: (() => Glance) | undefined;
  return () => {
    look ??= openGlance(arena, graph, experiment.seed);
    return { ...look(), state: course.state, seconds: course.seconds(), time: virtual?.().time ?? null, graph };
  };
}

/** `before`: seconds of training that lie behind a run that goes on. */
const drivers: Record<
  Prepared['mode'],
  (prepared: Prepared, history?: HistoryWriter, before?: number, buried?: (burial: Burial) => void) => Driver
> = {
  live: liveDriver,
  alone: (prepared, history) => aloneDriver(prepared, history),
  pool: (prepared, history, _before, buried) => poolDriver(prepared, history, undefined, buried),
};
