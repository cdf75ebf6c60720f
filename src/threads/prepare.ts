/** From an experiment to a memory that is ready to train in: everything that can be wrong is found here, before a thread starts. */

import { freemem } from 'node:os';
import type { Split } from '../data/dataset.js';
import { holdOut } from '../data/holdout.js';
import { load } from '../data/load.js';
import { nothing } from '../data/nothing.js';
import { partition } from '../data/partition.js';
import { agendaOps } from '../engine/agenda.js';
import { type Arena, allocate, view, writeData } from '../engine/arena.js';
import type { Experiment } from '../engine/experiment.js';
import { openGraph } from '../engine/graph.js';
import { ringBytes } from '../engine/history/recorder.js';
import { Control, controlWord, largestNodes, layout, type PlaneShape, rowAddress, type Shape } from '../engine/layout.js';
import { type Nature, openNature } from '../engine/nature.js';
import { openRecipe, type Recipe } from '../engine/recipe.js';
import { chunkRows, type ScratchNeed, scratchFloats } from '../engine/scratch.js';
import { type Assignment, scaleOf } from '../engine/seat.js';
import { type TimelineShape, timelineBytes } from '../engine/timeline.js';
import { trackedSources, versionWords } from '../engine/versions.js';
import { HearsayError } from '../errors.js';
import { type Choice, chooseKernels, stepTime } from '../models/kernels/choose.js';
import type { Task } from '../models/model.js';
import { normal, source, uniform } from '../random.js';
import { quote } from '../spec.js';
import type { Graph } from '../topology/graph.js';
import { cores, threadCount } from './cores.js';
import type { Order } from './worker.js';

/** Messages that one thread of a live run may have under way: it delivers each at once, so few are enough. */
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
}

