/** From an experiment to a memory that is ready to train in: everything that can be wrong is found here, before a thread starts. */

import { freemem } from 'node:os';
import type { Split } from '../data/dataset.js';
import { holdOut } from '../data/holdout.js';
import { load } from '../data/load.js';
import { partition } from '../data/partition.js';
import { type Arena, allocate, view, writeData } from '../engine/arena.js';
import type { Experiment } from '../engine/experiment.js';
import { Control, controlWord, largestNodes, layout, type PlaneShape, rowAddress, type Shape } from '../engine/layout.js';
import { openRecipe, type Recipe } from '../engine/recipe.js';
import { chunkRows, type ScratchNeed, scratchFloats } from '../engine/scratch.js';
import { type Assignment, scaleOf } from '../engine/seat.js';
import { HearsayError } from '../errors.js';
import { type Choice, chooseKernels } from '../models/kernels/choose.js';
import type { Task } from '../models/model.js';
import { normal, source, uniform } from '../random.js';
import type { Graph } from '../topology/graph.js';
import { topology } from '../topology/topology.js';
import { cores, threadCount } from './cores.js';

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
  readonly threads: number;
  readonly arena: Arena;
  /** Local steps over all nodes at which the run ends; infinite for a run by the clock. */
  readonly limit: number;
  /** Local steps of one pass over the training data, not rounded. */
  readonly stepsPerEpoch: number;
  readonly stepsPerNode: number;
  /** Rows that are models of their own: the nodes, or the one that they share. */
  readonly models: number;
  /** Test chunks and nodes of the look at single nodes. */
  readonly worst: { readonly nodes: number; readonly chunks: number };
  assignment(thread: number): Assignment;
}

/** Throws the errors of the data, the graph, the model, the algorithm and the memory. */
export async function prepare(experiment: Experiment, say: (what: string) => void = () => {}): Promise<Prepared> {
  const graph = shareGraph(topology(experiment.topology, experiment.nodes, experiment.seed));
  say('loading data');
  const split = await splitOf(experiment);
  const { train, test } = split;
  const task: Task = { features: train.features, shape: train.shape, classes: train.classes };
  const stepsPerEpoch = train.rows / experiment.batch;
  const limit =
    experiment.steps ?? (experiment.epochs === null ? Number.POSITIVE_INFINITY : Math.ceil(experiment.epochs * stepsPerEpoch));
  const stepsPerNode = Number.isFinite(limit) ? Math.ceil(limit / experiment.nodes) : Number.POSITIVE_INFINITY;
  const recipe = await openRecipe(experiment, task, stepsPerNode);
  const parts = partition(train, experiment.partition, experiment.nodes, experiment.batch, experiment.seed);

  const threads = threadCount(experiment.threads, experiment.nodes);
  const rows = experiment.nodes + (recipe.algorithm.extraRows ?? 0);
  const batch = Math.max(experiment.batch, chunkRows);
  const need: ScratchNeed = {
    stride: Math.ceil(recipe.model.parameters / 32) * 32,
    rows,
    batch: experiment.batch,
    features: train.features,
    outputs: recipe.model.outputs,
    workspace: recipe.model.workspace(batch),
  };
  const chunks = Math.ceil(test.rows / chunkRows);
  const models = recipe.algorithm.sharedRow === undefined ? experiment.nodes : 1;
  const worst =
    experiment.evaluate === 'full'
      ? { nodes: models, chunks }
      : { nodes: Math.min(sampledNodes, models), chunks: Math.min(sampledChunks, chunks) };
  const shape: Shape = {
    nodes: experiment.nodes,
    extraRows: recipe.algorithm.extraRows ?? 0,
    parameters: recipe.model.parameters,
    threads,
    planes: planesOf(experiment, recipe),
    scratch: scratchFloats(need),
    partials: Math.max(experiment.nodes, 2 * chunks, 2 * worst.nodes * worst.chunks),
    train: { rows: train.rows, features: train.features, width: train.inputs.BYTES_PER_ELEMENT as 1 | 4 },
    test: { rows: test.rows, features: test.features, width: test.inputs.BYTES_PER_ELEMENT as 1 | 4 },
    parts: parts.indices.length,
  };
  requireMemory(shape);
  const kernels = chooseKernels(experiment.kernels, recipe.model, task, experiment.batch, () => performance.now());
  const arena = allocate(shape);
  writeData(arena, split, parts);
  initialize(arena, recipe, experiment.seed);
  const spins = threads > cores().usable ? 0 : 200;
  return {
    experiment,
    split,
    task,
    graph,
    recipe,
    kernels,
    threads,
    arena,
    limit,
    stepsPerEpoch,
    stepsPerNode,
    models,
    worst,
    assignment: thread => ({
      experiment,
      task,
      trainScale: scaleOf(train),
      testScale: scaleOf(test),
      graph,
      thread,
      spins,
      need,
    }),
  };
}

/** What is trained on, and what is watched: the test rows, or with `validation` a held-out part of the training rows. */
async function splitOf({ data, test, target, standardize, validation, seed }: Experiment): Promise<Split> {
  const split = await load(data, { seed, standardize, test: test ?? undefined, target: target ?? undefined });
  if (validation === 0) return split;
  const held = holdOut(split.train, validation, seed);
  return { train: held.train, test: { ...held.test, name: `${split.train.name} (validation)` } };
}

function planesOf({ stragglers }: Experiment, { algorithm, optimizer }: Recipe): PlaneShape[] {
  const planes: PlaneShape[] = [{ name: 'params', sides: 2 }];
  for (const name of optimizer.planes) planes.push({ name, sides: 2 });
  // A slowed node's delta waits while its thread serves others, and so does one that a partner commits.
  if (algorithm.keepsDelta || stragglers.length > 0) planes.push({ name: 'delta', sides: 1 });
  return [...planes, ...(algorithm.planes ?? [])];
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

/** All rows start from the same weights, drawn from the seed. */
function initialize(arena: Arena, { model }: Recipe, seed: number): void {
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
  for (let row = 0; row < at.rows; row++) {
    view(arena, rowAddress(at, at.planes[0], row, 0), weights.length).set(weights);
    ints[controlWord(at, row, Control.Alive)] = 1;
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
