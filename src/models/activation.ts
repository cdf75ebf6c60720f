/** The functions between dense layers, by their kernels. */

import type { Address, Kernels } from './kernels/kernels.js';

export type ActivationName = 'relu' | 'tanh' | 'gelu';

export interface Activation {
  /** The derivative needs the inputs, so they are kept beside the outputs. */
  readonly keepsInputs: boolean;
  apply(kernels: Kernels, to: Address, from: Address, n: number): void;
  /** Multiplies the derivative into `d`; `at` is the output, or the input where inputs are kept. */
  back(kernels: Kernels, d: Address, at: Address, n: number): void;
  /**
   * A starting weight of a layer that feeds this function: He's normal for the ones that halve the variance (He et al. 2015,
   * eq. 10), Glorot's uniform for tanh (Glorot and Bengio 2010, eq. 16).
   */
  weight(inputs: number, outputs: number, random: () => number, normal: () => number): number;
}

export const activations: Readonly<Record<ActivationName, Activation>> = {
  relu: {
    keepsInputs: false,
    apply: (kernels, to, from, n) => kernels.relu(to, from, n),
    back: (kernels, d, y, n) => kernels.reluGradient(d, y, n),
    weight: he,
  },
  tanh: {
    keepsInputs: false,
    apply: (kernels, to, from, n) => kernels.tanh(to, from, n),
    back: (kernels, d, y, n) => kernels.tanhGradient(d, y, n),
    weight: glorot,
  },
  gelu: {
    keepsInputs: true,
    apply: (kernels, to, from, n) => kernels.gelu(to, from, n),
    back: (kernels, d, z, n) => kernels.geluGradient(d, z, n),
    weight: he,
  },
};

export function glorot(inputs: number, outputs: number, random: () => number): number {
  return (2 * random() - 1) * Math.sqrt(6 / (inputs + outputs));
}

function he(inputs: number, _outputs: number, _random: () => number, normal: () => number): number {
  return normal() * Math.sqrt(2 / inputs);
}
