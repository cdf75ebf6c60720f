/** The functions between dense layers, by their kernels. */

import type { Address, Kernels } from './kernels/kernels.js';

export type ActivationName = 'relu' | 'tanh' | 'gelu';

export interface Activation {
  /** The derivative needs the inputs, so they are kept beside the outputs. */
  readonly keepsInputs: boolean;
  apply(kernels: Kernels, to: Address, from: Address, n: number): void;
  /** Multiplies the derivative into `d`; `at` is the output, or the input where inputs are kept. */
  back(kernels: Kernels, d: Address, at: Address, n: number): void;
  /** The usual start of a layer that feeds this function: He's for the ones that halve the variance, Glorot's for tanh. */
  readonly start: StartName;
}

/** A starting weight of a dense layer, from draws that are uniform in [0, 1) or normal. */
export type Start = (inputs: number, outputs: number, random: () => number, normal: () => number) => number;

export type StartName = 'he' | 'glorot' | 'lecun';

export const starts: Readonly<Record<StartName, Start>> = {
  /** He et al. 2015, eq. 10: normal, variance 2 / inputs. */
  he: (inputs, _outputs, _random, normal) => normal() * Math.sqrt(2 / inputs),
  /** Glorot and Bengio 2010, eq. 16: uniform, variance 2 / (inputs + outputs). */
  glorot: (inputs, outputs, random) => (2 * random() - 1) * Math.sqrt(6 / (inputs + outputs)),
  /** LeCun et al. 1998, section 4.6, in the form of PyTorch's linear layer: uniform in +-1 / sqrt(inputs). */
  lecun: (inputs, _outputs, random) => (2 * random() - 1) / Math.sqrt(inputs),
};

export const activations: Readonly<Record<ActivationName, Activation>> = {
  relu: {
    keepsInputs: false,
    apply: (kernels, to, from, n) => kernels.relu(to, from, n),
    back: (kernels, d, y, n) => kernels.reluGradient(d, y, n),
    start: 'he',
  },
  tanh: {
    keepsInputs: false,
    apply: (kernels, to, from, n) => kernels.tanh(to, from, n),
    back: (kernels, d, y, n) => kernels.tanhGradient(d, y, n),
    start: 'glorot',
  },
  gelu: {
    keepsInputs: true,
    apply: (kernels, to, from, n) => kernels.gelu(to, from, n),
    back: (kernels, d, z, n) => kernels.geluGradient(d, z, n),
    start: 'he',
  },
};
