/**
 * Inputs on a common scale. A data set keeps its inputs as they were read; how they become the values that a model sees is said beside
 * them, so that a model can do the same to rows that come later. Targets of a regression are left in their own unit, so that a loss can
 * be read in it.
 */

import type { Dataset, Split, Standard } from './dataset.js';

/** What turns an input into a number in its unit: `input * scale + shift`. */
export interface Unit {
  readonly scale: number;
  readonly shift: number;
}

/**
 * Gives every input column mean 0 and deviation 1 by the statistics of the training rows; a column that is constant there becomes
 * 0 in both parts.
 */
export function standardize({ train, test }: Split): Split {
  const { features, rows, inputs } = train;
  const mean = new Float64Array(features);
  const factor = new Float64Array(features);
  const value = inUnit(train);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < features; k++) mean[k] += value(inputs[row * features + k]) / rows;
  }
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < features; k++) factor[k] += (value(inputs[row * features + k]) - mean[k]) ** 2 / rows;
  }
  for (let k = 0; k < features; k++) factor[k] = inverse(Math.sqrt(factor[k]), mean[k]);
  return both({ train, test }, { mean, factor });
}

/**
 * Gives all inputs together mean 0 and deviation 1 by the statistics of the training rows: what is usual for images, whose pixels share
 * a unit.
 */
export function standardizeWhole({ train, test }: Split): Split {
  const { inputs, scale, shift } = train;
  let sum = 0;
  for (let k = 0; k < inputs.length; k++) sum += inputs[k];
  const raw = sum / inputs.length;
  let squares = 0;
  for (let k = 0; k < inputs.length; k++) squares += (inputs[k] - raw) ** 2;
  const mean = raw * scale + shift;
  const deviation = Math.sqrt(squares / inputs.length) * Math.abs(scale);
  return both({ train, test }, { mean: Float64Array.of(mean), factor: Float64Array.of(inverse(deviation, mean)) });
}

/** True for bytes that all become values in one way: they can stay bytes until a batch is gathered. */
export function staysBytes({ inputs, standard }: Pick<Dataset, 'inputs' | 'standard'>): boolean {
  return inputs instanceof Uint8Array && (standard?.mean.length ?? 1) === 1;
}

/** How bytes that stay bytes become values: `byte * scale + shift`. */
export function byteScale({ scale, shift }: Unit, standard?: Standard): Unit {
  if (!standard) return { scale, shift };
  const [mean, factor] = [standard.mean[0], standard.factor[0]];
  return { scale: scale * factor, shift: (shift - mean) * factor };
}

/** `to` := the values of the inputs from index `from` on, the beginning of a row. */
export function writeValues(
  to: Float32Array,
  inputs: ArrayLike<number>,
  from: number,
  features: number,
  unit: Unit,
  standard?: Standard,
): void {
  const oneForAll = standard?.mean.length === 1;
  if (!standard || (oneForAll && inputs instanceof Uint8Array)) {
    const { scale, shift } = byteScale(unit, standard);
    for (let k = 0; k < to.length; k++) to[k] = inputs[from + k] * scale + shift;
    return;
  }
  const { mean, factor } = standard;
  const value = inUnit(unit);
  for (let k = 0; k < to.length; k++) {
    const at = oneForAll ? 0 : k % features;
    to[k] = (value(inputs[from + k]) - mean[at]) * factor[at];
  }
}

/** The number that an input stands for, as a float. */
function inUnit({ scale, shift }: Unit): (input: number) => number {
  return input => Math.fround(input * scale + shift);
}

/** What is left of a constant column is rounding: below a float's resolution of its mean. */
function inverse(deviation: number, mean: number): number {
  return deviation > Math.abs(mean) * 2 ** -30 ? 1 / deviation : 0;
}

function both({ train, test }: Split, standard: Standard): Split {
  const own = { ...train, standard };
  return { train: own, test: test === train ? own : { ...test, standard } };
}
