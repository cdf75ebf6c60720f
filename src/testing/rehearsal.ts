/**
 * A rehearsal: an algorithm over the real guard, rows and kernels, in one thread, with the local work and the order of events in the
 * hands of a test. What a property test of an algorithm needs: what holds in every rehearsal holds live.
 */

import type { Algorithm, AlgorithmFactory, Row, Rows, World } from '../engine/algorithm.js';
import { movementsOf, movingPlanes, openAlong } from '../engine/along.js';
import { type Arena, layOut } from '../engine/arena.js';
import type { Attack } from '../engine/attack.js';
import { openAveraging, readAverage } from '../engine/averaging.js';
import { attend, type BarrierContext, hasArrived, nextMeeting } from '../engine/barrier.js';
import { besidePlanes, openBeside } from '../engine/beside.js';
import type { Sum } from '../engine/combine.js';
import { ownerWord, turnOf } from '../engine/guard.js';
import type { Holder } from '../engine/hold.js';
import {
  Control,
  controlWord,
  intentWord,
  layout,
  type PlaneShape,
  planeNamed,
  rowAddress,
  type Shape,
} from '../engine/layout.js';
import { openQuantizer, quantizerFloats } from '../engine/quantizer.js';
import { openRows } from '../engine/rows.js';
import { type ScratchNeed, scratchFloats, scratchOf } from '../engine/scratch.js';
import { sideOf } from '../engine/sides.js';
import { openSlots } from '../engine/slots.js';
import { sharedWords, type Words } from '../engine/words.js';
import { openWorld } from '../engine/world.js';
import { openKernels } from '../models/kernels/choose.js';
import type { Kernels } from '../models/kernels/kernels.js';
import type { Layer } from '../models/model.js';
import type { State } from '../models/optimizer/optimizer.js';
import { source, uniform } from '../random.js';
import { degree, type Graph, neighbour } from '../topology/graph.js';

/** What is rehearsed. */
export interface RehearsalOptions {
  readonly algorithm: AlgorithmFactory;
  /** Options of the algorithm, as in `name:key=value`. */
  readonly options?: Readonly<Record<string, string>>;
  readonly nodes: number;
  /** Parameters of a model. */
  readonly parameters: number;
  /** Of the model; for an algorithm that asks, and for corrected averages: one of all parameters by default. */
  readonly layers?: readonly Layer[];
  /** The complete graph by default. */
  readonly graph?: Graph;
  readonly seed?: number;
  /** The rate of the optimizer, for an algorithm that asks; 1 by default. */
  readonly rate?: number;
  /** Whether the optimizer has momentum, for an algorithm that asks; not by default. */
  readonly momentum?: boolean;
  /** Starting weights: parameter k of a row. 0 by default. */
  readonly start?: (row: Row, k: number) => number;
  /** One local step, in place; `step` counts the node's steps. Nothing by default. */
  readonly descent?: (
    weights: Float32Array,
    node: Row,
    step: number,
    /** What lies beside the weights, by what it is for (see `Algorithm.descent`). */
    beside: Readonly<Record<string, Float32Array>>,
    /** The optimizer's state, in the order of `state`. */
    state: readonly Float32Array[],
  ) => void;
  /** Planes of optimizer state, beside params. */
  readonly state?: readonly State[];
  readonly kernels?: Kernels['name'];
  /** Nodes that commit something else than what they have learnt. */
  readonly attack?: (arena: Arena) => Attack | undefined;
  /** What becomes of a piece that is not finite, instead of an error. */
  readonly drops?: 'skip' | 'reset';
  /** How models are averaged, as after --average. */
  readonly average?: string;
}

/** An algorithm over real rows, in the hands of a test. */
export interface Rehearsal {
  readonly algorithm: Algorithm;
  readonly rows: Rows;
  readonly world: World;
  readonly arena: Arena;
  readonly words: Words;
  /** The first half of a piece of work. Call it for a node that is not pending. */
  begin(node: Row): void;
  /** The second half. False when the piece stays pending. */
  finish(node: Row): boolean;
  /** A tick of one of the node's clocks (their place in the algorithm's list); of a regular one, number `number`, 1 by default. */
  tick(node: Row, clock: number, number?: number): void;
  /** True when every node has arrived at the barrier and the meeting was held. */
  meet(): boolean;
  /** True between `begin` and a `finish` that returned true. */
  isPending(node: Row): boolean;
  /** True when the node waits at the barrier. */
  hasArrived(node: Row): boolean;
  /** A copy of a row's current params. */
  params(row: Row): Float32Array;
  /** The same of another plane, by its name. */
  plane(row: Row, name: string): Float32Array;
  /** Ops that the row has seen, modulo 2^24. */
  turn(row: Row): number;
  /** Local steps that the node has committed. */
  steps(node: Row): number;
  /** Throws when a lock is held or an intent is open: neither may be, between two verbs. */
  requireClean(): void;
}