/** Throws the errors of the data, the graph, the model, the algorithm and the memory. */
export async function prepare(experiment: Experiment, { say, record = false, replay }: Preparing = {}): Promise<Prepared> {
  const graph = shareGraph(await openGraph(experiment));
  say?.('loading data');
  const split = await splitOf(experiment);
  const { train, test } = split;
  const task: Task = { features: train.features, shape: train.shape, classes: train.classes };
  const stepsPerEpoch = train.rows / experiment.batch;
  const limit =
    experiment.steps ?? (experiment.epochs === null ? Number.POSITIVE_INFINITY : Math.ceil(experiment.epochs * stepsPerEpoch));
  const stepsPerNode = Number.isFinite(limit) ? Math.ceil(limit / experiment.nodes) : Number.POSITIVE_INFINITY;
  const recipe = await openRecipe(experiment, task, stepsPerNode);
  const { notReplayable, only } = recipe.algorithm;
  if (only === 'virtual' && !experiment.deterministic) {
    const remedy = 'use hearsay simulate, or --deterministic';
    throw new HearsayError(
      'CONFIG_RANGE',
      `algorithm: found ${quote(experiment.algorithm)}: it belongs to virtual time; ${remedy}`,
    );
  }
  const parts = partition(train, experiment.partition, experiment.nodes, experiment.batch, experiment.seed);
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
    workspace: recipe.model.workspace(Math.max(experiment.batch, chunkRows)),
  };
  const chunks = Math.ceil(test.rows / chunkRows);
  const each = recipe.algorithm.sharedRow === undefined ? nodes : 1;
  const worst =
    experiment.evaluate === 'full'
      ? { nodes: each, chunks }
      : { nodes: Math.min(sampledNodes, each), chunks: Math.min(sampledChunks, chunks) };
  const slotsOf = (threads: number) => replay?.slots ?? (nature ? (experiment.slots ?? nodes + 64) : slotsOfThread * threads);
  const timelineOf = (threads: number): TimelineShape => ({
    nodes,
    clocks: recipe.algorithm.clocks?.length ?? 0,
    slots: recipe.algorithm.sends ? slotsOf(threads) : 0,
  });
  const shapeOf = (mode: Prepared['mode'], threads: number): Shape => ({
    nodes,
    extraRows: recipe.algorithm.extraRows ?? 0,
    slots: timelineOf(threads).slots,
    parameters: recipe.model.parameters,
    threads,
    planes: planesOf(experiment, recipe, mode, replay === undefined),
    scratch: scratchFloats(need),
    partials: Math.max(nodes, 2 * chunks, 2 * worst.nodes * worst.chunks),
    events: nature ? timelineBytes(timelineOf(threads)) : 0,
    ops: mode === 'pool' ? agendaOps(models) : 0,
    ring: record && mode === 'live' ? ringBytes : 0,
    train: { rows: train.rows, features: train.features, width: train.inputs.BYTES_PER_ELEMENT as 1 | 4 },
    test: { rows: test.rows, features: test.features, width: test.inputs.BYTES_PER_ELEMENT as 1 | 4 },
    parts: parts.indices.length,
  });
  requireMemory(shapeOf(nature || replay ? 'pool' : 'live', asked)); // before kernels are timed: that needs memory too
  const kernels = kernelsOf(experiment, recipe, task);
  const mode = replay ? 'pool' : nature ? (isWorthAPool(experiment, recipe, kernels, asked) ? 'pool' : 'alone') : 'live';
  const threads = mode === 'alone' ? 1 : asked;
  const shape = shapeOf(mode, threads);
  const arena = allocate(shape);
  writeData(arena, split, parts);
  initialize(arena, recipe, experiment);
  const spins = threads > cores().usable ? 0 : 200;
  const assignment = (thread: number): Assignment => ({
    experiment,
    task,
    trainScale: scaleOf(train),
    testScale: scaleOf(test),
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

/** In virtual time the portable set is the default: the same bits everywhere. */
function kernelsOf(experiment: Experiment, { model }: Recipe, task: Task): Choice {
  const asked = experiment.deterministic && experiment.kernels === 'auto' ? 'simd' : experiment.kernels;
  return chooseKernels(asked, model, task, experiment.batch, () => performance.now());
}

/** Handing a piece of work to another thread costs about 5 us; a shorter one is done at once, here. */
const worthMilliseconds = 0.005;

function isWorthAPool({ parallel, batch }: Experiment, { model, algorithm }: Recipe, { set }: Choice, threads: number): boolean {
  if (algorithm.notReplayable) return false; // its pieces have no order that others could keep
  if (parallel !== 'auto') return parallel === 'always';
  return (
    threads > 1 &&
    stepTime(set, model, { features: 1, shape: [1], classes: 0 }, batch, () => performance.now()) > worthMilliseconds
  );
}

/** What is trained on, and what is watched: the test rows, or with `validation` a held-out part of the training rows. */
async function splitOf({ data, test, target, standardize, validation, seed, nodes, batch }: Experiment): Promise<Split> {
  if (data === 'none') return nothing(nodes * batch);
  const split = await load(data, { seed, standardize, test: test ?? undefined, target: target ?? undefined });
  if (validation === 0) return split;
  const held = holdOut(split.train, validation, seed);
  return { train: held.train, test: { ...held.test, name: `${split.train.name} (validation)` } };
}

function planesOf(
  experiment: Experiment,
  { algorithm, optimizer }: Recipe,
  mode: Prepared['mode'],
  follows: boolean,
): PlaneShape[] {
  const { stragglers, nodes, track } = experiment;
  const planes: PlaneShape[] = [{ name: 'params', sides: mode === 'alone' && algorithm.pairs ? 1 : 2 }];
  for (const name of optimizer.planes) planes.push({ name, sides: 2 });
  // A slowed node's delta waits while its thread serves others, and so does one that a partner commits; in virtual time, all do.
  if (algorithm.keepsDelta || stragglers.length > 0 || mode !== 'live') planes.push({ name: 'delta', sides: 1 });
  // What a player's delta is counted from outlives the player.
  if (mode === 'pool') planes.push({ name: 'base', sides: 1 });
  planes.push(...(algorithm.planes ?? []));
  // Last, so that the planes before it have the same bits in runs without it.
  const tracked = trackedSources(nodes, track, mode === 'live');
  if (follows && tracked > 0 && algorithm.sharedRow === undefined) {
    planes.push({ name: 'versions', sides: mode === 'live' ? 2 : 1, width: versionWords(tracked), carried: true });
  }
  return planes;
}

function requireMemory(shape: Shape): void {
  const { bytes } = layout(shape);
  const free = freemem();
  if (bytes <= free) return;
  const gib = (size: number) => `${(size / 2 ** 30).toFixed(2)} GiB`;
  throw new HearsayError(
    'MEMORY_LIMIT',
    `memory: ${shape.nodes} nodes x ${shape.parameters} parameters need ${gib(bytes)}, found ${gib(free)} free: ` +
      `use at most ${largestNodes(shape, free)} nodes`,
  );
}

/** All rows start from the same weights, drawn from the seed; rows for newcomers wait. */
function initialize(arena: Arena, { model }: Recipe, { seed, nodes }: Experiment): void {
  const { layout: at } = arena;
  const weights = new Float32Array(model.parameters);
  const draws = source(seed, 'initial weights');
  let draw = 0;
  model.initialize(
    weights,
    () => uniform(draws, 0, draw++),
    () => normal(draws, 0, draw++),
  );
  const ints = new Int32Array(arena.memory.buffer);
  for (let row = 0; row < at.models; row++) {
    view(arena, rowAddress(at, at.planes[0], row, 0), weights.length).set(weights);
    if (row < nodes || row >= at.shape.nodes) ints[controlWord(at, row, Control.Alive)] = 1;
  }
}

/** The graph's arrays in shared memory, so that threads read one copy. */
function shareGraph(graph: Graph): Graph {
  if (!graph.offsets || !graph.targets) return graph;
  const share = (from: Uint32Array) => {
    const to = new Uint32Array(new SharedArrayBuffer(from.byteLength));
    to.set(from);
    return to;
  };
  return { ...graph, offsets: share(graph.offsets), targets: share(graph.targets) };
}
