/** The functions between dense layers, by their kernels. */

import type { Address, Kernels } from './kernels/kernels.js';

export type ActivationName = 'relu' | 'tanh' | 'gelu';

export interface Activation {
  apply(kernels: Kernels, to: Address, from: Address, n: number): void;
  /** The same in training, for a function whose derivative is kept beside its outputs. */
  keep?(kernels: Kernels, to: Address, slope: Address, from: Address, n: number): void;
  /** Multiplies the derivative into `d`; `at` is the output, or the derivative where that is kept. */
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
    apply: (kernels, to, from, n) => kernels.relu(to, from, n),
    back: (kernels, d, y, n) => kernels.reluGradient(d, y, n),
    start: 'he',
  },
  tanh: {
    apply: (kernels, to, from, n) => kernels.tanh(to, from, n),
    back: (kernels, d, y, n) => kernels.tanhGradient(d, y, n),
    start: 'glorot',
  },
  gelu: {
    apply: (kernels, to, from, n) => kernels.gelu(to, from, n),
    keep: (kernels, to, slope, from, n) => kernels.geluKept(to, slope, from, n),
    back: (kernels, d, slope, n) => kernels.multiply(d, slope, n),
    start: 'he',
  },
};
