/** The head of a history: everything that its ops rest on. */

import { z } from 'zod';
import { type Basis, basisShape } from '../basis.js';
import { corrupt } from './blocks.js';

export interface HistoryHead extends Basis {
  /** What the layout of rows depends on beside the experiment. */
  readonly nodes: number;
  readonly slots: number;
  readonly initialHash: string;
}

const shape = z.object({
  ...basisShape,
  nodes: z.int().min(1),
  slots: z.int().min(0),
  initialHash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Checks what stands in a file. The experiment in it is still to be checked. Throws HISTORY_CORRUPT. */
export function parseHead(found: unknown, name: string): HistoryHead {
  const { success, data, error } = shape.safeParse(found);
  if (success) return data as unknown as HistoryHead;
  const { path, message } = error.issues[0];
  throw corrupt(name, 12, `${['head', ...path].join('.')}: ${message}`);
}
