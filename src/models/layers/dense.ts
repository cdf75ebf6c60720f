/** A dense layer: y = x W + b along the last axis. W is inputs x outputs. */

import { type Start, starts } from '../activation.js';
import { packing } from '../kernels/packing.js';
import { type LayerOf, sizeOf } from './layer.js';

export interface DenseSettings {
  /** Law of the starting weights; Glorot's by default. */
  readonly start?: Start;
  /** False: without b. */
  readonly bias?: boolean;
}

export function dense(outputs: number, { start = starts.glorot, bias = true }: DenseSettings = {}): LayerOf {
  return input => {
    const inputs = input.at(-1)!;
    const places = sizeOf(input) / inputs;
    const weight = inputs * outputs;
    return {
      name: 'fc',
      operation: { kind: 'dense' },
      output: [...input.slice(0, -1), outputs],
      tensors: [{ name: 'weight', shape: [inputs, outputs] }, ...(bias ? [{ name: 'bias', shape: [outputs] }] : [])],
      looksAt: { input: true, output: false },
      inPlace: false,
      kept: () => 0,
      // What stands for the biases that are not there comes behind the packing.
      work: most => packing(most * places, inputs, outputs) + (bias ? 0 : outputs),

      initialize(weights, random, normal) {
        for (let k = 0; k < weight; k++) weights[k] = start(inputs, outputs, random, normal);
      },

      forward({ kernels, rows, most }, { x, y, weights, work }) {
        const nothing = work + 4 * packing(most * places, inputs, outputs);
        if (!bias) new Float32Array(kernels.memory.buffer, nothing, outputs).fill(0);
        kernels.forward(y, x, weights, bias ? weights + 4 * weight : nothing, rows * places, inputs, outputs, work);
      },

      backward({ kernels, rows, most }, { x, dx, dy, weights, into, work }, keep) {
        const nothing = work + 4 * packing(most * places, inputs, outputs);
        if (dx !== 0) kernels.backward(dx, dy, weights, rows * places, inputs, outputs, work);
        kernels.accumulate(into, bias ? into + 4 * weight : nothing, x, dy, rows * places, inputs, outputs, keep, work);
      },
    };
  };
}

/** The same numbers as one vector. */
export const flatten: LayerOf = input => [sizeOf(input)];
