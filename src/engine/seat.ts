/** Everything that one thread works with, put together from the arena and its assignment. No thread API: a test can open a seat too. */

import type { Unit } from '../data/standardize.js';
import type { Kernels } from '../models/kernels/kernels.js';
import type { Task } from '../models/model.js';
import { source, uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import { movementsOf, openAlong } from './along.js';
import type { Arena } from './arena.js';
import { openAttack } from './attack.js';
import { openAugment } from './augment.js';
import { openAveraging } from './averaging.js';
import type { BarrierContext } from './barrier.js';
import { openBeside } from './beside.js';
import { learntLayers } from './correct.js';
import { openDescent } from './descent.js';
import { Diverged } from './diverged.js';
import type { Experiment } from './experiment.js';
import { ownerWord } from './guard.js';
import { bucketOf } from './histogram.js';
import { openRecorder, threadRing } from './history/recorder.js';
import type { Holder } from './hold.js';
import { type JobContext, modelsOf, workOn } from './jobs.js';
import { Control, controlWord, Header, planeNamed, Thread, threadWord } from './layout.js';
import { countLosses } from './losses.js';
import type { RowsContext } from './op.js';
import { openQuantizer } from './quantizer.js';
import { hurried } from './quiesce.js';
import type { Recipe } from './recipe.js';
import { openRows, type PlayedRows } from './rows.js';
import { chunkRows, type ScratchNeed, scratchOf } from './scratch.js';
import { openShare } from './slots.js';
import { openTimes, type Times } from './times.js';
import { versionsOf } from './versions.js';
import { sharedWords, type Words } from './words.js';
import { type CommonWorld, openWorld } from './world.js';

export interface Assignment {
  readonly experiment: Experiment;
  readonly task: Task;
  /** How bytes become values. */
  readonly trainScale: Unit;
  readonly testScale: Unit;
  readonly graph: Graph;
  readonly thread: number;
  /** Tries at a busy lock before it is given up; 0 when threads outnumber cores. */
  readonly spins: number;
  readonly need: ScratchNeed;
}

/** What a driver puts in place of what a live thread works with. */
export interface Instead extends Partial<RowsContext> {
  readonly words?: Words;
  /** Seconds, for the age of versions; those of training by default. */
  readonly time?: () => number;
  /** Told of every node that commits. */
  readonly onCommit?: (node: number) => void;
  /** One who does all parts of a job, while there is no pool. */
  readonly single?: boolean;
}

export interface Seat {
  readonly arena: Arena;
  readonly words: Words;
  readonly thread: number;
  readonly recipe: Recipe;
  readonly holder: Holder;
  readonly rows: PlayedRows;
  readonly world: CommonWorld;
  readonly barrier?: BarrierContext;
  readonly now: () => number;
  /** f64 words of the arena. */
  readonly doubles: Float64Array;
  readonly times: Times;
  /** What the parked do together. */
  readonly job: (number: number) => void;
}

/** Nodes that thread `thread` serves: every `threads`-th. */
export function shardOf(nodes: number, thread: number, threads: number): number[] {
  return Array.from({ length: Math.ceil((nodes - thread) / threads) }, (_, k) => thread + k * threads);
}

/**
 * Seconds that a live run has trained for at `now` (milliseconds of the clock that all threads share): it stands still in an evaluation.
 */
export function secondsOfTraining(doubles: Float64Array, now: number): number {
  return (now - doubles[Header.Began / 2]) / 1000;
}

/** `now` gives milliseconds. */
export function openSeat(
  arena: Arena,
  kernels: Kernels,
  recipe: Recipe,
  assignment: Assignment,
  now: () => number,
  instead: Instead = {},
): Seat {
  const { layout, memory } = arena;
  const { experiment, thread, graph, need } = assignment;
  const { nodes, threads } = layout.shape;
  const words = instead.words ?? sharedWords(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const doubles = new Float64Array(memory.buffer, 0, Math.floor(memory.buffer.byteLength / 8));
  const scratch = scratchOf(layout, thread, need);
  const live = Array.from({ length: nodes }, (_, node) => node);
  const block = threadWord(layout, thread, 0);
  const times = openTimes(ints, doubles, block);
  const seconds = instead.time ?? (() => secondsOfTraining(doubles, now()));
  const count = (word: number) => {
    ints[block + word]++;
  };
  const exchanged = (models: number) => {
    count(Thread.Exchanges);
    ints[block + Thread.Models] += models;
  };
  const holder: Holder = {
    words,
    layout,
    owner: ownerWord(thread, words.load(block + Thread.Incarnation)),
    spins: assignment.spins,
    now,
    blocked: start => {
      times.blocked += now() - start;
    },
  };
  const descent = openDescent({
    arena,
    kernels,
    session: recipe.model.open(
      kernels,
      new Float32Array(memory.buffer, scratch.workspace, need.workspace),
      Math.max(need.batch, chunkRows),
    ),
    optimizer: recipe.optimizer,
    learnt: recipe.model.learnt,
    scratch,
    batch: experiment.batch,
    regression: assignment.task.classes === 0,
    lies: need.lies,
    trainScale: assignment.trainScale,
    testScale: assignment.testScale,
    augment: openAugment(experiment.augment, assignment.task, experiment.seed, assignment.trainScale.shift),
    seed: experiment.seed,
    beta: recipe.algorithm.descent?.beta,
    hurried: () => hurried(words),
  });
  const partners = source(experiment.seed, 'partner');
  const { algorithm } = recipe;
  const recorder = layout.shape.ring
    ? openRecorder(words, threadRing(memory.buffer, layout, thread), layout, thread, now, start => {
        times.blocked += now() - start;
      })
    : undefined;
  const along = openAlong(layout, algorithm.mixes, movementsOf(recipe.optimizer, algorithm));
  const context: RowsContext = {
    holder,
    kernels,
    set: kernels,
    thread,
    live,
    places: experiment.nodes,
    wait: experiment.busy === 'wait',
    work: scratch.work,
    delta: scratch.delta,
    list: scratch.list,
    state: recipe.optimizer.state.map(({ name }) => planeNamed(layout, name)!),
    elements: algorithm.kernels ?? {},
    seed: experiment.seed,
    mass: algorithm.mass,
    along,
    fresh: algorithm.fresh,
    averaging: recipe.average && openAveraging(memory.buffer, learntLayers(recipe.model), recipe.average),
    attack: openAttack(memory.buffer, layout, experiment.attacks, experiment.seed),
    beside: openBeside(layout, algorithm.descent),
    slots: openShare(words, layout, thread),
    quantizer:
      algorithm.quantize && openQuantizer(words, layout, thread, kernels, algorithm.quantize, scratch.quantizer, experiment.seed),
    scribe: recorder,
    versions: versionsOf(arena, words, seconds),
    descent(node, steps, first, weights, state, beside) {
      const start = now();
      const loss = descent.run(node, steps, first, weights, state, beside);
      times.working += now() - start;
      return loss;
    },
    learned(node, steps, loss) {
      if (!words.single) return countLosses(words, doubles, layout, node, steps, loss);
      const at = controlWord(layout, node, 0) / 2;
      doubles[at + Control.Loss / 2] += loss;
      doubles[at + Control.LossSteps / 2] += steps;
    },
    choose: (node, draw) => neighbour(graph, node, Math.floor(uniform(partners, node, draw) * degree(graph, node))),
    degree: node => degree(graph, node),
    neighbour: (node, k) => neighbour(graph, node, k),
    buffer: memory.buffer,
    committed(node, staleness, models, isExchange = models > 0) {
      count(Thread.Pieces);
      if (isExchange) exchanged(models);
      count(Thread.Staleness + bucketOf(staleness));
      instead.onCommit?.(node);
    },
    mixed: exchanged,
    busy: () => count(Thread.Busy),
    alone: () => count(Thread.Alone),
    ignored: () => count(Thread.Ignored),
    drops: experiment.diverged === 'stop' ? undefined : experiment.diverged,
    dropped: () => count(Thread.Dropped),
    diverged(node, step, spread) {
      throw new Diverged(node, step, spread, descent.lastLoss(node));
    },
    ...instead,
  };
  const rows = openRows(context);
  const world = openWorld(words, layout, algorithm.name, context);
  const sum = { kernels: context.kernels, list: scratch.list, buffer: memory.buffer, along };
  const jobs: JobContext = {
    words,
    layout,
    ...(instead.single ? { thread: 0, threads: 1 } : { thread, threads }),
    models: () => modelsOf(arena, algorithm.sharedRow, experiment),
    kernels,
    sum: { ...sum, kernels },
    partials: new Float64Array(memory.buffer, layout.partials, layout.shape.partials),
    sampler: source(experiment.seed, 'worst'),
    score: descent.score,
  };
  return {
    arena,
    words,
    thread,
    recipe,
    holder,
    rows,
    world,
    barrier: algorithm.meet
      ? {
          ...{ holder, thread, threads, live: context.live, sum, mass: algorithm.mass, conclude: rows.conclude },
          isWhole: context.averaging !== undefined,
          meet: algorithm.meet.bind(algorithm),
          random: world.random,
          neighbours: world.neighbours,
          moved: models => void (ints[block + Thread.Models] += models),
        }
      : undefined,
    now,
    doubles,
    times,
    job: () => workOn(jobs),
  };
}
