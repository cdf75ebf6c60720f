/**
 * Variance-corrected averaging (Tian, Al-Ars, Kitsak, Hofstee 2024, arXiv 2404.04616; the rule as in the authors' public code). The
 * average of k models that know nothing of each other has 1/k of the variance of each in every layer, so signals vanish and nobody learns
 * until models have come to agree. After an average A each tensor of parameters gets back what its models had:
 *
 *   out = mean(A) + (A - mean(A)) sqrt((target + eps) / (var(A) + eps)),   target = c var(own) + (1-c) mean over the received of var
 *
 * var is the unbiased one. A tensor of one number, or without variance, stays as it is. Layer means are preserved; the mean over nodes is
 * not, nor is the range of a number. What a node has learnt is added after it. All in f64, in order, so whoever does it gets the same.
 */

import type { RowKernels } from '../models/kernels/contract/rows.js';
import type { Address } from '../models/kernels/kernels.js';
import type { Layer, Model } from '../models/model.js';
import { numeric } from '../settings.js';

export interface CorrectionSettings {
  /** c: the weight of the node's own variance against the mean of those that it got. */
  readonly own: number;
  readonly eps: number;
}

export const correctionSettings = {
  own: numeric("weight of a node's own variance, against that of those it averages with", { min: 0, max: 1 }, 0.5),
  eps: numeric('added to both variances of the quotient', { min: 0, max: 1 }, 1e-12),
};

/** Variances of the tensors of one model, in their order. */
export type Variances = Float64Array;

export interface Correction {
  of(model: Address): Variances;
  /** In place. `received` has one at least. */
  correct(average: Address, own: Variances, received: readonly Variances[]): void;
}

/** Those that are learnt: means that a model keeps by itself are good as they are averaged, and running variances may not become negative. */
export function learntLayers({ layers, learnt = Number.POSITIVE_INFINITY }: Pick<Model, 'layers' | 'learnt'>): readonly Layer[] {
  return layers.filter(({ offset }) => offset < learnt);
}

/** `buffer` holds the models, `layers` their tensors. */
export function openCorrection(buffer: ArrayBufferLike, layers: readonly Layer[], { own, eps }: CorrectionSettings): Correction {
  const tensors = layers
    .map(({ offset, shape }) => ({ offset, length: shape.reduce((product, size) => product * size, 1) }))
    .filter(({ length }) => length > 1);
  const views = (model: Address) => tensors.map(({ offset, length }) => new Float32Array(buffer, model + 4 * offset, length));
  return {
    of: model => Float64Array.from(views(model), tensor => momentsOf(tensor).variance),
    correct(average, ownVariances, received) {
      for (const [t, tensor] of views(average).entries()) {
        const { mean, variance } = momentsOf(tensor);
        if (!(variance > 1e-30)) continue;
        let others = 0;
        for (const variances of received) others += variances[t] / received.length;
        const factor = Math.sqrt((own * ownVariances[t] + (1 - own) * others + eps) / (variance + eps));
        if (factor === 1) continue;
        for (let k = 0; k < tensor.length; k++) tensor[k] = mean + (tensor[k] - mean) * factor;
      }
    },
  };
}

function momentsOf(tensor: Float32Array): { mean: number; variance: number } {
  let sum = 0;
  for (let k = 0; k < tensor.length; k++) sum += tensor[k];
  const mean = sum / tensor.length;
  let squares = 0;
  for (let k = 0; k < tensor.length; k++) squares += (tensor[k] - mean) * (tensor[k] - mean);
  return { mean, variance: squares / (tensor.length - 1) };
}

/** Row kernels whose averages of two models are corrected. A weight of 0 or 1 averages nothing. */
export function correcting(kernels: RowKernels, { of, correct }: Correction): RowKernels {
  const corrected: RowKernels = {
    ...kernels,
    blend(to, a, b, w, n) {
      const [own, other] = [of(a), of(b)];
      kernels.blend(to, a, b, w, n);
      if (w > 0 && w < 1) correct(to, own, [other]);
    },
    mix(toA, toB, a, b, w, n) {
      const [own, other] = [of(a), of(b)];
      kernels.mix(toA, toB, a, b, w, n);
      if (!(w > 0 && w < 1)) return;
      correct(toA, own, [other]);
      correct(toB, other, [own]);
    },
    mixAndCommit(toA, toB, a, b, delta, w, n) {
      corrected.mix(toA, toB, a, b, w, n);
      kernels.commit(toA, toA, delta, n);
    },
    mixAndCommitBoth(toA, toB, a, b, deltaA, deltaB, w, n) {
      kernels.commit(toA, a, deltaA, n);
      kernels.commit(toB, b, deltaB, n);
      corrected.mix(toA, toB, toA, toB, w, n);
    },
  };
  return corrected;
}
