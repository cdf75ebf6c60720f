/**
 * What lies beside the weights in a descent (`Algorithm.descent`): planes that local steps take, and planes that they leave. The row may
 * change while its node learns, so what is taken is copied with the snapshot, into a one-sided plane of the node's own.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address } from '../models/kernels/kernels.js';
import type { Algorithm, DescentPlanes, Row } from './algorithm.js';
import { gainName, takenName } from './along.js';
import { type Layout, type Plane, type PlaneShape, planeNamed, rowAddress } from './layout.js';

/** Addresses of a node's rows; `moment`: of the copy that local steps move (along.ts). */
export type Beside = { readonly [name in Exclude<keyof DescentPlanes, 'beta'>]?: Address };

export interface BesideOf {
  /** With the snapshot of row `from`: `current` is where its planes lie now. */
  take(kernels: RowKernels, node: Row, current: (plane: Plane) => Address): void;
  of(node: Row): Beside;
}

const takes = ['add', 'divide', 'pace'] as const;
const leaves = ['gradient', 'curvature'] as const;

/** The planes that an algorithm needs for it, beside its own. */
export function besidePlanes({ descent, planes = [] }: Pick<Algorithm, 'descent' | 'planes'>): PlaneShape[] {
  return takes.flatMap(what => {
    const name = descent?.[what];
    if (name === undefined) return [];
    const width = planes.find(plane => plane.name === name)?.width;
    return [{ name: takenName(name), sides: 1 as const, ...(width !== undefined && { width }) }];
  });
}

/** Undefined for an algorithm whose local steps know params only. */
export function openBeside(layout: Layout, descent: DescentPlanes | undefined): BesideOf | undefined {
  if (!descent) return undefined;
  const plane = (name: string) => planeNamed(layout, name)!;
  const taken = takes.flatMap(what => {
    const name = descent[what];
    return name === undefined ? [] : [{ what, from: plane(name), to: plane(takenName(name)) }];
  });
  const left = leaves.flatMap(what => {
    const name = descent[what];
    return name === undefined ? [] : [{ what, to: plane(name) }];
  });
  const moment = descent.moment === undefined ? [] : [{ what: 'moment', to: plane(gainName(descent.moment)) }];
  return {
    take(kernels, node, current) {
      for (const { from, to } of taken) kernels.copy(rowAddress(layout, to, node, 0), current(from), from.stride);
    },
    of: node => Object.fromEntries([...taken, ...left, ...moment].map(({ what, to }) => [what, rowAddress(layout, to, node, 0)])),
  };
}