const memories: { buffer: SharedArrayBuffer }[] = [];

/** One memory is used again and again: a process can hold only some thousands of them. It grows by replacement. */
function memoryOf(bytes: number): { buffer: SharedArrayBuffer } {
  let memory = memories[0];
  if (!memory || memory.buffer.byteLength < bytes) {
    const pages = Math.ceil(bytes / 65536) * 2;
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    memories[0] = memory;
  } else new Uint8Array(memory.buffer, 0, bytes).fill(0);
  return memory;
}

/** Opens a rehearsal. It ends when the next one is opened: they share one memory. */
export function rehearse(options: RehearsalOptions): Rehearsal {
  const { nodes, parameters, seed = 1, state = [], rate = 1, start = () => 0, descent = () => {} } = options;
  const graph: Graph = options.graph ?? { name: 'complete', nodes, directed: false };
  const algorithm = options.algorithm(options.options ?? {}, {
    nodes,
    capacity: nodes,
    parameters,
    rate,
    momentum: options.momentum,
    layers: options.layers,
  });
  const extraRows = algorithm.extraRows ?? 0;
  const need: ScratchNeed = {
    stride: Math.ceil(parameters / 32) * 32,
    rows: nodes + extraRows,
    batch: 1,
    features: 1,
    outputs: 1,
    workspace: 0,
    quantizer: algorithm.quantize && quantizerFloats(parameters, algorithm.quantize),
    sorts: true,
  };
  const movements = movementsOf({ state }, algorithm);
  const planes: PlaneShape[] = [{ name: 'params', sides: 2 }];
  for (const { name, travels } of state) planes.push({ name, sides: 2, ...(travels && { carried: true }) });
  // Deltas are always kept: a rehearsal may begin several pieces before it finishes one.
  planes.push({ name: 'delta', sides: 1 }, ...(algorithm.planes ?? []), ...besidePlanes(algorithm), ...movingPlanes(movements));
  const empty = { rows: 0, features: 1, width: 4 } as const;
  const shape: Shape = {
    nodes,
    extraRows,
    slots: algorithm.sends ? nodes : 0,
    parameters,
    threads: 1,
    planes,
    scratch: scratchFloats(need),
    partials: 0,
    train: empty,
    test: empty,
    parts: 0,
  };
  const memory = memoryOf(layout(shape).bytes);
  const arena = layOut(memory, shape);
  const at = arena.layout;
  const words = sharedWords(memory.buffer);
  const kernels = openKernels(options.kernels ?? 'simd', memory);
  const view = (address: number) => new Float32Array(memory.buffer, address, at.stride);
  for (let row = 0; row < at.rows; row++) {
    const values = view(rowAddress(at, at.planes[0], row, 0));
    for (let k = 0; k < parameters; k++) values[k] = start(row, k);
    words.store(controlWord(at, row, Control.Alive), 1);
  }
  const { layers = [{ name: 'weights', offset: 0, shape: [parameters] }] } = options;
  const average = readAverage(options.average ?? 'plain');
  const averaging = average && openAveraging(memory.buffer, layers, average);
  const scratch = scratchOf(at, 0, need);
  const holder: Holder = { words, layout: at, owner: ownerWord(0, 0), spins: 0, now: () => 0, blocked() {} };
  const live = Array.from({ length: nodes }, (_, node) => node);
  const partners = source(seed, 'partner');
  const choose = (node: Row, draw: number) =>
    neighbour(graph, node, Math.floor(uniform(partners, node, draw) * degree(graph, node)));
  const lookingAround = {
    degree: (node: Row) => degree(graph, node),
    neighbour: (node: Row, k: number) => neighbour(graph, node, k),
  };
  const along = openAlong(at, algorithm.mixes, movements);
  const rows = openRows({
    holder,
    kernels,
    set: kernels,
    thread: 0,
    live,
    places: nodes,
    wait: false,
    work: scratch.work,
    list: scratch.list,
    state: state.map(({ name }) => planeNamed(at, name)!),
    elements: algorithm.kernels ?? {},
    seed,
    mass: algorithm.mass,
    along,
    fresh: algorithm.fresh,
    averaging,
    attack: options.attack?.(arena),
    beside: openBeside(at, algorithm.descent),
    quantizer: algorithm.quantize && openQuantizer(words, at, 0, kernels, algorithm.quantize, scratch.quantizer, seed),
    slots: openSlots(new Int32Array(at.shape.slots! + 2), at.models, at.shape.slots!),
    learned() {},
    descent(node, steps, first, weights, state, beside = {}) {
      const views = Object.fromEntries(Object.entries(beside).map(([what, address]) => [what, view(address)]));
      const states = state.map(view);
      for (let k = 0; k < steps; k++) descent(view(weights).subarray(0, parameters), node, first + k, views, states);
      return 0;
    },
    choose,
    ...lookingAround,
    buffer: memory.buffer,
    committed() {},
    mixed() {},
    busy() {},
    alone() {},
    ignored() {},
    drops: options.drops,
    dropped() {},
    diverged(node, step) {
      throw new Error(`node ${node} diverged at step ${step}`);
    },
  });
  const sum: Sum = { kernels, list: scratch.list, buffer: memory.buffer, along };
  const read = (row: Row, word: number) => words.load(controlWord(at, row, word));
  const world: World = {
    time: () => 0,
    ...openWorld(words, at, algorithm.name, { seed, ...lookingAround }),
    version: () => 0,
    send(node, slot, to) {
      words.store(controlWord(at, slot, Control.Receivers), read(slot, Control.Receivers) + 1);
      words.store(controlWord(at, node, Control.Draws), to + 1);
      if (degree(graph, node) > 0 && algorithm.arrive) algorithm.arrive(choose(node, to), slot, rows, world);
      else if (algorithm.mass === 'push-sum') rows.merge(node, slot);
      else rows.drop(slot);
    },
    broadcast(node, slot) {
      const receivers = world.neighbours(node);
      if (receivers.length === 0 || !algorithm.arrive) return rows.drop(slot);
      words.store(controlWord(at, slot, Control.Receivers), receivers.length);
      for (const receiver of receivers) algorithm.arrive(receiver, slot, rows, world);
    },
    age: () => 0,
    after(node, delay, clock) {
      if (delay < Number.POSITIVE_INFINITY) algorithm.tick?.(node, clock, rows, world, 0);
    },
  };
  const barrier: BarrierContext = {
    ...{
      holder,
      thread: 0,
      threads: 1,
      live,
      sum,
      mass: algorithm.mass,
      conclude: rows.conclude,
      isWhole: averaging !== undefined,
    },
    meet: meeting => algorithm.meet?.(meeting),
    random: world.random,
    neighbours: world.neighbours,
    moved() {},
  };
  return {
    algorithm,
    rows,
    world,
    arena,
    words,
    begin: node => algorithm.begin(node, rows, world),
    finish: node => algorithm.finish(node, rows, world) !== false,
    tick: (node, clock, number = 1) => algorithm.tick?.(node, clock, rows, world, number),
    meet() {
      const meeting = nextMeeting(words);
      return live.every(node => hasArrived(words, at, node, meeting)) && attend(barrier, meeting);
    },
    isPending: node => read(node, Control.Begun) === read(node, Control.Committed) + 1,
    hasArrived: node => hasArrived(words, at, node),
    params: row => view(sideOf(words, at, row, at.planes[0])).slice(0, parameters),
    plane(row, name) {
      const plane = planeNamed(at, name)!;
      return new Float32Array(memory.buffer, sideOf(words, at, row, plane), plane.width ?? parameters).slice();
    },
    turn: row => turnOf(read(row, Control.Turn)),
    steps: node => read(node, Control.Steps),
    requireClean() {
      for (const row of [...live, ...Array.from({ length: extraRows }, (_, k) => nodes + k)]) {
        if (read(row, Control.Lock) !== 0) throw new Error(`row ${row} is still locked`);
      }
      if (words.load(intentWord(at, 0)) !== 0) throw new Error('an intent is still open');
    },
  };
}
