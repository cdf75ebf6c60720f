/** From an experiment to a memory that is ready to train in: everything that can be wrong is found here, before a thread starts. */

import type { Split } from '../data/dataset.js';
import { holdOut } from '../data/holdout.js';
import { load } from '../data/load.js';
import { refuseTableOptions } from '../data/loading.js';
import { nothing } from '../data/nothing.js';
import { type Partition, partition } from '../data/partition.js';
import { compressed } from '../data/sparse.js';
import { byteScale, staysBytes } from '../data/standardize.js';
import { agendaOps } from '../engine/agenda.js';
import { movementsOf, movingPlanes } from '../engine/along.js';
import { type Arena, allocate, writeData } from '../engine/arena.js';
import { openAugment } from '../engine/augment.js';
import { requireNeighbours } from '../engine/averaging.js';
import { besidePlanes } from '../engine/beside.js';
import type { Experiment } from '../engine/experiment.js';
import { openGraph, requireGraphFor } from '../engine/graph.js';
import { ringBytes } from '../engine/history/recorder.js';
import { type PlaneShape, requireMemory, type Shape, type TableShape } from '../engine/layout.js';
import { type Nature, openNature } from '../engine/nature.js';
import { askedBytes } from '../engine/post.js';
import { quantizerFloats } from '../engine/quantizer.js';
import { openRecipe, type Recipe, requireClock } from '../engine/recipe.js';
import { chunkRows, type ScratchNeed, scratchFloats } from '../engine/scratch.js';
import type { Assignment } from '../engine/seat.js';
import { stateBytes } from '../engine/state.js';
import { type TimelineShape, timelineBytes } from '../engine/timeline.js';
import { trackedSources, versionWords } from '../engine/versions.js';
import { HearsayError } from '../errors.js';
import type { Choice } from '../models/kernels/choose.js';
import type { Task } from '../models/model.js';
import { degree, type Graph } from '../topology/graph.js';
import { cores, threadCount } from './cores.js';
import { failureOf } from './failures.js';
import { writeFirstWeights } from './firstweights.js';
import { readWeights } from './loaded.js';
import { availableMemory } from './memory.js';
import { isWorthAPool, kernelsOf, mayBeAPool } from './mode.js';
import { shareGraph } from './sharedgraph.js';
import type { Order } from './worker.js';

/** Messages that one thread of a live run may have under way: it delivers each at once, so few are enough, where none are to wait. */
export const slotsOfThread = 4;

/** Nodes whose own accuracy is looked at, and test rows that it is looked at on, unless everything is asked for. */
export const sampledNodes = 16;
export const sampledChunks = 1000 / chunkRows;

export interface Prepared {
  readonly experiment: Experiment;
  readonly split: Split;
  readonly task: Task;
  readonly graph: Graph;
  readonly recipe: Recipe;
  readonly kernels: Choice;
  /** Who does the work: threads on the clock of the wall, this thread alone, or this thread that decides and a pool that plays. */
  readonly mode: 'live' | 'alone' | 'pool';
  readonly threads: number;
  readonly arena: Arena;
  /** Of a run in virtual time. */
  readonly virtual?: { readonly nature: Nature; readonly timeline: TimelineShape };
  /** Local steps over all nodes at which the run ends; infinite for a run by the clock. */
  readonly limit: number;
  /** Local steps of one pass over the training data, not rounded. */
  readonly stepsPerEpoch: number;
  readonly stepsPerNode: number;
  /** Test chunks of the look at single nodes, and how many nodes at most. */
  readonly worst: { readonly nodes: number; readonly chunks: number };
  assignment(thread: number): Assignment;
  order(thread: number, what: Order['what']): Order;
}

