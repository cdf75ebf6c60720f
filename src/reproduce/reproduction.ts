/** What an experiment is: plain runs, what is read off them, what is drawn. */

import type { Axis } from '../chart/image.js';
import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import type { Measured } from './measured.js';
import type { Row } from './row.js';

export interface Reproduction {
  readonly id: string;
  /** One line. */
  readonly about: string;
  /** What is run, and where each expectation comes from, in words. */
  readonly notes: readonly string[];
  /** Runs on the clock of the wall, one after the other; else simulations, as many at a time as there are threads. */
  readonly live?: boolean;
  readonly charts: readonly Chart[];
  configurations(circumstances: Circumstances): readonly Configuration[];
  /** Rows that compare configurations, from the marks of all. */
  conclude?(marks: readonly Mark[]): readonly Row[];
}

export interface Circumstances {
  readonly seed: number;
  readonly threads: number;
}

/** One line of progress: some runs, and what they say. */
export interface Configuration {
  readonly name: string;
  readonly runs: readonly ExperimentInput[];
  /** How long its runs take, roughly, against those of others: the longest begin. 0 by default. */
  readonly work?: number;
  read(runs: readonly Completed[]): Finding;
}

export interface Finding {
  readonly rows: readonly Row[];
  readonly marks: readonly Mark[];
}

/** A point of a chart, and of points.csv. */
export interface Mark {
  /** The file of the chart, without its ending. */
  readonly chart: string;
  readonly series: string;
  readonly x: number;
  readonly y: number;
  /** One standard error of y. */
  readonly error?: number;
  /** On the dashed line, at the same x. */
  readonly expected?: number;
}

/** What a mark shows. */
export function measuredAt({ y, error = Number.NaN }: Mark): Measured {
  return { value: y, error };
}

export interface Chart {
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** What dashed lines are, for the legend. */
  readonly expected?: string;
}
