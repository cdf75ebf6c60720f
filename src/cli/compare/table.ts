/** What a comparison came to: a row for each algorithm, and which of its numbers are the best, or not told apart from the best. */

import { csv } from '../../csv.js';
import type { Experiment } from '../../engine/experiment.js';
import type { Done, Sample } from '../../engine/observer.js';
import { columns as inColumns } from '../columns.js';
import { bytes, count, figure, percent } from '../figures.js';
import { hasLoss, hasParameters } from '../progress.js';
import { spread } from '../statistics.js';
import { differ, type Measured } from './noise.js';

/** One run of one algorithm. */
export interface Outcome {
  readonly algorithm: string;
  readonly seed: number;
  readonly samples: readonly Sample[];
  /** Null when it did not come to its end. */
  readonly done: Done | null;
  /** It diverged: the words of the error. */
  readonly diverged: string | null;
}

export interface Row {
  readonly algorithm: string;
  /** Runs that came to their end, and that diverged. */
  readonly runs: number;
  readonly diverged: number;
  readonly values: Readonly<Record<string, Value>>;
}

export interface Value {
  readonly mean: number;
  /** n - 1; 0 of one run. */
  readonly deviation: number;
  /** Runs that have this number: a target may be missed. */
  readonly of: number;
  /** 'best' of all algorithms; 'alike': the difference to the best is inside the noise; null: worse, or not known, or nothing to judge. */
  readonly mark: 'best' | 'alike' | null;
}

export interface Column {
  readonly key: string;
  readonly title: string;
  readonly text: (value: number) => string;
  readonly of: (done: Done) => number | null;
  /** Not given where more is neither better nor worse. */
  readonly better?: 'low' | 'high';
}

/** What is said of single models, against each other: null of a run whose nodes share one, or that had one node. */
export function ofSeveral<Look extends Pick<Sample, 'worstOf'>>(
  read: (look: Look) => number | null,
): (look: Look) => number | null {
  return look => (look.worstOf.nodes > 1 ? read(look) : null);
}

/** The numbers that runs of `experiment` have. Times are training seconds, or virtual ones; `seconds` is always the clock's. */
export function columnsOf(experiment: Experiment, outcomes: readonly Outcome[]): Column[] {
  const finished = outcomes.flatMap(({ done }) => done ?? []);
  const { until, deterministic } = experiment;
  const time = (done: Done) => done.virtual?.time ?? done.seconds;
  const share = (value: number) => percent(value);
  const all: (Column | false)[] = [
    hasLoss(experiment) && { key: 'loss', title: 'loss', text: figure, of: done => done.loss, better: 'low' },
    { key: 'accuracy', title: 'accuracy', text: share, of: done => done.accuracy, better: 'high' },
    { key: 'worstAccuracy', title: 'worst node', text: share, of: ofSeveral((done: Done) => done.worstAccuracy), better: 'high' },
    hasLoss(experiment) && {
      key: 'worstLoss',
      title: 'worst loss',
      text: figure,
      of: ofSeveral((done: Done) => (done.worstAccuracy === null ? done.worstLoss : null)),
      better: 'low',
    },
    hasParameters(experiment) && {
      key: 'consensus',
      title: 'consensus',
      text: figure,
      of: ofSeveral((done: Done) => done.consensus),
      better: 'low',
    },
    { key: 'steps', title: 'steps', text: count, of: done => done.steps },
    { key: 'exchanges', title: 'exchanges', text: count, of: done => done.exchanges },
    { key: 'bytes', title: 'bytes', text: bytes, of: done => done.bytes },
    deterministic && { key: 'time', title: 'virtual s', text: figure, of: time },
    { key: 'seconds', title: 'seconds', text: figure, of: done => done.seconds, better: 'low' },
    until !== null && {
      key: 'timeToTarget',
      title: `to ${until.metric}=${until.value}`,
      text: figure,
      of: done => (done.secondsToTarget === null ? null : deterministic ? time(done) : done.secondsToTarget),
      better: 'low',
    },
  ];
  const known = ({ key, of }: Column) => key === 'timeToTarget' || finished.some(done => of(done) !== null);
  return all.filter(column => column !== false).filter(known);
}

