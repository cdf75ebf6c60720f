/**
 * The entry of a thread of a crowd: one simulation from start to end. Errors of ours come back as values, as no error keeps its class on
 * the way.
 */

import type { ExperimentInput } from '../engine/experiment.js';
import { type ErrorCode, HearsayError } from '../errors.js';
import type { Completed } from './crowd.js';
import { simulate } from './train.js';

export type Outcome =
  | ({ readonly kind: 'done' } & Completed)
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

export default async function solo(input: ExperimentInput): Promise<Outcome> {
  try {
    const { samples, done } = await simulate({ ...input, parallel: 'never', threads: 1 }).result;
    return { kind: 'done', samples, done };
  } catch (error) {
    if (error instanceof HearsayError) return { kind: 'failed', code: error.code, message: error.message };
    throw error;
  }
}
