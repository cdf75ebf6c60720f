/**
 * What of a piece of work may reach another row, beside its difference: the optimizer's state, which may travel, and what local steps
 * leave for messages. It is looked at before the commit, and taken back with a piece that is dropped.
 */

import type { Address } from '../models/kernels/kernels.js';
import type { Row } from './algorithm.js';
import { begin, type Moving } from './along.js';
import type { Beside } from './beside.js';
import type { Plane } from './layout.js';
import type { Ops, RowsContext } from './op.js';

/** The addresses of a piece of the node: where local steps move the state, and the planes that they take and leave. */
export interface Work {
  readonly node: Row;
  readonly state: readonly Address[];
  readonly beside?: Beside;
}

export interface Drops {
  /** True when something holds what is not finite, or 2^100 and more: an average of two might then not be. It needs the scratch. */
  isBeyond(work: Work): boolean;
  /** The state becomes what it was, or zero where the node begins again, and nothing was measured. */
  takeBack(work: Work): void;
}

/** `moving`: the planes that travel while they move. */
export function openDrops(
  context: RowsContext,
  { current }: Ops,
  moving: readonly { readonly plane: Plane; readonly moving: Moving }[],
): Drops {
  const { kernels, holder, state: planes } = context;
  const { layout } = holder;
  const { stride } = layout;
  const leftBy = ({ gradient, curvature }: Beside = {}) => [gradient, curvature].filter(address => address !== undefined);

  return {
    isBeyond({ state, beside }) {
      const kept = [...state, ...leftBy(beside), ...(beside?.moment === undefined ? [] : [beside.moment])];
      return kept.some(plane => {
        kernels.zero(context.work, stride);
        return kernels.difference(context.work, context.work, plane, stride) !== 0;
      });
    },

    takeBack({ node, state, beside }) {
      for (const left of leftBy(beside)) kernels.zero(left, stride);
      for (const one of moving) begin(kernels, layout, one.moving, node);
      planes.forEach((plane, k) => {
        if (moving.some(one => one.plane === plane)) return;
        if (context.drops === 'reset') kernels.zero(state[k], stride);
        else kernels.copy(state[k], current(node, plane), stride);
      });
    },
  };
}
