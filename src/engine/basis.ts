/** What a run rests on beside its memory: who goes on with it, or plays it again, must find the same. */

import { z } from 'zod';
import { isPlan } from '../models/kernels/plan.js';
import type { Experiment } from './experiment.js';

export interface Basis {
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
  readonly parameters: number;
}

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** How it stands in a file. The experiment in it is still to be checked. */
export const basisShape = {
  experiment: z.record(z.string(), z.unknown()),
  hearsay: z.string(),
  node: z.string(),
  platform: z.string(),
  kernels: z.object({ set: z.string().refine(isPlan, 'no set of kernels'), probe: hash }),
  backend: z.string().max(200).optional(),
  data: hash,
  modules: z.record(z.string(), hash),
  parameters: z.int().min(0),
};
