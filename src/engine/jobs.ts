/**
 * What parked threads do together for an evaluation: the mean model by columns, distances by rows, scores by chunks of test rows. Each
 * part has a place of its own in the partials, so sums do not depend on the number of threads, and a part done twice is right.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address } from '../models/kernels/kernels.js';
import type { Score } from '../models/model.js';
import { permuted, type Source } from '../random.js';
import type { Row } from './algorithm.js';
import type { Arena } from './arena.js';
import { columnsOf } from './barrier.js';
import { combineColumns, type Sum } from './combine.js';
import type { Experiment } from './experiment.js';
import { Control, controlWord, Header, type Layout, planeNamed } from './layout.js';
import { sideOf } from './sides.js';
import type { Words } from './words.js';

export const jobKinds = { mean: 1, consensus: 2, scoreMean: 3, scoreEach: 4 } as const;

export interface JobContext {
  readonly words: Words;
  readonly layout: Layout;
  readonly thread: number;
  readonly threads: number;
  /**
   * The rows that are models now: the nodes that are alive, or the one row that they share; and their weights in the mean, which sum to 1.
   */
  models(): { rows: readonly Row[]; weights: readonly number[] };
  readonly kernels: RowKernels;
  readonly sum: Sum;
  /** The partial sums. */
  readonly partials: Float64Array;
  /** Chooses the nodes whose own accuracy is looked at. */
  readonly sampler: Source;
  /** Sums of loss and right answers of the model at `weights` over test chunk `chunk`. */
  score(weights: Address, chunk: number): Score;
}

/** Models that are looked at one by one: `count` different ones, the same at every evaluation. */
export function sampled(models: readonly Row[], sampler: Source, count: number): Row[] {
  if (count >= models.length) return [...models];
  return Array.from({ length: count }, (_, k) => models[permuted(sampler, 0, 0, k, models.length)]);
}

/** This thread's part of the job that the header describes. */
export function workOn(context: JobContext): void {
  const { words, layout, thread, threads, kernels, partials } = context;
  const { rows: models, weights } = context.models();
  const params = planeNamed(layout, 'params')!;
  const row = (node: Row) => sideOf(words, layout, node, params);
  const kind = words.load(Header.JobKind);
  if (kind === jobKinds.mean) {
    const [from, to] = columnsOf(layout.stride, thread, threads);
    combineColumns(context.sum, [layout.mean], models.map(row), weights, from, to);
    return;
  }
  if (kind === jobKinds.consensus) {
    for (let k = thread; k < models.length; k += threads) {
      partials[k] = kernels.squaredDistance(row(models[k]), layout.mean, layout.stride);
    }
    return;
  }
  const chunks = words.load(Header.JobChunks);
  const scored =
    kind === jobKinds.scoreMean ? [layout.mean] : sampled(models, context.sampler, words.load(Header.JobModels)).map(row);
  for (let part = thread; part < scored.length * chunks; part += threads) {
    const { loss, correct } = context.score(scored[Math.floor(part / chunks)], part % chunks);
    partials[2 * part] = loss;
    partials[2 * part + 1] = correct;
  }
}

/**
 * Rows that are models now, and their weights in the mean model: the nodes that are alive, or the one row that they share. What attacking nodes
 * hold is nobody's model.
 */
export function modelsOf(
  { layout, memory }: Arena,
  sharedRow: number | undefined,
  { weights: kind, attacks }: Pick<Experiment, 'weights' | 'attacks'>,
): { rows: number[]; weights: number[] } {
  if (sharedRow !== undefined) return { rows: [sharedRow], weights: [1] };
  const ints = new Int32Array(memory.buffer);
  const offsets = new Uint32Array(memory.buffer, layout.partOffsets, layout.shape.nodes + 1);
  const rows: number[] = [];
  const sizes: number[] = [];
  for (let node = 0; node < layout.shape.nodes; node++) {
    const control = controlWord(layout, node, 0);
    if (ints[control + Control.Alive] === 0 || attacks.some(attack => attack.node === node)) continue;
    const place = ints[control + Control.Place] > 0 ? ints[control + Control.Place] - 1 : node;
    rows.push(node);
    sizes.push(kind === 'samples' ? offsets[place + 1] - offsets[place] : 1);
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return { rows, weights: sizes.map(size => size / total) };
}
