/** Local descent: steps of the optimizer on a node's own batches. The stream of batches is counted, so a piece done again is the same. */

import type { Unit } from '../data/standardize.js';
import type { Address, Kernels } from '../models/kernels/kernels.js';
import type { Batch, Lying, Score, Session } from '../models/model.js';
import { type Optimizer, takeStep } from '../models/optimizer/optimizer.js';
import { permuted, source, word } from '../random.js';
import { Abandoned } from './abandoned.js';
import { adjust, curvature, follow } from './adjust.js';
import type { Arena } from './arena.js';
import type { Augment } from './augment.js';
import type { Beside } from './beside.js';
import { Control, controlWords, isNarrow, type TablePlaces, type TableShape } from './layout.js';
import { chunkRows, type Scratch, sweepRows } from './scratch.js';

export interface DescentContext {
  readonly arena: Arena;
  readonly kernels: Kernels;
  readonly session: Session;
  readonly optimizer: Optimizer;
  /** The first so many parameters are the optimizer's; all by default. */
  readonly learnt?: number;
  readonly scratch: Scratch;
  readonly batch: number;
  /** Real-valued targets instead of labels. */
  readonly regression: boolean;
  /** The model reads rows where they lie. */
  readonly lies?: boolean;
  /** How the bytes of a table become values. */
  readonly trainScale: Unit;
  readonly testScale: Unit;
  /** Changes the images of a batch that is trained on. */
  readonly augment?: Augment;
  /** Of all randomness: the order of each node's samples, a new one every epoch, and what the model draws. */
  readonly seed: number;
  /** What a step leaves of the first moment, for an algorithm that has one. */
  readonly beta?: number;
  /** Asked before each step: true gives the piece up. */
  hurried(): boolean;
}

export interface Descent {
  /**
   * Steps in place at `weights`, the first being step number `first` of the node. Returns the sum of losses; NaN if one was not
   * finite. Throws Abandoned.
   */
  run(node: number, steps: number, first: number, weights: Address, state: readonly Address[], beside?: Beside): number;
  /** The loss of the node's last batch, here, that had a finite one; undefined when there was none. */
  lastLoss(node: number): number | undefined;
  /** Sums of loss and right answers of the model at `weights` over one chunk of the test rows. */
  score(weights: Address, chunk: number): Score;
}

/** Rows to learn from, or to test on. */
interface Table {
  readonly shape: TableShape;
  readonly unit: Unit;
  /** Those that a thread looks at. */
  readonly lying: Lying;
}

const none = new Float32Array(0);