export interface Preparing {
  /** Told what is being done, for progress displays. */
  readonly say?: (what: string) => void;
  /** The run is recorded: NOT_REPLAYABLE when its algorithm can't be. */
  readonly record?: boolean;
  /** The run is played again from a history, in rows of these numbers. */
  readonly replay?: { readonly nodes: number; readonly slots: number };
  /** The run goes on: who did its work does it again, in a memory of the same shape. */
  readonly as?: Prepared['mode'];
  /** Checkpoints of the run are kept: a copy of its state needs memory too. */
  readonly keeps?: boolean;
  /** The rows, where a draft of the same experiment but for its algorithm has loaded them already. */
  readonly split?: Split;
}

/** Throws the errors of the data, the graph, the model, the algorithm and the memory; MODEL_FAILED when a module of the user's throws. */
export async function prepare(experiment: Experiment, preparing: Preparing = {}): Promise<Prepared> {
  try {
    return build(await draw(experiment, preparing), preparing);
  } catch (error) {
    throw failureOf(error, experiment, 'before a thread was started');
  }
}

/** Everything of a run but its memory: nothing is allocated, no kernel is timed. */
export interface Draft
  extends Pick<
    Prepared,
    'experiment' | 'split' | 'task' | 'graph' | 'recipe' | 'limit' | 'stepsPerEpoch' | 'stepsPerNode' | 'worst'
  > {
  readonly nature: Nature | undefined;
  /** Who will do the work, unless pieces turn out to be too short for a pool. */
  readonly likely: Prepared['mode'];
  /** Threads that are asked for. */
  readonly asked: number;
  readonly need: ScratchNeed;
  readonly parts: Partition;
  /** Weights that all nodes start from, where a file gives them. */
  readonly first: Float32Array | undefined;
  shapeOf(mode: Prepared['mode'], threads: number): Shape;
  timelineOf(threads: number): TimelineShape;
}

/** Throws what `prepare` does. */
export async function draft(experiment: Experiment, preparing: Preparing = {}): Promise<Draft> {
  try {
    return await draw(experiment, preparing);
  } catch (error) {
    throw failureOf(error, experiment, 'before a thread was started');
  }
}

