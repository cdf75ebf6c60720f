/**
 * TensorFlow.js, as far as it is used here. The types are our own, by structure, so that nobody needs the package to compile against ours.
 */

import type { Task } from '../model.js';

/** A `tf.LayersModel` (`tf.Sequential` is one): what tells it from another thing. */
export interface LayersModel {
  readonly name: string;
  readonly layers: readonly { readonly name: string }[];
  /** The weights, by their shapes. */
  getWeights(): readonly { readonly shape: readonly number[] }[];
  /** How many numbers they are. */
  countParams(): number;
  /** What the model is made of again. */
  getConfig(): unknown;
}

/**
 * What a module exports as default to have a model of TensorFlow.js trained: called in every thread with the options of its spec. The model
 * has one input and one output. The module imports TensorFlow.js itself.
 */
export type LayersModelFactory = (options: Readonly<Record<string, string>>, task: Task) => LayersModel | Promise<LayersModel>;

export interface Tensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
}

export interface Variable extends Tensor {
  readonly name: string;
  assign(value: Tensor): void;
}

/** A weight of a layer. */
export interface Weight {
  /** As the layer calls it, before it was made unique: conv2d_Conv2D1/kernel. */
  readonly originalName: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly constraint: unknown;
  /** The variable itself. */
  read(): Variable;
}

export interface SymbolicTensor {
  /** The first, null, stands for the rows of a batch. */
  readonly shape: readonly (number | null)[];
  readonly sourceLayer: TensorLayer;
}

export interface Activation {
  getClassName(): string;
  apply(x: Tensor): Tensor;
}

export interface TensorLayer {
  readonly name: string;
  readonly trainable: boolean;
  readonly stateful: boolean;
  getClassName(): string;
  activation?: Activation;
  call(inputs: Tensor | Tensor[], options: Record<string, unknown>): Tensor | Tensor[];
  readonly inboundNodes: readonly { readonly inputTensors: readonly SymbolicTensor[] }[];
  /** Of a normalization: whether it has a gain, and a shift. */
  scale?: boolean;
  center?: boolean;
  gamma?: { read(): Tensor };
  beta?: { read(): Tensor };
  /** The axis of a softmax, or of a normalization, the rows of a batch being axis 0; from the end where it is negative. */
  readonly axis?: number | readonly number[];
  /** Of a batch normalization: a running mean of squares. */
  readonly movingVariance?: Weight;
  /** Of a layer around another one, or around two. */
  readonly layer?: TensorLayer;
  readonly forwardLayer?: TensorLayer;
  readonly backwardLayer?: TensorLayer;
  /** Of a model inside a model. */
  readonly layers?: readonly TensorLayer[];
  readonly outputs?: readonly SymbolicTensor[];
}

/** The same model from the inside. */
export interface OpenLayersModel {
  readonly layers: readonly TensorLayer[];
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  readonly trainableWeights: readonly Weight[];
  readonly nonTrainableWeights: readonly Weight[];
  apply(x: Tensor, options: { readonly training: boolean }): Tensor | Tensor[];
  countParams(): number;
  /** Penalties of regularizers. */
  calculateLosses(): readonly Tensor[];
  dispose(): unknown;
}

/** What every layer builds its weights by. */
export interface LayerPrototype {
  addWeight(name: string, shape: readonly number[], ...more: unknown[]): Weight;
}

/** What is used of the package. */
export interface TensorFlow {
  readonly version: { readonly tfjs?: string; readonly 'tfjs-core': string };
  readonly Variable: new (...given: never[]) => Variable;
  ready(): Promise<void>;
  getBackend(): string;
  enableProdMode(): void;
  memory(): { readonly numTensors: number };
  tidy<Result>(run: () => Result): Result;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  scalar(value: number): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor): Tensor;
  mean(x: Tensor): Tensor;
  transpose(x: Tensor, order: readonly number[]): Tensor;
  reshape(x: Tensor, shape: readonly number[]): Tensor;
  customGrad(run: (x: Tensor) => { value: Tensor; gradFunc: (slope: Tensor) => Tensor }): (x: Tensor) => Tensor;
  variableGrads(run: () => Tensor, variables: readonly Variable[]): { value: Tensor; grads: Record<string, Tensor> };
  loadLayersModel(from: unknown): Promise<LayersModel>;
  readonly layers: { readonly Layer: { readonly prototype: LayerPrototype } };
  readonly io: { fromMemory(artifacts: unknown): unknown };
}
