/**
 * What goes along with params: planes that every average of models averages too, with the same weights. Some of them are moved by local
 * steps as well, as params are: the state of an optimizer that travels, and the first moment of an algorithm (`Algorithm.descent`).
 *
 * A row's plane p may be averaged while its node learns. So local steps move a copy, and what comes of them is kept as what they are, H
 * steps of p = keep p + something: a commit does p = keep^H p + gain to whatever p has become since, with gain = (p after) - keep^H
 * (p before). For keep = 1 that is a difference, as that of params. Means of squares have no negative gain, so they stay what they are
 * whatever they were averaged with, and |m| <= c sqrt(v), which bounds a step of Adam, outlives every average of (m, v). The rule is our
 * own; where nothing comes between snapshot and commit, it is the optimizer's own step.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address, Kernels } from '../models/kernels/kernels.js';
import type { Optimizer } from '../models/optimizer/optimizer.js';
import { power } from '../models/optimizer/schedule.js';
import type { Algorithm, Row } from './algorithm.js';
import { combineColumns, type Sum } from './combine.js';
import { type Layout, type Plane, type PlaneShape, planeNamed, rowAddress } from './layout.js';

export interface Along {
  readonly plane: Plane;
  /** For a plane that local steps move. */
  readonly moving?: Moving;
}

/** One-sided planes beside a plane that moves: what it was at the snapshot; the copy that moves, and then the gain of the pending piece. */
export interface Moving extends Movement {
  readonly taken: Plane;
  readonly gain: Plane;
}

export interface Movement {
  /** Of the plane. */
  readonly name: string;
  /** How much of it one local step leaves, in [0, 1]. */
  readonly keep: number;
  /** Never negative. */
  readonly isSquare?: boolean;
}

/** The planes that local steps move and averages too. */
export function movementsOf(optimizer: Pick<Optimizer, 'state'>, { descent }: Pick<Algorithm, 'descent'>): Movement[] {
  const { moment } = descent ?? {};
  return [...optimizer.state.filter(({ travels }) => travels), ...(moment === undefined ? [] : [{ name: moment, keep: 1 }])];
}

/** The planes that these need beside them. */
export function movingPlanes(movements: readonly Movement[]): PlaneShape[] {
  return movements.flatMap(({ name }) => [takenName(name), gainName(name)].map(name => ({ name, sides: 1 as const })));
}

export const takenName = (name: string) => `${name}, taken`;
export const gainName = (name: string) => `${name}, gained`;

export function openAlong(layout: Layout, mixes: readonly string[] = [], movements: readonly Movement[] = []): Along[] {
  const plane = (name: string) => planeNamed(layout, name)!;
  const moving = new Set(movements.map(({ name }) => name));
  return [
    ...mixes.filter(name => !moving.has(name)).map(name => ({ plane: plane(name) })),
    ...movements.map(movement => ({
      plane: plane(movement.name),
      moving: { ...movement, taken: plane(takenName(movement.name)), gain: plane(gainName(movement.name)) },
    })),
  ];
}

/** With the snapshot of a row: `from` is where the plane lies now. The copy is where local steps find it, and leave what becomes of it. */
export function take(kernels: RowKernels, layout: Layout, { taken }: Moving, node: Row, from: Address): void {
  kernels.copy(rowAddress(layout, taken, node, 0), from, taken.stride);
}

/** Before local steps: the copy that they move. Done again, it is as it was. Returns where it lies. */
export function begin(kernels: RowKernels, layout: Layout, { taken, gain }: Moving, node: Row): Address {
  const copy = rowAddress(layout, gain, node, 0);
  kernels.copy(copy, rowAddress(layout, taken, node, 0), taken.stride);
  return copy;
}

/** After so many of them: what they gained takes the place of the copy. */
export function gained(sum: Sum, set: Kernels | undefined, layout: Layout, moving: Moving, node: Row, steps: number): void {
  const { taken, gain, keep, isSquare } = moving;
  const copy = rowAddress(layout, gain, node, 0);
  combineColumns(sum, [copy], [copy, rowAddress(layout, taken, node, 0)], [1, -power(keep, steps)], 0, gain.stride);
  if (isSquare) set?.relu(copy, copy, gain.stride);
}

/** to = keep^steps from + gain of the node's pending piece. */
export function commitGain(sum: Sum, layout: Layout, moving: Moving, node: Row, steps: number, to: Address, from: Address): void {
  const { gain, keep } = moving;
  combineColumns(sum, [to], [from, rowAddress(layout, gain, node, 0)], [power(keep, steps), 1], 0, gain.stride);
}
