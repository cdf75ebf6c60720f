/** One evaluation: the parked threads compute, the main thread adds up in a fixed order. */

import { jobKinds, modelsOf } from '../engine/jobs.js';
import { type Counters, readCounters } from '../engine/metrics.js';
import type { Done, Sample } from '../engine/observer.js';
import { chunkRows } from '../engine/scratch.js';
import { type Staleness, stalenessOf } from '../engine/staleness.js';
import { bytesMoved } from '../engine/traffic.js';
import { versionsOf } from '../engine/versions.js';
import { sharedWords } from '../engine/words.js';
import type { Driver } from './driver.js';
import type { Prepared } from './prepare.js';

/** What the sample before said: totals, for differences. */
export interface Before {
  readonly steps: number;
  readonly loss: number;
  readonly lossSteps: number;
}

export async function evaluate(
  prepared: Prepared,
  driver: Driver,
  seconds: number,
  before: Before,
): Promise<{ sample: Sample; counters: Counters; perNode: Done['perNode'] }> {
  const { arena, split, experiment, recipe } = prepared;
  const { parameters } = arena.layout.shape;
  const partials = new Float64Array(arena.memory.buffer, arena.layout.partials, arena.layout.shape.partials);
  const rows = split.test.rows;
  const chunks = Math.ceil(rows / chunkRows);
  const classes = split.test.classes;
  const { rows: alive } = modelsOf(arena, recipe.algorithm.sharedRow, experiment);
  const worst = { nodes: Math.min(prepared.worst.nodes, alive.length), chunks: prepared.worst.chunks };

  await driver.job(jobKinds.mean);
  await driver.job(jobKinds.consensus);
  const consensus = sumOf(partials, 0, alive.length, 1) / alive.length;
  await driver.job(jobKinds.scoreMean, 1, chunks);
  const loss = sumOf(partials, 0, chunks, 2) / rows;
  const accuracy = classes > 0 ? sumOf(partials, 1, chunks, 2) / rows : null;
  await driver.job(jobKinds.scoreEach, worst.nodes, worst.chunks);
  const worstRows = Math.min(rows, worst.chunks * chunkRows);
  let worstLoss = Number.NEGATIVE_INFINITY;
  let worstAccuracy = Number.POSITIVE_INFINITY;
  let losses = 0;
  for (let k = 0; k < worst.nodes; k++) {
    const from = 2 * k * worst.chunks;
    const own = sumOf(partials, from, worst.chunks, 2) / worstRows;
    losses += own;
    worstLoss = Math.max(worstLoss, own);
    worstAccuracy = Math.min(worstAccuracy, sumOf(partials, from + 1, worst.chunks, 2) / worstRows);
  }

  const counters = readCounters(arena, before.steps);
  const lossSteps = counters.lossSteps - before.lossSteps;
  const now = driver.virtual?.().time ?? seconds;
  const { versions, age, perNode } = behind(prepared, alive, now);
  const sample: Sample = {
    event: 'sample',
    seconds,
    epoch: (counters.steps * experiment.batch) / split.train.rows,
    steps: counters.steps,
    exchanges: counters.exchanges + counters.meetings,
    bytes: bytesMoved(recipe, parameters, counters),
    trainLoss: lossSteps > 0 ? (counters.loss - before.loss) / lossSteps : null,
    loss,
    accuracy,
    worstAccuracy: classes > 0 ? worstAccuracy : null,
    worstLoss,
    meanLoss: losses / worst.nodes,
    worstOf: { nodes: worst.nodes, rows: worstRows },
    consensus,
    staleness: counters.staleness,
    versions,
    age,
    ...(driver.virtual ? { virtual: driver.virtual() } : {}),
  };
  return { sample, counters, perNode: perNode && alive.length <= listed ? perNode : null };
}

/** Nodes up to which the end of a run lists the staleness of each. */
const listed = 2000;

function behind(
  { arena, recipe }: Prepared,
  alive: readonly number[],
  now: number,
): Staleness | { versions: null; age: null; perNode: null } {
  const versions = versionsOf(arena, sharedWords(arena.memory.buffer), () => now);
  return (
    (versions && stalenessOf(versions, alive, now, recipe.algorithm.sources)) ?? { versions: null, age: null, perNode: null }
  );
}

function sumOf(values: Float64Array, from: number, count: number, stride: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += values[from + k * stride];
  return sum;
}
