/** What a column of targets means: classes or real values. Learned from the training rows, then applied to the test rows as well. */

import { HearsayError } from '../errors.js';

export interface Labelling {
  /** 0 for real values. */
  readonly classes: number;
  /** What the classes are called, where they are not called 0, 1, 2, ... */
  readonly names?: readonly string[];
  /** Writes labels (or the values themselves). Throws DATA_LABEL for an unknown label. */
  apply(values: Float64Array | Float32Array, name: string): Int32Array | Float32Array;
}

/** What is known of rows before they are read: of what kind those are that a model was trained on. */
export interface Known {
  readonly features: number;
  readonly classes: number;
  readonly labels?: readonly string[];
  /** Nobody looks at the targets: they may be anything, and become 0. */
  readonly isBlind?: boolean;
}

const most = 100;

/**
 * Whole numbers with at most 100 different values, and at most 10 or half the rows of them, are classes, numbered 0.. in ascending
 * order (-1 and +1 become 0 and 1); anything else is a real value and is kept as it is. Throws DATA_LABEL when all rows have the
 * same target: there is nothing to learn. Where they are `known` they mean what they meant, however few there are.
 */
export function labelling(values: Float64Array | Float32Array, name: string, known?: Known): Labelling {
  if (known) return toldLabelling(known);
  const classes = new Map<number, number>();
  const different = new Set<number>();
  for (const value of values) {
    different.add(value);
    if (different.size > most) break;
  }
  if (different.size === 1) {
    const [only] = different;
    throw new HearsayError(
      'DATA_LABEL',
      `${name}: the target is ${only} in all ${values.length} rows, where two different ones are needed; choose another column or give more rows`,
    );
  }
  const whole =
    different.size <= Math.min(most, Math.max(10, values.length / 2)) && values.every(value => Number.isInteger(value));
  if (!whole) return { classes: 0, apply: values => Float32Array.from(values) };
  for (const value of [...different].sort((a, b) => a - b)) classes.set(value, classes.size);
  const names = [...classes.keys()].map(String);
  return {
    classes: classes.size,
    ...(names.some((name, k) => name !== String(k)) && { names }),
    apply(values, name) {
      const labels = new Int32Array(values.length);
      for (let row = 0; row < labels.length; row++) {
        const label = classes.get(values[row]);
        if (label === undefined) {
          const known = [...classes.keys()];
          const allowed = known.length <= 12 ? known.join(', ') : `the ${known.length} that the training rows have`;
          throw new HearsayError('DATA_LABEL', `${name}: row ${row} has label ${values[row]}, allowed: ${allowed}; drop the row`);
        }
        labels[row] = label;
      }
      return labels;
    },
  };
}

/** Targets that mean what they meant to a model. */
export function toldLabelling({ classes, labels, isBlind }: Known): Labelling {
  const numbers = labels && new Map(labels.map((label, k) => [label, k]));
  const isNumber = (value: number) => Number.isInteger(value) && value >= 0 && value < classes;
  const numberOf = (value: number) => (numbers ? numbers.get(String(value)) : isNumber(value) ? value : undefined);
  return {
    classes,
    ...(labels && { names: labels }),
    apply(values, name) {
      if (classes === 0) return isBlind ? new Float32Array(values.length) : Float32Array.from(values);
      const targets = new Int32Array(values.length);
      for (let row = 0; row < targets.length && !isBlind; row++) {
        const number = numberOf(values[row]);
        if (number === undefined) {
          const few = labels?.slice(0, 12).map(label => JSON.stringify(label).slice(0, 40));
          if (few && labels!.length > 12) few.push('...');
          const allowed = few?.join(', ') ?? `a whole number from 0 to ${classes - 1}`;
          const found = `row ${row} has label ${values[row]}, allowed is ${allowed}, the classes of the model`;
          throw new HearsayError('DATA_LABEL', `${name}: ${found}; correct the row or drop it`);
        }
        targets[row] = number;
      }
      return targets;
    },
  };
}
