/** Sparse rows that are drawn: as a data set, and as LIBSVM text. */

import type { Dataset } from '../../src/data/dataset.js';
import { normal, source, uniform } from '../../src/random.js';

export interface Drawn {
  readonly seed: number;
  readonly rows: number;
  readonly features: number;
  readonly density: number;
  /** 0: real targets. */
  readonly classes?: 0 | 2;
}

/** Rows, some of them empty, with targets that a linear rule gives them. */
export function drawnSparse({ seed, rows, features, density, classes = 2 }: Drawn): Dataset {
  const draws = source(seed, 'sparse rows');
  const rule = Array.from({ length: features }, (_, f) => normal(draws, 1, f));
  const offsets = [0];
  const columns: number[] = [];
  const values: number[] = [];
  const scores: number[] = [];
  for (let r = 0; r < rows; r++) {
    let score = 0;
    const isEmpty = r % 11 === 5;
    for (let f = 0; f < features; f++) {
      if (isEmpty || uniform(draws, 2, r * features + f) >= density) continue;
      const value = Math.fround(normal(draws, 3, r * features + f));
      columns.push(f);
      values.push(value);
      score += rule[f] * value;
    }
    offsets.push(columns.length);
    scores.push(score);
  }
  return {
    ...{ name: 'drawn', rows, features, scale: 1, shift: 0, shape: [features], classes },
    inputs: Float32Array.from(values),
    sparse: { offsets: Uint32Array.from(offsets), columns: Uint32Array.from(columns) },
    targets: classes === 0 ? Float32Array.from(scores) : Int32Array.from(scores, score => (score > 0 ? 1 : 0)),
  };
}

/** The same rows with their zeros. */
export function wholeOf(dataset: Dataset): Dataset {
  const { rows, features, inputs, sparse, ...rest } = dataset;
  const whole = new Float32Array(rows * features);
  for (let r = 0; r < rows; r++) {
    for (let k = sparse!.offsets[r]; k < sparse!.offsets[r + 1]; k++) whole[r * features + sparse!.columns[k]] = inputs[k];
  }
  return { ...rest, rows, features, inputs: whole };
}

export function libsvmText({ rows, inputs, sparse, targets, classes }: Dataset): string {
  const { offsets, columns } = sparse!;
  const lines = Array.from({ length: rows }, (_, r) => {
    const entries = Array.from({ length: offsets[r + 1] - offsets[r] }, (_, k) => {
      const at = offsets[r] + k;
      return `${columns[at] + 1}:${inputs[at]}`;
    });
    return [classes === 2 ? 2 * targets[r] - 1 : targets[r], ...entries].join(' ');
  });
  return `${lines.join('\n')}\n`;
}
