/** Numbers as people read them, as in the terminal; a dash for those that are not there. */

import * as numbers from './numbers.js';

const missing = '–';

export const isNumber = value => typeof value === 'number' && Number.isFinite(value);

const orMissing =
  write =>
  (value, ...more) =>
    isNumber(value) ? write(value, ...more) : missing;

export const count = orMissing(numbers.count);
export const percent = orMissing(numbers.percent);
export const figure = orMissing(numbers.figure);
export const duration = orMissing(numbers.duration);
export const bytes = orMissing(numbers.bytes);

/** 1,234 or 56.7k: short, for where there is little room. */
export const short = orMissing(value => {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)}G`;
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3)}k`;
  return size >= 100 || Number.isInteger(value) ? count(value) : figure(value);
});

const trim = value => String(Number(value.toPrecision(3)));
