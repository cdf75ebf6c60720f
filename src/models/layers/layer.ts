/**
 * The contract of a layer of a network: how rows of one shape become rows of another, and back. A layer keeps nothing between calls: what
 * it remembers from the way forward lies in memory that it is given, so a layer serves any number of networks.
 */

import type { Address, Kernels } from '../kernels/kernels.js';
import type { Chance } from '../model.js';
import type { Operation } from './operation.js';

/** Of one row: [features], [height, width, channels] of an image, [tokens, width] of a text. */
export type Shape = readonly number[];

/**
 * A layer that has not been told yet what comes in; a shape, for one that only reads the same numbers in another shape. Throws CONFIG_RANGE
 * for a shape that it can't take; `where` names it in messages.
 */
export type LayerOf = (input: Shape, where: string) => Layer | Shape;

export interface Layer {
  /** What its parameters are called by, when it has any: `fc` gives fc1.weight, fc2.weight, ... */
  readonly name: string;
  readonly output: Shape;
  /** What it computes, for those who write it in the terms of other software; left out by a layer that nobody else has. */
  readonly operation?: Operation;
  /** Its parameters, one after the other in a part of the flat vector. */
  readonly tensors: readonly Tensor[];
  /** What the way back looks at, so that it must not be overwritten before. */
  readonly looksAt: { readonly input: boolean; readonly output: boolean };
  /** True when it goes element by element: y may be x, and dx may be dy. */
  readonly inPlace: boolean;
  /** Floats, for batches of at most so many rows: what is kept until the way back, and what every call may use up. */
  kept(rows: number): number;
  work(rows: number): number;
  /** Writes starting weights into its own part of the vector, which is zero. */
  initialize(weights: Float32Array, random: () => number, normal: () => number): void;
  /** y = f(x) */
  forward(pass: Pass, at: Forth): void;
  /**
   * dx = dy df/dx, unless dx is 0: then nobody asks. Then the gradient in the weights: added to `into` (keep = 1), which may be the weights
   * themselves, or put there (0). dy may be overwritten.
   */
  backward(pass: Pass, at: Back, keep: 0 | 1): void;
}

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** One batch on its way. */
export interface Pass {
  readonly kernels: Kernels;
  readonly rows: number;
  /** The most rows that memory was laid out for. */
  readonly most: number;
  /** What is drawn in training; undefined when a model is only asked. */
  readonly chance?: Chance;
}

/** Where things lie on the way forward. */
export interface Forth {
  readonly x: Address;
  readonly y: Address;
  readonly weights: Address;
  readonly kept: Address;
  readonly work: Address;
}

export interface Back extends Forth {
  /** 0: it is not wanted. */
  readonly dx: Address;
  readonly dy: Address;
  readonly into: Address;
}

/** Numbers in a row of a shape, or in a tensor. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Numbers in all tensors of a layer. */
export function parametersOf({ tensors }: Pick<Layer, 'tensors'>): number {
  return tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Floats up to whole lines of memory: every place begins at one, and row kernels may go on to its end. */
export function padded(floats: number): number {
  return Math.ceil(floats / 32) * 32;
}

/** The parts that a layer without parameters, and without a memory, does not think about. */
export const plain = {
  tensors: [] as const,
  kept: () => 0,
  work: () => 0,
  initialize() {},
};