async function draw(
  experiment: Experiment,
  { say, record = false, replay, as, keeps, split: loaded }: Preparing,
): Promise<Draft> {
  const found = await openGraph(experiment);
  if (found.redraws) say?.(`topology ${found.name}: drawn ${found.redraws + 1} times, until it was connected`);
  const graph = shareGraph(found);
  say?.('loading data');
  const given = loaded ?? (await splitOf(experiment));
  const { rows, features, shape, classes, categories, sparse, inputs } = given.train;
  const entries = sparse && { entries: inputs.length / rows };
  const task: Task = { rows, features, shape, classes, ...(categories && { categories }), ...entries };
  openAugment(experiment.augment, task, experiment.seed); // throws what it throws
  const stepsPerEpoch = given.train.rows / experiment.batch;
  const limit =
    experiment.steps ?? (experiment.epochs === null ? Number.POSITIVE_INFINITY : Math.ceil(experiment.epochs * stepsPerEpoch));
  const stepsPerNode = Number.isFinite(limit) ? Math.ceil(limit / experiment.nodes) : Number.POSITIVE_INFINITY;
  const recipe = await openRecipe(experiment, task, stepsPerNode);
  const split = recipe.model.reads === 'sparse' ? compressedSplit(given) : given;
  const { train, test } = split;
  const first = experiment.init === null ? undefined : await readWeights(experiment.init, recipe.model);
  const { notReplayable } = recipe.algorithm;
  requireClock(recipe.algorithm, experiment);
  requireGraphFor(recipe.algorithm, graph);
  if (recipe.average?.kind === 'trimmed')
    requireNeighbours(experiment.average, recipe.average, recipe.algorithm, experiment.nodes, node => degree(graph, node));
  if (record && notReplayable) throw new HearsayError('NOT_REPLAYABLE', `--record: ${notReplayable}; leave --record out`);
  const nature = experiment.deterministic && !replay ? await openNature(experiment, recipe) : undefined;

  const asked = threadCount(experiment.threads, experiment.nodes);
  const nodes = replay?.nodes ?? nature?.capacity ?? experiment.nodes;
  const models = nodes + (recipe.algorithm.extraRows ?? 0);
  const need: ScratchNeed = {
    stride: Math.ceil(recipe.model.parameters / 32) * 32,
    rows: models,
    batch: experiment.batch,
    features: train.features,
    outputs: recipe.model.outputs,
    lies: recipe.model.reads !== undefined,
    // So much that it can't be counted is refused as too much memory.
    workspace: Math.min(recipe.model.workspace(Math.max(experiment.batch, chunkRows)), 2 ** 50),
    quantizer: recipe.algorithm.quantize && quantizerFloats(recipe.model.parameters, recipe.algorithm.quantize),
    probes: recipe.algorithm.descent?.curvature !== undefined,
    sorts: recipe.average?.kind === 'trimmed',
  };
  if (!Number.isSafeInteger(need.workspace) || need.workspace < 0) {
    const found = `workspace(${Math.max(experiment.batch, chunkRows)}) is ${need.workspace}`;
    throw new HearsayError('MODULE_INVALID', `model ${recipe.model.name}: ${found}, allowed is a whole number of floats`);
  }
  const chunks = Math.ceil(test.rows / chunkRows);
  const each = recipe.algorithm.sharedRow === undefined ? nodes : 1;
  const worst =
    experiment.evaluate === 'full'
      ? { nodes: each, chunks }
      : { nodes: Math.min(sampledNodes, each), chunks: Math.min(sampledChunks, chunks) };
  const slotsOf = (threads: number, nodes: number) =>
    replay?.slots ?? (nature ? (experiment.slots ?? nodes + 64) : (slotsOfThread + waitingOf(threads, nodes)) * threads);
  const waitingOf = (threads: number, nodes: number) => (recipe.algorithm.waits ? Math.ceil(nodes / threads) : 0);
  const timelineOf = (threads: number, count = nodes): TimelineShape => ({
    nodes: count,
    clocks: recipe.algorithm.clocks?.length ?? 0,
    slots: recipe.algorithm.sends ? slotsOf(threads, count) : 0,
  });
  // Their numbers are looked through: once, not for each shape that is asked for.
  const tables = { train: tableOf(train), test: tableOf(test) };
  /** With another number of nodes than those of the run: what it would then be. */
  const shapeOf = (mode: Prepared['mode'], threads: number, count = nodes): Shape => {
    const rows = count + models - nodes;
    const initially = Math.min(count, experiment.nodes);
    const share = experiment.data === 'none' ? initially / experiment.nodes : 1;
    return {
      nodes: count,
      extraRows: models - nodes,
      slots: timelineOf(threads, count).slots,
      parameters: recipe.model.parameters,
      threads,
      planes: planesOf(experiment, recipe, mode, replay === undefined ? count : 0),
      scratch: scratchFloats({ ...need, rows }),
      partials: Math.max(count, 2 * chunks, 2 * worst.nodes * worst.chunks),
      events: nature ? timelineBytes(timelineOf(threads, count)) : mode === 'live' ? askedBytes(count, recipe.algorithm) : 0,
      ops: mode === 'pool' ? agendaOps(rows) : 0,
      ring: record && mode === 'live' ? ringBytes : 0,
      train: { ...tables.train, rows: Math.ceil(share * train.rows) },
      test: tables.test,
      parts: Math.ceil(share * train.rows),
    };
  };
  // Before kernels are timed: that needs memory too.
  const likely = as ? as : replay ? 'pool' : !nature ? 'live' : mayBeAPool(experiment, recipe, asked) ? 'pool' : 'alone';
  const beside = keeps ? stateBytes : undefined;
  requireMemory(nodes, count => shapeOf(likely, likely === 'alone' ? 1 : asked, count), availableMemory(), beside);
  const parts = partition(train, experiment.partition, experiment.nodes, experiment.batch, experiment.seed);
  return {
    ...{ experiment, split, task, graph, recipe, nature, limit, stepsPerEpoch, stepsPerNode, worst },
    ...{ likely, asked, need, parts, first, shapeOf, timelineOf },
  };
}

