/** Classes by their names: the numbers of one data set in those of another. */

import { HearsayError } from '../errors.js';
import type { Dataset } from './dataset.js';

/**
 * The same rows with classes numbered as in `labels` (undefined: they are called 0, 1, 2, ...), of which there are `classes`. Throws
 * DATA_LABEL for a row of a class that is not among them. Real targets stay.
 */
export function inLabels(dataset: Dataset, labels: readonly string[] | undefined, classes: number): Dataset {
  const { name, targets } = dataset;
  if (classes === 0 || dataset.classes === 0) return dataset;
  if (classes === dataset.classes && sameLabels(dataset.labels, labels)) return dataset;
  const numbers = new Map(namesOf(labels, classes).map((label, k) => [label, k]));
  const own = namesOf(dataset.labels, dataset.classes).map(label => numbers.get(label) ?? -1);
  const row = targets.findIndex(target => own[target] < 0);
  if (row >= 0) {
    const found = JSON.stringify(dataset.labels?.[targets[row]] ?? String(targets[row])).slice(0, 60);
    const known = [...numbers.keys()].slice(0, 12).map(label => JSON.stringify(label).slice(0, 40));
    const allowed = `${known.join(', ')}${numbers.size > 12 ? ', ...' : ''}, the classes of the model`;
    throw new HearsayError(
      'DATA_LABEL',
      `${name}: row ${row} has label ${found}, allowed is ${allowed}; correct the row or drop it`,
    );
  }
  const { labels: _, ...rest } = dataset;
  return { ...rest, classes, targets: Int32Array.from(targets, target => own[target]), ...(labels && { labels }) };
}

/** Whether two lists of names are alike; undefined is one of numbers. */
export function sameLabels(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (!a || !b) return a === b;
  return a.length === b.length && a.every((label, k) => label === b[k]);
}

function namesOf(labels: readonly string[] | undefined, classes: number): readonly string[] {
  return labels ?? Array.from({ length: classes }, (_, k) => String(k));
}