export function openDescent(context: DescentContext): Descent {
  const { arena, kernels, session, optimizer, scratch, batch, seed } = context;
  const { layout, memory } = arena;
  const { shape } = layout;
  const sampler = source(seed, 'batch');
  const signs = source(seed, 'signs');
  const chance = { source: source(seed, 'model'), node: 0, step: 0 };
  const controls = new Int32Array(memory.buffer, layout.control, shape.nodes * controlWords);
  const offsets = new Uint32Array(memory.buffer, layout.partOffsets, shape.nodes + 1);
  const parts = new Uint32Array(memory.buffer, layout.partIndices, shape.parts);
  const rows = context.lies ? Math.max(batch, chunkRows, sweepRows) : Math.max(batch, chunkRows);
  const indices = new Uint32Array(memory.buffer, scratch.indices, rows);
  const targetsAt = (address: Address, count: number) =>
    context.regression ? new Float32Array(memory.buffer, address, count) : new Int32Array(memory.buffer, address, count);
  const gradient = new Float32Array(memory.buffer, scratch.gradient, shape.parameters);
  const rates = new Float32Array(memory.buffer, scratch.rates, context.lies ? sweepRows : 0);
  const views = new Map<Address, Float32Array>();
  const batches = new Map<number, Batch>();
  const train: Table = {
    shape: shape.train,
    unit: context.trainScale,
    lying: lyingAt(shape.train, layout.train, scratch.indices),
  };
  const test: Table = {
    shape: shape.test,
    unit: context.testScale,
    lying: lyingAt(shape.test, layout.test, scratch.indices),
  };

  /** Weights at an address: there are few addresses on a hot path, so the views are kept. */
  function weightsAt(address: Address): Float32Array {
    let view = views.get(address);
    if (!view) {
      if (views.size > 64) views.clear();
      views.set(address, (view = new Float32Array(memory.buffer, address, shape.parameters)));
    }
    return view;
  }

  /** The node whose part of the data it is: another's, for one that has taken its place. */
  function placeOf(node: number): number {
    const taken = controls[node * controlWords + Control.Place];
    return taken > 0 ? taken - 1 : node;
  }

  /** Rows where they lie, by the numbers in `indices`. */
  function lyingOf(count: number, table: Table): Batch {
    const key = 2 * count + (table === test ? 1 : 0);
    let found = batches.get(key);
    if (!found) {
      if (batches.size > 64) batches.clear();
      found = { rows: count, inputs: none, targets: none, chance, lying: table.lying };
      batches.set(key, found);
    }
    return found;
  }

  function batchOf(count: number): Batch {
    let found = batches.get(count);
    if (!found) {
      found = {
        rows: count,
        inputs: new Float32Array(memory.buffer, scratch.inputs, count * shape.train.features),
        targets: targetsAt(scratch.targets, count),
        chance,
      };
      batches.set(count, found);
    }
    return found;
  }

  function gather(count: number, table: Table): Batch {
    if (context.lies) return lyingOf(count, table);
    const gathered = batchOf(count);
    const { features, entries, width } = table.shape;
    const { inputs, targets, numbers } = table.lying;
    if (entries !== undefined) kernels.gatherSparse(scratch.inputs, table.lying, count, features);
    else if (width === 1)
      kernels.gatherBytes(scratch.inputs, inputs, numbers, count, features, table.unit.scale, table.unit.shift);
    else kernels.gatherWords(scratch.inputs, inputs, numbers, count, features);
    kernels.gatherWords(scratch.targets, targets, numbers, count, 1);
    return gathered;
  }

  /** `indices` := the rows of `count` draws of the node from draw `first` on: part after part of a permutation, another one every epoch. */
  function draw(node: number, start: number, size: number, first: number, count: number): void {
    for (let k = 0; k < count; ) {
      const from = (first + k) % size;
      const some = Math.min(count - k, size - from);
      const key = word(sampler, node, Math.floor((first + k) / size));
      kernels.permuted(scratch.indices + 4 * k, layout.partIndices + 4 * start, from, some, size, key);
      k += some;
    }
  }

  const losses = new Map<number, number>();
  const noteLoss = (node: number, loss: number) => {
    if (Number.isFinite(loss)) losses.set(node, loss);
    return loss;
  };

  const steady = optimizer.steady ?? false;
  let rated = 0;

  /** The rates of `count` steps. One that stays is written once. */
  function writeRates(step: number, count: number): void {
    if (steady && rated >= count) return;
    for (let k = 0; k < count; k++) rates[k] = optimizer.rate((step + k) >>> 0);
    rated = count;
  }

  /** Steps of plain SGD of a model that reads rows where they lie, many at a time. On a row itself, others are at work too. */
  function sweep(node: number, steps: number, first: number, since: number, start: number, size: number, weights: Float32Array) {
    const most = Math.max(1, Math.floor(sweepRows / batch));
    const isShared = weights.byteOffset !== scratch.work;
    let sum = 0;
    for (let done = 0; done < steps; done += most) {
      if (context.hurried()) throw new Abandoned();
      const count = Math.min(most, steps - done);
      const number = (first + done) >>> 0;
      draw(node, start, size, number * batch, count * batch);
      writeRates((number - since) >>> 0, count);
      sum += session.sweep!(weights, lyingOf(count * batch, train), batch, scratch.rates, isShared);
    }
    return sum;
  }

  /**
   * A local step that takes, or leaves, planes of the algorithm; the first of its piece leaves. `age`: steps since the optimizer's state
   * was zero.
   */
  function takeStepBeside(
    { add, divide, pace, moment, gradient: left, curvature: bent }: Beside,
    weights: Float32Array,
    state: readonly Address[],
    gathered: Batch,
    node: number,
    step: number,
    age: number,
    isFirst: boolean,
  ): number {
    const at = (address: Address | undefined) => (address === undefined ? undefined : weightsAt(address));
    if (isFirst && bent !== undefined) {
      const probe = weightsAt(scratch.probe);
      curvature(session, gathered, weights, weightsAt(bent), probe, gradient, signs, node, step);
    }
    const loss = session.gradient(weights, gradient, gathered);
    if (isFirst) at(left)?.set(gradient);
    const divisor = at(divide);
    const drift = at(moment);
    // What only measures stands still: weights, decay and the optimizer's state.
    if (divisor?.[0] === Number.POSITIVE_INFINITY) return loss;
    adjust(kernels, gradient.byteOffset, gradient.length, add);
    if (drift) follow(gradient, drift, context.beta ?? 0);
    adjust(kernels, gradient.byteOffset, gradient.length, undefined, divide);
    const factor = pace === undefined ? 1 : new Float32Array(memory.buffer, pace, 1)[0];
    optimizer.update(kernels, weights.byteOffset, gradient.byteOffset, state, context.learnt ?? weights.length, age, factor);
    return loss;
  }

  return {
    run(node, steps, first, weights, state, beside) {
      const place = placeOf(node);
      const start = offsets[place];
      const size = offsets[place + 1] - start;
      chance.node = node;
      const view = weightsAt(weights);
      const since = controls[node * controlWords + Control.Since];
      let sum = 0;
      if (session.sweep && optimizer.plain && !beside) {
        sum = sweep(node, steps, first, since, start, size, view);
        noteLoss(node, sum / steps);
        return Number.isFinite(sum) ? sum : Number.NaN;
      }
      for (let step = 0; step < steps; step++) {
        if (context.hurried()) throw new Abandoned();
        const number = (first + step) >>> 0;
        for (let k = 0; k < batch; k++) {
          const drawn = number * batch + k;
          indices[k] = parts[start + permuted(sampler, node, Math.floor(drawn / size), drawn % size, size)];
        }
        const gathered = gather(batch, train);
        context.augment?.(gathered.inputs, node, number);
        chance.step = number;
        const age = (number - since) >>> 0;
        const loss = beside
          ? takeStepBeside(beside, view, state, gathered, node, number, age, step === 0)
          : takeStep(optimizer, session, kernels, view, gradient, state, gathered, age, context.learnt);
        sum += noteLoss(node, loss);
      }
      return Number.isFinite(sum) ? sum : Number.NaN;
    },

    lastLoss: node => losses.get(node),

    score(weights, chunk) {
      const from = chunk * chunkRows;
      const count = Math.min(chunkRows, shape.test.rows - from);
      for (let k = 0; k < count; k++) indices[k] = from + k;
      return session.evaluate(weightsAt(weights), gather(count, test));
    },
  };
}

function lyingAt({ features, ones }: TableShape, { inputs, ...at }: TablePlaces, numbers: Address): Lying {
  return { ...at, numbers, inputs: ones ? 0 : inputs, narrow: isNarrow(features) ? 1 : 0 };
}
