/** Everything that one thread works with, put together from the arena and its assignment. No thread API: a test can open a seat too. */

import type { Dataset } from '../data/dataset.js';
import type { Kernels } from '../models/kernels/kernels.js';
import type { Task } from '../models/model.js';
import { source, uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';
import type { Peer, World } from './algorithm.js';
import type { Arena } from './arena.js';
import type { Sum } from './combine.js';
import { openDescent, type Scale } from './descent.js';
import { Diverged } from './diverged.js';
import type { Experiment } from './experiment.js';
import { ownerWord } from './guard.js';
import { bucketOf } from './histogram.js';
import type { Holder } from './hold.js';
import { workOn } from './jobs.js';
import { Control, controlWord, planeNamed, Thread, threadWord } from './layout.js';
import type { LiveContext, Times } from './live.js';
import { hurried } from './quiesce.js';
import type { Recipe } from './recipe.js';
import { openRows } from './rows.js';
import { chunkRows, type ScratchNeed, scratchOf } from './scratch.js';
import { sharedWords } from './words.js';

export interface Assignment {
  readonly experiment: Experiment;
  readonly task: Task;
  readonly trainScale: Scale;
  readonly testScale: Scale;
  readonly graph: Graph;
  readonly thread: number;
  /** Tries at a busy lock before it is given up; 0 when threads outnumber cores. */
  readonly spins: number;
  readonly need: ScratchNeed;
}

export function scaleOf(dataset: Dataset): Scale {
  return { scale: dataset.scale, shift: dataset.shift };
}

/** Nodes that thread `thread` serves: every `threads`-th. */
export function shardOf(nodes: number, thread: number, threads: number): number[] {
  return Array.from({ length: Math.ceil((nodes - thread) / threads) }, (_, k) => thread + k * threads);
}

/** Weights of the nodes in the mean model. */
export function meanWeights(offsets: ArrayLike<number>, nodes: number, kind: Experiment['weights']): number[] {
  const rows = offsets[nodes] - offsets[0];
  return Array.from({ length: nodes }, (_, node) =>
    kind === 'samples' ? (offsets[node + 1] - offsets[node]) / rows : 1 / nodes,
  );
}

export function openSeat(arena: Arena, kernels: Kernels, recipe: Recipe, assignment: Assignment, now: () => number): LiveContext {
  const { layout, memory } = arena;
  const { experiment, thread, graph, need } = assignment;
  const { nodes, threads } = layout.shape;
  const words = sharedWords(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const doubles = new Float64Array(memory.buffer, 0, Math.floor(layout.trainInputs / 8));
  const scratch = scratchOf(layout, thread, need);
  const live = Array.from({ length: nodes }, (_, node) => node);
  const times = openTimes(doubles, threadWord(layout, thread, 0));
  const block = threadWord(layout, thread, 0);
  const count = (word: number) => {
    ints[block + word]++;
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
    scratch,
    batch: experiment.batch,
    regression: assignment.task.classes === 0,
    trainScale: assignment.trainScale,
    testScale: assignment.testScale,
    sampler: source(experiment.seed, 'batch'),
    hurried: () => hurried(words),
  });
  const sum: Sum = {
    kernels,
    list: scratch.list,
    buffer: memory.buffer,
  };
  const partners = source(experiment.seed, 'partner');
  const rows = openRows({
    holder,
    kernels,
    thread,
    live,
    wait: experiment.blocking === 'wait',
    work: scratch.work,
    delta: scratch.delta,
    list: scratch.list,
    state: recipe.optimizer.planes.map(name => planeNamed(layout, name)!),
    descent(node, steps, first, weights, state) {
      const start = now();
      const loss = descent.run(node, steps, first, weights, state);
      times.working += now() - start;
      doubles[(block + Thread.Loss) / 2] += loss;
      ints[block + Thread.LossSteps] += steps;
      return loss;
    },
    choose: (node, draw) => neighbour(graph, node, Math.floor(uniform(partners, node, draw) * degree(graph, node))),
    degree: node => degree(graph, node),
    neighbour: (node, k) => neighbour(graph, node, k),
    buffer: memory.buffer,
    committed(_node, staleness, exchanged) {
      count(Thread.Pieces);
      if (exchanged) count(Thread.Exchanges);
      count(Thread.Staleness + bucketOf(staleness));
    },
    mixed: () => count(Thread.Exchanges),
    busy: () => count(Thread.Busy),
    alone: () => count(Thread.Alone),
    diverged(node, step, spread) {
      throw new Diverged(node, step, spread);
    },
  });
  const world: World = {
    time: () => now() / 1000,
    random: (node, purpose) =>
      uniform(source(experiment.seed, purpose), node, words.load(controlWord(layout, node, Control.Committed))),
    peer: node => words.load(controlWord(layout, node, Control.Draws)) as Peer,
    neighbours: node => Array.from({ length: degree(graph, node) }, (_, k) => neighbour(graph, node, k)),
  };
  const { algorithm } = recipe;
  const barrier = algorithm.meet ? { holder, thread, threads, live, sum, meet: algorithm.meet.bind(algorithm) } : undefined;
  const factors = new Map(experiment.stragglers.map(({ node, factor }) => [node, factor]));
  const jobs = {
    words,
    layout,
    thread,
    threads,
    models: algorithm.sharedRow === undefined ? live : [algorithm.sharedRow],
    weights:
      algorithm.sharedRow === undefined
        ? meanWeights(new Uint32Array(memory.buffer, layout.partOffsets, nodes + 1), nodes, experiment.weights)
        : [1],
    kernels,
    sum,
    partials: new Float64Array(memory.buffer, layout.partials, layout.shape.partials),
    sampler: source(experiment.seed, 'worst'),
    score: descent.score,
  };
  return {
    words,
    layout,
    thread,
    shard: shardOf(nodes, thread, threads),
    rows,
    algorithm,
    world,
    barrier,
    factor: factors.size === 0 ? () => 1 : node => factors.get(node) ?? 1,
    now,
    doubles,
    times,
    job: () => workOn(jobs),
  };
}

/** Times are kept in plain numbers and written to the thread's block when somebody may look; a successor goes on from there. */
function openTimes(doubles: Float64Array, block: number): Times {
  const times: Times = {
    working: doubles[(block + Thread.Working) / 2],
    gossip: doubles[(block + Thread.Gossip) / 2],
    blocked: doubles[(block + Thread.Blocked) / 2],
    publish() {
      doubles[(block + Thread.Working) / 2] = times.working;
      doubles[(block + Thread.Gossip) / 2] = times.gossip;
      doubles[(block + Thread.Blocked) / 2] = times.blocked;
    },
  };
  return times;
}