function build(drawn: Draft, { replay, as }: Preparing): Prepared {
  const { experiment, split, task, graph, recipe, nature, limit, stepsPerEpoch, stepsPerNode, worst } = drawn;
  const { likely, asked, need, parts, first, shapeOf, timelineOf } = drawn;
  const { train, test } = split;
  const kernels = kernelsOf(experiment, recipe, task);
  const isSettled = replay !== undefined || as !== undefined;
  const mode = likely === 'pool' && !isSettled && !isWorthAPool(experiment, recipe, kernels, task) ? 'alone' : likely;
  const threads = mode === 'alone' ? 1 : asked;
  const shape = shapeOf(mode, threads);
  const arena = allocate(shape);
  writeData(arena, split, parts);
  writeFirstWeights(arena, recipe, experiment, first);
  const spins = threads > cores().usable ? 0 : 200;
  const assignment = (thread: number): Assignment => ({
    experiment,
    task,
    trainScale: byteScale(train, train.standard),
    testScale: byteScale(test, test.standard),
    graph,
    thread,
    spins,
    need,
  });
  return {
    experiment,
    split,
    task,
    graph,
    recipe,
    kernels,
    mode,
    threads,
    arena,
    virtual: nature && { nature, timeline: timelineOf(threads) },
    limit,
    stepsPerEpoch,
    stepsPerNode,
    worst,
    assignment,
    order: (thread, what) => ({ memory: arena.memory, assignment: assignment(thread), kernels: kernels.set, stepsPerNode, what }),
  };
}

/** What is trained on, and what is watched: the test rows, or with `validation` a held-out part of the training rows. */
async function splitOf({ data, test, target, standardize, validation, seed, nodes, batch }: Experiment): Promise<Split> {
  if (data === 'none') {
    refuseTableOptions(data, 'nothing', { test: test ?? undefined, target: target ?? undefined });
    return nothing(nodes * batch);
  }
  const split = await load(data, { seed, standardize, test: test ?? undefined, target: target ?? undefined });
  if (validation === 0) return split;
  const held = holdOut(split.train, validation, seed);
  return { train: held.train, test: { ...held.test, name: `${split.train.name} (validation)` } };
}

function compressedSplit({ train, test }: Split): Split {
  return { train: compressed(train), test: compressed(test) };
}

function tableOf({ rows, features, inputs, standard, sparse }: Split['train']): TableShape {
  return {
    rows,
    features,
    width: staysBytes({ inputs, standard }) ? 1 : 4,
    ...(sparse && { entries: inputs.length, ones: inputs.every(value => value === 1) }),
  };
}

function planesOf(
  experiment: Experiment,
  { algorithm, optimizer }: Recipe,
  mode: Prepared['mode'],
  /** Nodes whose versions may be followed, newcomers included. */
  nodes: number,
): PlaneShape[] {
  const { stragglers, track } = experiment;
  const planes: PlaneShape[] = [{ name: 'params', sides: mode === 'alone' && algorithm.pairs ? 1 : 2 }];
  for (const { name, travels } of optimizer.state) planes.push({ name, sides: 2, ...(travels && { carried: true }) });
  // A slowed node's delta waits while its thread serves others, and so does one that a partner commits; in virtual time, all do.
  if (algorithm.keepsDelta || stragglers.length > 0 || mode !== 'live') planes.push({ name: 'delta', sides: 1 });
  // What a player's delta is counted from outlives the player.
  if (mode === 'pool') planes.push({ name: 'base', sides: 1 });
  planes.push(...(algorithm.planes ?? []), ...besidePlanes(algorithm), ...movingPlanes(movementsOf(optimizer, algorithm)));
  // Last, so that the planes before it have the same bits in runs without it.
  const tracked = trackedSources(nodes, track, mode === 'live');
  if (tracked > 0 && algorithm.sharedRow === undefined) {
    planes.push({ name: 'versions', sides: mode === 'live' ? 2 : 1, width: versionWords(tracked), carried: true });
  }
  return planes;
}
