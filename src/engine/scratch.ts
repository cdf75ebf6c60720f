/** Where things lie in a thread's scratch: planned once from the shape of the experiment, so that its size is known in advance. */

import { topkRoom } from '../models/kernels/contract/elements.js';
import { trimRoom } from '../models/kernels/contract/rows.js';
import { type Layout, scratchBytes } from './layout.js';

/** Test rows of one partial sum: metrics are summed in fixed chunks, whatever the number of threads. */
export const chunkRows = 250;

/** Rows of one sweep, as many whole steps as they make (one at least): a call to stop is looked at between two. */
export const sweepRows = 8192;

export interface ScratchNeed {
  /** Floats of a row, padded. */
  readonly stride: number;
  readonly rows: number;
  /** Rows of a batch. */
  readonly batch: number;
  readonly features: number;
  readonly outputs: number;
  /** True for a model that reads rows where they lie: none are gathered, many steps are taken at a time. */
  readonly lies?: boolean;
  /** Floats that the model's session asks for, for max(batch, chunkRows) rows. */
  readonly workspace: number;
  /** True when a descent needs one more vector of parameters: to estimate curvature. */
  readonly probes?: boolean;
  /** Floats that a quantizer takes (see quantizer.ts): none unless said. */
  readonly quantizer?: number;
  /** True when averages sort the numbers of all models. */
  readonly sorts?: boolean;
}

/** Byte addresses, in one thread's scratch. */
export interface Scratch {
  readonly work: number;
  readonly delta: number;
  readonly gradient: number;
  readonly probe: number;
  readonly list: number;
  readonly inputs: number;
  readonly targets: number;
  readonly indices: number;
  /** Of a sweep, one a step. */
  readonly rates: number;
  readonly outputs: number;
  readonly workspace: number;
  readonly quantizer: number;
}

/** Floats of one thread's scratch. */
export function scratchFloats(need: ScratchNeed): number {
  return plan(need, 0).end / 4;
}

export function scratchOf(layout: Layout, thread: number, need: ScratchNeed): Scratch {
  return plan(need, layout.scratch + thread * scratchBytes(layout.shape)).scratch;
}

function plan(need: ScratchNeed, start: number): { scratch: Scratch; end: number } {
  let end = start;
  const take = (floats: number) => {
    const address = end;
    end += Math.ceil((floats * 4) / 128) * 128;
    return address;
  };
  const rows = Math.max(need.batch, chunkRows);
  const gathered = need.lies ? 0 : rows;
  const scratch = {
    work: take(Math.max(need.stride, topkRoom, need.sorts ? trimRoom(need.rows) : 0)),
    delta: take(need.stride),
    gradient: take(need.stride),
    probe: take(need.probes ? need.stride : 0),
    list: take(4 * need.rows + 64),
    inputs: take(gathered * need.features),
    targets: take(gathered),
    indices: take(need.lies ? Math.max(rows, sweepRows) : rows),
    rates: take(need.lies ? sweepRows : 0),
    outputs: take(rows * need.outputs),
    workspace: take(need.workspace),
    quantizer: take(need.quantizer ?? 0),
  };
  return { scratch, end };
}
