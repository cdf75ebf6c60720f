/**
 * The contract of a model: a function of one flat vector. A model knows no node, no thread and no time; the engine decides whose
 * vector it is. Layers are named ranges of the vector.
 */

import type { Source } from '../random.js';
import type { SparseRows } from './kernels/contract/sparse.js';
import type { Address, Kernels } from './kernels/kernels.js';
import type { Graph } from './layers/operation.js';

/** A named range of the flat vector. */
export interface Layer {
  readonly name: string;
  /** First parameter of the range. */
  readonly offset: number;
  readonly shape: readonly number[];
  /**
   * The problem whose unknowns these are, where a model has several at once, as the parameter 'theta' that the model rests on and that is
   * learnt beside it: `gradient` then writes the gradient of that problem here. Left out: the main one.
   */
  readonly group?: string;
}

/** What a model must know of the data it is built for. */
export interface Task {
  readonly features: number;
  /** Shape of one input, as [channels, height, width] of an image; its product is `features`. */
  readonly shape: readonly number[];
  /** Number of classes; 0 for regression. */
  readonly classes: number;
  /** Where inputs are numbers of things (whole numbers from 0): how many a column has, one entry when all columns have the same. */
  readonly categories?: readonly number[];
  /** Where rows are sparse: numbers that a row has on average, the others being 0. */
  readonly entries?: number;
  /** Rows that there are to learn from. */
  readonly rows?: number;
}

/** Some rows of data, gathered: `inputs` is rows x features (row-major), `targets` has one entry a row. */
export interface Batch {
  readonly rows: number;
  readonly inputs: Float32Array;
  readonly targets: Int32Array | Float32Array;
  /** For a model that draws while it trains; look at it during the call only. */
  readonly chance?: Chance;
  /** For a model that reads rows where they lie (`Model.reads`): in place of inputs and targets, which are empty. */
  readonly lying?: Lying;
}

/** Rows of a table where they lie, in the kernels' memory. Where they are not sparse, `inputs` are rows x features, f32, and there are no entries. */
export interface Lying extends SparseRows {
  /** Of sparse rows, f32 for each column: rows, over those that have the column; 0 where none has. */
  readonly spread: Address;
  /** Of all rows: labels, i32, or real values, f32. */
  readonly targets: Address;
}

/**
 * Counted randomness of one local step: draws are functions of (source, node, step x draws a step + k), so a redone step draws the same.
 */
export interface Chance {
  readonly source: Source;
  readonly node: number;
  readonly step: number;
}

/** Sums over the rows of a batch. `correct` counts right classifications (0 for regression). */
export interface Score {
  loss: number;
  correct: number;
}

/** A model: a function of one flat vector of 32-bit floats. What `ModelFactory` gives, in every thread. */
export interface Model {
  readonly name: string;
  /** Length of the flat vector. */
  readonly parameters: number;
  readonly layers: readonly Layer[];
  /**
   * The first so many parameters are learnt: an optimizer, with its weight decay, moves only them. The others are frozen, or moved by the model
   * itself. Left out: all are.
   */
  readonly learnt?: number;
  /** Where it draws no starting weights: which ones it has always, as 'those in the file'. */
  readonly always?: string;
  /** What it computes, as data, when it is a network of layers: what an export to ONNX reads. */
  readonly graph?: Graph;
  /** Values predicted for one input row: class scores, or one real value. */
  readonly outputs: number;
  /** Who computes it, when not the kernels: a name, and a line for people. A run is played again on the same one only. */
  readonly backend?: Backend;
  /** How it reads rows where they lie, sparse ones or whole ones of floats. Left out: rows of a batch are gathered for it. */
  readonly reads?: 'sparse' | 'whole';
  /** Numbers that a step reads and writes for a row, on average: of a model whose steps touch few of its parameters. */
  readonly touched?: (entries: number) => number;
  /** Floats of work memory that a session needs for batches of at most `rows` rows. */
  workspace(rows: number): number;
  /** Writes starting weights. `random()` is uniform in [0, 1), `normal()` has mean 0 and variance 1; both are counted draws. */
  initialize(weights: Float32Array, random: () => number, normal: () => number): void;
  /** Opens the model for one thread. `work` has at least `workspace(rows)` floats and belongs to the session alone. */
  open(kernels: Kernels, work: Float32Array, rows: number): Session;
}

/** Who computes a model instead of the kernels: its name goes into histories, the note is shown when a run starts. */
export interface Backend {
  readonly name: string;
  readonly note: string;
}

/** A model opened on one thread. Every array lies in the kernels' memory; none is kept after the call. */
export interface Session {
  /**
   * Mean loss of the batch; its gradient is written (not added) to `gradient`. Weights are only read, but for those whose gradient is always 0
   * because the model moves them itself, as running means of what it has seen: it writes them in place.
   */
  gradient(weights: Float32Array, gradient: Float32Array, batch: Batch): number;
  /**
   * Optional fast way for plain SGD: the mean loss at `weights`, which then move by -rate * gradient. A model without it gets
   * `gradient` and an optimizer pass.
   */
  descend?(weights: Float32Array, batch: Batch, rate: number): number;
  /**
   * The fast way for plain SGD of a model that reads rows where they lie: a step for every `size` rows of the batch, at the rates (f32) from
   * `rates` on. Returns the sum of the steps' mean losses, each before its step. Only what the rows touch is moved; `shared`: others move the
   * same weights meanwhile, so that they have to be right all along.
   */
  sweep?(weights: Float32Array, batch: Batch, size: number, rates: Address, shared: boolean): number;
  /** Sums of loss and of right answers over the batch. */
  evaluate(weights: Float32Array, batch: Batch): Score;
  /** Class probabilities or real values: rows x outputs. */
  predict(weights: Float32Array, batch: Batch, outputs: Float32Array): void;
  /**
   * Of a causal model of texts: the same for what follows the first `known` tokens of each row; those behind them may be any. Left out: it
   * tells only what follows whole rows.
   */
  predictAfter?(weights: Float32Array, batch: Batch, known: number, outputs: Float32Array): void;
}

/** What a module of a user's own model exports as default: called in every thread with the options of its spec. */
export type ModelFactory = (options: Readonly<Record<string, string>>, task: Task) => Model;
