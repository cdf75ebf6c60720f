/** The samples of a run as rows of numbers: so few that a page holds them all, however long the run. */

import type { Sample } from '../engine/observer.js';
import { round } from './frame.js';

/** Rows that are kept; of more, every other one goes. */
export const mostRows = 2000;

const columnsOf: Readonly<Record<string, (sample: Sample) => number | null | undefined>> = {
  seconds: sample => sample.seconds,
  time: sample => sample.virtual?.time,
  epoch: sample => sample.epoch,
  steps: sample => sample.steps,
  exchanges: sample => sample.exchanges,
  bytes: sample => sample.bytes,
  trainLoss: sample => sample.trainLoss,
  loss: sample => sample.loss,
  accuracy: sample => sample.accuracy,
  worstAccuracy: sample => sample.worstAccuracy,
  worstLoss: sample => sample.worstLoss,
  meanLoss: sample => sample.meanLoss,
  consensus: sample => sample.consensus,
  stalenessMean: sample => sample.staleness.mean,
  stalenessP99: sample => sample.staleness.p99,
  versionsMean: sample => sample.versions?.mean,
  ageMean: sample => sample.age?.mean,
  live: sample => sample.virtual?.live,
  lost: sample => sample.virtual?.lost,
};

export const columns: readonly string[] = Object.keys(columnsOf);

export type Row = readonly (number | null)[];

const exact = ['steps', 'exchanges', 'bytes', 'live', 'lost'];

export function rowOf(sample: Sample): Row {
  return Object.entries(columnsOf).map(([name, read]) => {
    const value = read(sample);
    if (value === null || value === undefined || !Number.isFinite(value)) return null;
    return exact.includes(name) ? value : round(value);
  });
}

export interface Rows {
  /** Adds a row; returns its number. */
  add(row: Row): number;
  /** Rows after number `number`, -1 for all. */
  after(number: number): readonly Row[];
  readonly last: number;
}

export function openRows(): Rows {
  let kept: { readonly number: number; readonly row: Row }[] = [];
  let last = -1;
  return {
    add(row) {
      kept.push({ number: ++last, row });
      if (kept.length > mostRows) kept = kept.filter((_, k) => k % 2 === 0 || k === kept.length - 1);
      return last;
    },
    after: number => kept.filter(one => one.number > number).map(({ row }) => row),
    get last() {
      return last;
    },
  };
}