/** A row for each of `algorithms` that has an outcome, in their order. */
export function rowsOf(algorithms: readonly string[], outcomes: readonly Outcome[], columns: readonly Column[]): Row[] {
  const present = algorithms.filter(algorithm => outcomes.some(one => one.algorithm === algorithm));
  const values = new Map<string, Record<string, Value>>(present.map(algorithm => [algorithm, {}]));
  for (const { key, of, better } of columns) {
    const measured = new Map(present.map(algorithm => [algorithm, measuredOf(algorithm, outcomes, of)]));
    const complete = present.filter(one => measured.get(one)!.length > 0 && measured.get(one)!.length === runsOf(one, outcomes));
    const best = better && bestOf(complete, measured, better);
    for (const [algorithm, list] of measured) {
      if (list.length === 0) continue;
      const { mean, deviation } = spread(list.map(({ value }) => value));
      const rival = best !== undefined && complete.includes(algorithm) ? measured.get(best)! : undefined;
      const isBest = rival && mean === spread(rival.map(({ value }) => value)).mean;
      const mark = isBest ? 'best' : rival && differ(list, rival) === false ? 'alike' : null;
      values.get(algorithm)![key] = { mean, deviation, of: list.length, mark };
    }
  }
  return present.map(algorithm => ({
    algorithm,
    runs: runsOf(algorithm, outcomes),
    diverged: outcomes.filter(one => one.algorithm === algorithm && one.diverged !== null).length,
    values: values.get(algorithm)!,
  }));
}

/** The table for people, with what its marks mean. */
export function tableLines(rows: readonly Row[], columns: readonly Column[], repeats: number): string[] {
  const several = repeats > 1;
  const uneven = rows.some(row => row.runs !== repeats);
  const head = ['algorithm', ...(uneven ? ['runs'] : []), ...columns.map(({ title }) => title)];
  const cells = rows.map(row => [
    row.algorithm,
    ...(uneven ? [`${row.runs}${row.diverged > 0 ? `, ${row.diverged} diverged` : ''}`] : []),
    ...columns.map(column => cell(row, column, several)),
  ]);
  return [...inColumns([head, ...cells]), '', meaning(repeats)];
}

/** What the marks in the table mean. */
export function meaning(repeats: number): string {
  return repeats > 1
    ? `*  best    ~  not told apart from the best by ${repeats} seeds (t test of the differences, 5 %)    +-  deviation of one run`
    : '*  best of one run each; --repeats K tells a difference from noise';
}

/** rows.csv: mean, deviation and mark of each number. */
export function tableCsv(rows: readonly Row[], columns: readonly Column[]): string {
  const parts = (key: string) => [key, `${key}_deviation`, `${key}_mark`];
  const lines = rows.map(({ algorithm, runs, diverged, values }) => {
    const fields = Object.entries(values).flatMap(([key, { mean, deviation, mark }]) => {
      const [a, b, c] = parts(key);
      return [
        [a, mean],
        [b, deviation],
        [c, mark],
      ];
    });
    return { algorithm, runs, diverged, ...Object.fromEntries(fields) };
  });
  return csv(['algorithm', 'runs', 'diverged', ...columns.flatMap(({ key }) => parts(key))], lines);
}

const marks = { best: ' *', alike: ' ~' };

/** The words of one number of a row; `several` adds the deviation. */
export function cell({ values, runs }: Row, { key, text }: Column, several: boolean): string {
  const value = values[key];
  if (value === undefined) return runs > 0 && key === 'timeToTarget' ? 'missed' : '-';
  const { mean, deviation, of, mark } = value;
  const around = several && deviation > 0 ? ` +-${text(deviation)}` : '';
  return `${text(mean)}${around}${of < runs ? ` (${of} of ${runs})` : ''}${mark ? marks[mark] : ''}`;
}

function runsOf(algorithm: string, outcomes: readonly Outcome[]): number {
  return outcomes.filter(one => one.algorithm === algorithm && one.done !== null).length;
}

function measuredOf(algorithm: string, outcomes: readonly Outcome[], of: Column['of']): Measured[] {
  return outcomes.flatMap(one => {
    const value = one.algorithm === algorithm && one.done ? of(one.done) : null;
    return value === null || !Number.isFinite(value) ? [] : [{ seed: one.seed, value }];
  });
}

function bestOf(
  algorithms: readonly string[],
  measured: ReadonlyMap<string, readonly Measured[]>,
  better: 'low' | 'high',
): string | undefined {
  const sign = better === 'low' ? 1 : -1;
  const mean = (algorithm: string) => sign * spread(measured.get(algorithm)!.map(({ value }) => value)).mean;
  return algorithms.length === 0 ? undefined : algorithms.reduce((a, b) => (mean(b) < mean(a) ? b : a));
}
