/** The contract of an optimizer: what a local step does with a gradient. Its state lies in planes beside the parameters. */

import type { Address, Kernels } from '../kernels/kernels.js';
import type { Batch, Session } from '../model.js';

export interface Optimizer {
  readonly name: string;
  /** The planes of state that it needs: one row each beside every row of parameters, zero at the start. */
  readonly state: readonly State[];
  /** The rate at a node's step, counted from 0. */
  rate(step: number): number;
  /** True when a step is w -= rate x gradient and nothing else, so that a session may fuse it. */
  readonly plain: boolean;
  /** True when the rate is the same at every step. */
  readonly steady?: boolean;
  /**
   * Moves n weights and the rows of state, in the order of `state`; the gradient may be overwritten. `factor` multiplies the rate (1). The
   * first step that a state sees, when it is zero, is step 0.
   */
  update(
    kernels: Kernels,
    weights: Address,
    gradient: Address,
    state: readonly Address[],
    n: number,
    step: number,
    factor?: number,
  ): void;
}

/** One plane of state, which a step moves by state = keep x state + something. */
export interface State {
  readonly name: string;
  /** In [0, 1]. */
  readonly keep: number;
  /** The something is never negative: a mean, or a sum, of squares. */
  readonly isSquare?: boolean;
  /** True when it is averaged wherever models are; else it is the node's own. */
  readonly travels?: boolean;
}

/**
 * One local step of a node at `weights`, its step number `step` (from 0). Returns the mean loss of the batch before the step.
 * `gradient` is written unless the step can be fused into the session's backward pass. The first `learnt` weights are moved.
 */
export function takeStep(
  optimizer: Optimizer,
  session: Session,
  kernels: Kernels,
  weights: Float32Array,
  gradient: Float32Array,
  state: readonly Address[],
  batch: Batch,
  step: number,
  learnt = weights.length,
): number {
  if (optimizer.plain && session.descend) return session.descend(weights, batch, optimizer.rate(step));
  const loss = session.gradient(weights, gradient, batch);
  optimizer.update(kernels, weights.byteOffset, gradient.byteOffset, state, learnt, step);
  return loss;
}
