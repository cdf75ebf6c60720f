/** The head of a checkpoint: what a run rests on, and how far it has come. Its state is state.ts. */

import { z } from 'zod';
import type { HearsayError } from '../errors.js';
import { type Basis, basisShape } from './basis.js';
import type { Experiment } from './experiment.js';
import type { Shape } from './layout.js';

/** How far a run has come, beside what lies in its memory. */
export interface Progress {
  /** Of training, of evaluations, and from the start, loading included. */
  readonly seconds: number;
  readonly secondsEvaluating: number;
  readonly wallSeconds: number;
  /** What the last sample of those that were due has said, and when that was: in seconds of the run, virtual where it has such. */
  readonly before: { readonly steps: number; readonly loss: number; readonly lossSteps: number };
  readonly sampled: number;
  readonly secondsToTarget: number | null;
  /** Of the metric of `until`. */
  readonly best: number | null;
  readonly deaths: number;
  readonly quarantined: readonly number[];
}

/** The shape of a memory, but for what is no state: scratch, rings, partial sums. */
export type StateShape = Omit<Shape, 'scratch' | 'partials' | 'ring' | 'ops'>;

export interface CheckpointHead {
  readonly basis: Basis;
  /** The experiment as it was asked for: a run that has been gone on with has threads, kernels and weights of its own. */
  readonly asked: Experiment;
  /** Who did the work: threads on the clock of the wall, one thread in virtual time, or one that decides and a pool that plays. */
  readonly mode: 'live' | 'alone' | 'pool';
  readonly threads: number;
  readonly shape: StateShape;
  readonly progress: Progress;
  /** Local steps, over all nodes. */
  readonly steps: number;
}

export function stateShape({ scratch, partials, ring, ops, ...rest }: Shape): StateShape {
  return rest;
}

const count = z.number().int().min(0);
const numbers = z.number().min(0);
const shape = z.strictObject({
  basis: z.object(basisShape),
  asked: z.record(z.string(), z.unknown()),
  mode: z.enum(['live', 'alone', 'pool']),
  threads: count.min(1),
  shape: z.record(z.string(), z.unknown()),
  progress: z.strictObject({
    seconds: numbers,
    secondsEvaluating: numbers,
    wallSeconds: numbers,
    before: z.object({ steps: count, loss: z.number(), lossSteps: numbers }),
    sampled: numbers,
    secondsToTarget: numbers.nullable(),
    best: z.number().nullable(),
    deaths: count,
    quarantined: z.array(count),
  }),
  steps: count,
});

/** Checks what stands in a file; the experiment and the shape in it are still to be compared. Throws what `corrupt` makes of a fault. */
export function parseCheckpointHead(found: unknown, corrupt: (what: string) => HearsayError): CheckpointHead {
  const { success, data, error } = shape.safeParse(found);
  if (success) return data as unknown as CheckpointHead;
  const { path, message } = error.issues[0];
  throw corrupt(`${['its head', ...path].join('.')}: ${message}`);
}
