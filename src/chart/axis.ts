/** From numbers to places on a line, with round numbers to write beside it. */

import { scaleLinear, scaleLog } from 'd3-scale';

export interface Scale {
  /** The place of a value, in pixels. A value outside is set on the end that it lies beyond. */
  at(value: number): number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly at: number;
  /** Empty for a line between the numbers. */
  readonly label: string;
}

/** Beyond this, and below its reciprocal on a logarithmic axis, sums of what is drawn would leave the range of numbers. */
const largest = 1e150;

/** Whether a value has a place on such an axis. */
export function drawable(value: number, log: boolean): boolean {
  return Math.abs(value) <= largest && (!log || value >= 1 / largest);
}

/** A scale that shows all `values` (drawable, at least one) on the pixels `from` .. `to`, with about `count` numbers. */
export function scaleOf(values: readonly number[], log: boolean, from: number, to: number, count: number): Scale {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return log ? logarithmic(low, high, from, to, count) : linear(low, high, from, to, count);
}

function linear(low: number, high: number, from: number, to: number, count: number): Scale {
  // apart enough for the steps between to be numbers of their own
  const room = Math.max(1e-9 * Math.max(Math.abs(low), Math.abs(high)), 1 / largest);
  if (high - low < room) [low, high] = low === 0 ? [0, 1] : [low - room - Math.abs(low) / 10, high + room + Math.abs(high) / 10];
  // a bar that ends near zero misleads less when zero is there
  if (low > 0 && low < high / 2) low = 0;
  if (high < 0 && high > low / 2) high = 0;
  const scale = scaleLinear([low, high], [from, to]).nice(count).clamp(true);
  const values = scale.ticks(count);
  const labels = written(values);
  return { at: scale, ticks: values.map((value, k) => ({ at: scale(value), label: labels[k] })) };
}

function logarithmic(low: number, high: number, from: number, to: number, count: number): Scale {
  const first = round(low, -1);
  const last = round(low === high ? high * 1.001 : high, 1);
  const scale = scaleLog([first, last], [from, to]).clamp(true);
  // every multiple is named within a decade, 1, 2 and 5 within three, powers of ten beyond
  const named = (mantissa: number) =>
    mantissa === 1 || (last <= 1100 * first && [2, 5].includes(mantissa)) || (last <= 11 * first && count >= 6);
  const ticks = multiples(first, last, count).map(([mantissa, exponent]) => {
    const value = Number(`${mantissa}e${exponent}`);
    const short = exponent >= -3 && exponent < 5 ? plain(value, 0, 6) : power(`${mantissa}e${exponent}`);
    return { at: scale(value), label: named(mantissa) ? short : '' };
  });
  return { at: scale, ticks };
}

/** The nearest of ..., 0.5, 1, 2, 5, 10, ... that is not above (way -1) or not below (way 1) the value. */
function round(value: number, way: -1 | 1): number {
  const steps = [1, 2, 5, 10].map(step => Number(`${step}e${exponentOf(value)}`));
  return way < 0 ? steps.findLast(step => step <= value)! : steps.find(step => step >= value)!;
}

/**
 * What a logarithmic axis may name, as mantissa and exponent: whole multiples of powers of ten, fifths as well when it spans a factor
 * of 2, and only about `count` powers when it spans many.
 */
function multiples(first: number, last: number, count: number): [mantissa: number, exponent: number][] {
  const exponents = exponentOf(last) - exponentOf(first);
  const stride = exponents > 8 ? Math.ceil(exponents / Math.max(4, count)) : 1;
  const fine = last <= 2.1 * first ? 5 : 1;
  const found: [number, number][] = [];
  for (let exponent = exponentOf(first); exponent <= exponentOf(last); exponent++)
    for (let m = fine; m < 10 * fine; m++) {
      const value = Number(`${m / fine}e${exponent}`);
      const wanted = exponents <= 8 || (m === 1 && exponent % stride === 0);
      if (wanted && value >= first && value <= last) found.push([m / fine, exponent]);
    }
  return found;
}

function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1]);
}

/** Values with equal steps, with as many digits as tell them apart. */
function written(values: readonly number[]): string[] {
  const size = Math.max(...values.map(Math.abs));
  const slack = 1e-6 * Math.abs(values[1] - values[0]);
  const fits = (write: (value: number) => string) => values.every(value => Math.abs(Number(write(value)) - value) <= slack);
  let digits = 0;
  if (size >= 1e6 || size < 1e-3) {
    while (digits < 15 && !fits(value => value.toExponential(digits))) digits++;
    return values.map(value => power(value.toExponential(digits)));
  }
  while (digits < 15 && !fits(value => value.toFixed(digits))) digits++;
  return values.map(value => plain(value, digits, digits));
}

/** 20,000 or −0.50 */
function plain(value: number, least: number, most: number): string {
  return (value + 0).toLocaleString('en-US', { minimumFractionDigits: least, maximumFractionDigits: most }).replace('-', '−');
}

/** 10⁻⁷ for 1.0e-7 */
function power(text: string): string {
  const [mantissa, exponent] = text.split('e').map(Number);
  if (mantissa === 0) return '0';
  const raised = String(exponent).replace(/./g, digit => '⁰¹²³⁴⁵⁶⁷⁸⁹'['0123456789'.indexOf(digit)] ?? '⁻');
  const times = Math.abs(mantissa) === 1 ? '' : `${Math.abs(mantissa)}×`;
  return `${mantissa < 0 ? '−' : ''}${times}10${raised}`;
}
