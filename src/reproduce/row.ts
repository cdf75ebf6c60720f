/** One line of a table of expected against measured, with its verdict. */

import type { Measured } from './measured.js';

/**
 * Where an expectation comes from. exact: a closed form. exact for ..., near here: a closed form of other updates, or of a limit.
 * simulation: a second, naive simulation of ours. shape: only the direction or the order of size is known, from the paper or from common
 * sense. none: nothing is expected, the number is shown.
 */
export type Origin =
  | 'exact'
  | 'exact for Poisson, near here'
  | 'exact for many nodes, near here'
  | 'simulation'
  | 'shape'
  | 'none';

export interface Row {
  readonly what: string;
  readonly from: Origin;
  /** null where only bounds are known, or nothing. */
  readonly expected: number | null;
  readonly measured: number;
  /** One standard error of the measured value; null where nothing tells it. */
  readonly error: number | null;
  /** The bounds that the measured value must keep; null: none. */
  readonly low: number | null;
  readonly high: number | null;
  /** The bounds in words: '5 %', 'at least 2'. */
  readonly tolerance: string;
  /** A value from elsewhere that judges nothing. */
  readonly beside: number | null;
  readonly passed: boolean;
}

/** Must be `expected` up to a share of it: 0.05 for 5 %. */
export function near(what: string, measured: Measured, expected: number, share: number, from: Origin = 'exact'): Row {
  const off = share * Math.abs(expected);
  return row(what, from, measured, expected, expected - off, expected + off, `${Number((100 * share).toPrecision(3))} %`);
}

/** Must be the mean of another simulation, up to `times` the error of the difference; `beside` is shown with it. */
export function agrees(
  what: string,
  measured: Measured,
  { value, error }: Measured,
  times: number,
  beside: number | null = null,
): Row {
  const share = (times * error) / Math.abs(value);
  return { ...near(what, measured, value, share, 'simulation'), tolerance: `${(100 * share).toFixed(0)} %`, beside };
}

/** Must lie between two bounds, of which one may be null. */
export function between(what: string, measured: Measured, low: number | null, high: number | null): Row {
  const words = [low === null ? '' : `at least ${figure(low)}`, high === null ? '' : `at most ${figure(high)}`];
  return row(what, 'shape', measured, null, low, high, words.filter(Boolean).join(', '));
}

/** Of which nothing is expected. */
export function shown(what: string, measured: Measured): Row {
  return row(what, 'none', measured, null, null, null, '');
}

/** Of which something is expected, but not in these circumstances: `why` says which. */
export function unjudged(what: string, measured: Measured, why: string): Row {
  return row(what, 'none', measured, null, null, null, `not judged: ${why}`);
}

/** Whether the row has a verdict. */
export function isJudged({ from }: Row): boolean {
  return from !== 'none';
}

function row(
  what: string,
  from: Origin,
  { value, error }: Measured,
  expected: number | null,
  low: number | null,
  high: number | null,
  tolerance: string,
): Row {
  const passed = Number.isFinite(value) && (low === null || value >= low) && (high === null || value <= high);
  const known = Number.isFinite(error) ? error : null;
  return { what, from, expected, measured: value, error: known, low, high, tolerance, beside: null, passed };
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
