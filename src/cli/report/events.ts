/** The events of a run as they are read back from a file, which anything may have become of. */

import { z } from 'zod';
import type { Death, Done, Sample, Start, StopReason, Summary } from '../../engine/observer.js';
import { reasons } from '../summary.js';

/** JSON has no NaN and no infinity: they were written as null. */
const number = z
  .number()
  .nullable()
  .transform(value => value ?? Number.NaN);
const perhaps = z.number().nullable();
const spread = z.object({ mean: number, p50: number, p99: number });
const wideSpread = spread.extend({ max: number });
const numbers = z.array(number);

const reading = {
  seconds: number,
  epoch: number,
  steps: z.number().min(0),
  exchanges: number,
  bytes: number,
  trainLoss: perhaps,
  loss: number,
  accuracy: perhaps,
  worstAccuracy: perhaps,
  worstLoss: number,
  meanLoss: number,
  worstOf: z.object({ nodes: number, rows: number }),
  consensus: number,
  staleness: spread,
  versions: wideSpread.nullable(),
  age: wideSpread.nullable(),
  virtual: z
    .object({
      ...{ time: number, events: number, live: number, joined: number, left: number, crashed: number, lost: number },
      ...{ lostPieces: number, lostSteps: number, refused: number },
    })
    .optional(),
};

const sample: z.ZodType<Sample> = z.object({ event: z.literal('sample'), ...reading });

const done: z.ZodType<Done> = z.object({
  event: z.literal('done'),
  ...reading,
  stopReason: z.enum(Object.keys(reasons) as [StopReason, ...StopReason[]]),
  stepsPerSecond: number,
  samplesPerSecond: number,
  secondsEvaluating: number,
  wallSeconds: number,
  target: z.object({ metric: z.enum(['accuracy', 'loss']), value: number, best: perhaps }).nullable(),
  secondsToTarget: perhaps,
  perNode: z.object({ versions: numbers, age: numbers }).nullable(),
  stalenessCounts: z.array(z.tuple([z.number().min(0), z.number().min(0)])).default([]),
  perThread: z.array(z.object({ thread: number, steps: number, working: number, gossip: number, blocked: number })),
  played: z.object({ perThread: numbers, overtaking: number }).optional(),
  gossipShare: number,
  blockedShare: number,
  busy: number,
  alone: number,
  ignored: number.optional(),
  diverged: z.object({ resets: number, skips: number }).optional(),
  quantizer: z.object({ retries: number, plain: number }).optional(),
  deaths: number,
  quarantined: numbers,
  parametersHash: z.string(),
  planeHashes: z.record(z.string(), z.string()),
});

/** What a start event says, and a manifest too. */
export const startShape = {
  experiment: z.record(z.string(), z.unknown()),
  threads: z.number(),
  kernels: z.object({ set: z.string(), note: z.string() }),
  model: z.object({
    name: z.string(),
    parameters: z.number(),
    backend: z.object({ name: z.string(), note: z.string() }).optional(),
  }),
  modules: z.record(z.string(), z.string()),
  data: z.object({ name: z.string(), train: z.number(), test: z.number(), features: z.number(), classes: z.number() }),
  graph: z.object({ name: z.string(), nodes: z.number(), edges: number, gap: perhaps }),
  memoryBytes: z.number(),
  versions: z.object({ hearsay: z.string(), node: z.string(), v8: z.string() }),
};

const start: z.ZodType<Start> = z.object({ event: z.literal('start'), ...startShape });

const summary: z.ZodType<Summary> = z.object({
  event: z.literal('summary'),
  repeats: z.number(),
  metrics: z.record(z.string(), z.object({ mean: number, deviation: number, worst: number })),
});

const death: z.ZodType<Death> = z.object({
  event: z.literal('death'),
  ...{ seconds: number, thread: z.number(), incarnation: z.number(), node: perhaps },
  ...{ asked: z.boolean(), reason: z.string(), freed: z.number(), completed: z.boolean(), quarantined: z.boolean() },
});

export type KnownEvent = Start | Sample | Death | Done | Summary;

const event = z.union([sample, start, death, done, summary]);

/** The event that `value` is, or undefined for anything else. Keys that are not known are left out. */
export function readEvent(value: unknown): KnownEvent | undefined {
  return total(event, value);
}

/** What `schema` makes of `value`, or undefined. */
export function total<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  try {
    return schema.safeParse(value).data;
  } catch {
    return undefined; // a key __proto__, where prototypes are locked
  }
}
