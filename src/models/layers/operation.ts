/**
 * What a layer computes, as data: who writes a network in the terms of other software reads this, and knows no layer. Shapes are those of
 * one row; images have their channels last.
 */

import type { ActivationName } from '../activation.js';
import type { Windows } from '../kernels/contract/windows.js';

/** What one step of a network does. */
export type Operation =
  /** An image whose channels came first. */
  | { readonly kind: 'channels-last' }
  /** The same numbers in another shape. */
  | { readonly kind: 'reshape' }
  /** Along the last axis; weight: inputs x outputs, bias. */
  | { readonly kind: 'dense' }
  /** weight: size x size x channels x filters, bias; `pad` zeros on every side. */
  | { readonly kind: 'convolution'; readonly windows: Windows }
  /** The output is a vector where there is one window. */
  | { readonly kind: 'max-pool' | 'average-pool'; readonly windows: Windows }
  /** To mean 0 and variance 1 of each group of neighbouring channels, over all places or at each; then weight, bias of each channel. */
  | { readonly kind: 'normalization'; readonly over: 'all' | 'each'; readonly groups: number; readonly epsilon: number }
  | { readonly kind: 'activation'; readonly name: ActivationName }
  | { readonly kind: 'dropout'; readonly rate: number }
  /** Whole numbers in, of which the first are looked at; token: vocabulary x width, position: tokens x width. */
  | { readonly kind: 'embedding' }
  /** Causal; in_weight: width x (queries, keys, values), in_bias, out_weight, out_bias. Heads are neighbouring columns. */
  | { readonly kind: 'attention'; readonly heads: number }
  | { readonly kind: 'chain'; readonly steps: readonly Step[] }
  /** body(x) + x, or body(x) + shortcut(x). */
  | { readonly kind: 'residual'; readonly body: readonly Step[]; readonly shortcut: readonly Step[] };

/** One layer in its place. */
export interface Step {
  /** Before its tensors' names: fc1, block2; of the only layer with parameters, and of those without, the name of its kind. */
  readonly name: string;
  readonly operation: Operation;
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** In the order of the flat vector. */
  readonly tensors: readonly Range[];
}

/** A tensor with its first place in the flat vector of what it is part of. */
export interface Range {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
}

/** What stands at the end of a network, and makes a prediction of its scores. */
export type HeadKind = 'softmax' | 'logistic' | 'hinge' | 'squared';

/** A network as data. */
export interface Graph {
  /** Shape of an input row, as in the data. */
  readonly input: readonly number[];
  readonly steps: readonly Step[];
  readonly head: HeadKind;
  /** Places of a row that have scores: more than one of a text, of which a prediction takes the last. */
  readonly tokens: number;
}

/** The steps with `prefix` before all names and `offset` before all places, those within them too. */
export function moved(steps: readonly Step[], prefix: string, offset: number): Step[] {
  return steps.map(step => ({
    ...step,
    name: prefix + step.name,
    operation: within(step.operation, prefix, offset),
    tensors: step.tensors.map(range => ({ ...range, name: prefix + range.name, offset: offset + range.offset })),
  }));
}

function within(operation: Operation, prefix: string, offset: number): Operation {
  if (operation.kind === 'chain') return { ...operation, steps: moved(operation.steps, prefix, offset) };
  if (operation.kind !== 'residual') return operation;
  const { body, shortcut } = operation;
  return { ...operation, body: moved(body, prefix, offset), shortcut: moved(shortcut, prefix, offset) };
}
