/** Inputs on a common scale. Targets of a regression are left in their own unit, so that a loss can be read in it. */

import type { Dataset, Split } from './dataset.js';

/**
 * Gives every input column mean 0 and deviation 1 by the statistics of the training rows; a column that is constant there becomes
 * 0 in both parts. Byte inputs become floats (four times the memory); float inputs are changed in place.
 */
export function standardize({ train, test }: Split): Split {
  const { features, rows } = train;
  const inputs = floats(train);
  const mean = new Float64Array(features);
  const scale = new Float64Array(features);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < features; k++) mean[k] += inputs[row * features + k] / rows;
  }
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < features; k++) scale[k] += (inputs[row * features + k] - mean[k]) ** 2 / rows;
  }
  // What is left of a constant column is rounding: below a float's resolution of its mean.
  for (let k = 0; k < features; k++) {
    const deviation = Math.sqrt(scale[k]);
    scale[k] = deviation > Math.abs(mean[k]) * 2 ** -30 ? 1 / deviation : 0;
  }
  return { train: scaled(train, inputs, mean, scale), test: scaled(test, floats(test), mean, scale) };
}

/**
 * Gives all inputs together mean 0 and deviation 1 by the statistics of the training rows: what is usual for images, whose pixels share
 * a unit. Bytes stay bytes, only their scale and shift change; float inputs are changed in place.
 */
export function standardizeWhole({ train, test }: Split): Split {
  const { mean, deviation } = statistics(train);
  const factor = deviation > Math.abs(mean) * 2 ** -30 ? 1 / deviation : 0;
  const moved = (dataset: Dataset): Dataset => {
    const { inputs, scale, shift } = dataset;
    if (inputs instanceof Uint8Array) return { ...dataset, scale: scale * factor, shift: (shift - mean) * factor };
    for (let k = 0; k < inputs.length; k++) inputs[k] = (inputs[k] - mean) * factor;
    return dataset;
  };
  return { train: moved(train), test: moved(test) };
}

function statistics({ inputs, scale, shift }: Dataset): { mean: number; deviation: number } {
  let sum = 0;
  for (let k = 0; k < inputs.length; k++) sum += inputs[k];
  const raw = sum / inputs.length;
  let squares = 0;
  for (let k = 0; k < inputs.length; k++) squares += (inputs[k] - raw) ** 2;
  return { mean: raw * scale + shift, deviation: Math.sqrt(squares / inputs.length) * Math.abs(scale) };
}

function floats({ inputs, scale, shift }: Dataset): Float32Array {
  return inputs instanceof Float32Array ? inputs : Float32Array.from(inputs, byte => byte * scale + shift);
}

function scaled(dataset: Dataset, inputs: Float32Array, mean: Float64Array, scale: Float64Array): Dataset {
  const { features, rows } = dataset;
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < features; k++) {
      const at = row * features + k;
      inputs[at] = (inputs[at] - mean[k]) * scale[k];
    }
  }
  return { ...dataset, inputs, scale: 1, shift: 0 };
}
