/** The head of a history: everything that its ops rest on. */

import { z } from 'zod';
import { isPlan } from '../../models/kernels/plan.js';
import type { Experiment } from '../experiment.js';
import { corrupt } from './blocks.js';

export interface HistoryHead {
  readonly experiment: Experiment;
  readonly hearsay: string;
  readonly node: string;
  readonly platform: string;
  readonly kernels: { readonly set: string; readonly probe: string };
  /** Who computed the model, when not the kernels. */
  readonly backend?: string;
  /** sha256 of the training and test data, of the partition and the graph, and of each module of the user's. */
  readonly data: string;
  readonly modules: Readonly<Record<string, string>>;
  /** What the layout of rows depends on beside the experiment. */
  readonly nodes: number;
  readonly slots: number;
  readonly parameters: number;
  readonly initialHash: string;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const shape = z.object({
  experiment: z.record(z.string(), z.unknown()),
  hearsay: z.string(),
  node: z.string(),
  platform: z.string(),
  kernels: z.object({ set: z.string().refine(isPlan, 'no set of kernels'), probe: hash }),
  backend: z.string().max(200).optional(),
  data: hash,
  modules: z.record(z.string(), hash),
  nodes: count.min(1),
  slots: count,
  parameters: count,
  initialHash: hash,
});

/** Checks what stands in a file. The experiment in it is still to be checked. Throws HISTORY_CORRUPT. */
export function parseHead(found: unknown, name: string): HistoryHead {
  const { success, data, error } = shape.safeParse(found);
  if (success) return data as unknown as HistoryHead;
  const { path, message } = error.issues[0];
  throw corrupt(name, 12, `${['head', ...path].join('.')}: ${message}`);
}
