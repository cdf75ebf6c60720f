/** What a model answers, and how often it is right, class by class. */

import type { Dataset } from '../data/dataset.js';
import type { TrainedModel, Watch } from './trained.js';

/** Bytes become floats so many rows at a time. */
const rowsAtOnce = 1024;

/** Predictions of all rows, in the unit of the data set: rows x outputs. */
export function predictAll(
  model: TrainedModel,
  { inputs, sparse, rows, features, scale, shift }: Dataset,
  watch?: Watch,
): Float32Array {
  if (sparse) return model.predict({ inputs: inputs as Float32Array, ...sparse }, watch);
  if (inputs instanceof Float32Array && scale === 1 && shift === 0) return model.predict(inputs, watch);
  const outputs = new Float32Array(rows * model.outputs);
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const part = inputs.subarray(row * features, Math.min(rows, row + rowsAtOnce) * features);
    const numbers = Float32Array.from(part, input => input * scale + shift);
    outputs.set(
      model.predict(numbers, done => watch?.(row + done, rows)),
      row * model.outputs,
    );
  }
  return outputs;
}

/** The likeliest class of each row; the first of several. */
export function answers(predictions: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: predictions.length / classes }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (predictions[row * classes + k] > predictions[row * classes + best]) best = k;
    return best;
  });
}

/** Entry [label][answer] counts rows. */
export function confusion(labels: ArrayLike<number>, answers: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < answers.length; row++) counts[labels[row]][answers[row]]++;
  return counts;
}

export interface ClassScore {
  readonly class: number;
  /** Rows of this class. */
  readonly rows: number;
  /** Part of the answers of this class that are right; null when there is none. */
  readonly precision: number | null;
  /** Part of the rows of this class that are answered rightly; null when there is none. */
  readonly recall: number | null;
  /** 2 right / (answers + rows), their harmonic mean; null when there are neither. */
  readonly f1: number | null;
}

export function classScores(counts: readonly (readonly number[])[]): ClassScore[] {
  return counts.map((row, k) => {
    const rows = row.reduce((sum, n) => sum + n, 0);
    const answered = counts.reduce((sum, other) => sum + other[k], 0);
    const share = (of: number, factor = 1) => (of === 0 ? null : (factor * row[k]) / of);
    return { class: k, rows, precision: share(answered), recall: share(rows), f1: share(answered + rows, 2) };
  });
}
