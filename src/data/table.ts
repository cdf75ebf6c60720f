/** From a table of columns to inputs and a target: words become indicator columns, one column becomes the target. */

import { HearsayError } from '../errors.js';
import type { Table } from './csv.js';
import type { Dataset } from './dataset.js';
import { type Known, type Labelling, labelling, toldLabelling } from './target.js';

/** How the columns of one table, the training data, are read; applied to that table and to the test table. */
export interface Reading {
  apply(table: Table): Dataset;
}

/**
 * `target` names a column, or counts it from 1; the last one by default. A column of words with k different ones becomes k columns
 * of 0 and 1, in the order of the words; a word that the training data lack becomes zeros. Text targets become classes 0..k-1 in
 * the order of the words; for numbers see `labelling`. Where targets are `known` they mean what they meant, and one row is enough. Throws CONFIG_RANGE for an unknown column, DATA_LABEL, DATA_TOO_SMALL for less than
 * two rows, DATA_TOO_LARGE for a result beyond 2 GiB.
 */
export function reading(table: Table, target?: string, known?: Known): Reading {
  const { columns, name } = table;
  if (columns.length < 2) {
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: found 1 column, allowed are one input at least and a target; check what separates the fields: a comma, semicolon, tab or blank`,
    );
  }
  if (table.rows < (known ? 1 : 2)) {
    const found = `${table.rows} row${table.rows === 1 ? '' : 's'} (a first line of words over numbers is a header)`;
    throw new HearsayError('DATA_TOO_SMALL', `${name}: found ${found}, allowed are 2 or more; give a file with more rows`);
  }
  const at = targetColumn(table, target);
  const dictionaries = table.words.map(words => words && new Map([...words].sort(byCodeUnit).map((word, k) => [word, k])));
  if (dictionaries[at] && known?.labels) dictionaries[at] = new Map(known.labels.map((label, k) => [label, k]));
  const labels = known?.isBlind
    ? toldLabelling(known)
    : dictionaries[at]
      ? wordLabelling(dictionaries[at], table, known ? 1 : 2)
      : labelling(column(table, at), `${name}: column ${quoted(columns[at])}`, known);
  const inputs = columns.map((_, k) => k).filter(k => k !== at);
  // With no other row a word means nothing.
  if (table.rows === 1 && inputs.every(k => dictionaries[k])) {
    const found = 'found one line, and no number in it: a header without rows, it seems';
    throw new HearsayError('DATA_TOO_SMALL', `${name}: ${found}; give a file with rows`);
  }
  const features = inputs.reduce((sum, k) => sum + (dictionaries[k]?.size ?? 1), 0);
  return {
    apply(table) {
      checkColumns(table, columns, dictionaries);
      if (table.rows * features * 4 > 2 ** 31) {
        const found = `${table.rows} rows x ${features} columns, words spread out, take ${table.rows * features * 4} bytes`;
        throw new HearsayError(
          'DATA_TOO_LARGE',
          `${table.name}: ${found}; at most 2^31 are allowed: drop columns of words or rows`,
        );
      }
      const values = new Float32Array(table.rows * features);
      let offset = 0;
      for (const k of inputs) {
        const dictionary = dictionaries[k];
        const position = table.words[k]?.map(word => dictionary!.get(word) ?? -1);
        for (let row = 0; row < table.rows; row++) {
          const cell = table.cells[row * columns.length + k];
          if (!position) values[row * features + offset] = cell;
          else if (position[cell] >= 0) values[row * features + offset + position[cell]] = 1;
        }
        offset += dictionary?.size ?? 1;
      }
      const numbers = table.words[at]?.map(word => dictionaries[at]!.get(word) ?? -1);
      const cells = column(table, at);
      const odd = numbers && !known?.isBlind ? cells.findIndex(cell => numbers[cell] < 0) : -1;
      if (odd >= 0) {
        const found = `row ${odd} has an unknown label, ${quoted(table.words[at]![cells[odd]])}`;
        const allowed = listed([...dictionaries[at]!.keys()]);
        throw new HearsayError('DATA_LABEL', `${table.name}: ${found}, allowed: ${allowed}; drop the row`);
      }
      const targets = labels.apply(numbers ? cells.map(cell => numbers[cell]) : cells, table.name);
      const shape = { features, shape: [features], scale: 1, shift: 0 };
      const named = labels.names && { labels: labels.names };
      return { name: table.name, rows: table.rows, ...shape, inputs: values, targets, classes: labels.classes, ...named };
    },
  };
}

function targetColumn({ columns, name }: Table, target: string | undefined): number {
  if (target === undefined) return columns.length - 1;
  const named = columns.indexOf(target);
  if (named >= 0) return named;
  if (/^[1-9]\d{0,8}$/.test(target) && Number(target) <= columns.length) return Number(target) - 1;
  throw new HearsayError(
    'CONFIG_RANGE',
    `${name}: no column ${quoted(target)}, the ${columns.length} columns are ${listed(columns)}; name one of them, or its number`,
  );
}

function wordLabelling(dictionary: ReadonlyMap<string, number>, { name }: Table, least: number): Labelling {
  const list = [...dictionary.keys()];
  if (list.length < least)
    throw new HearsayError(
      'DATA_LABEL',
      `${name}: the target is ${quoted(list[0])} in all rows, where two different ones are needed; choose another column with --target`,
    );
  return {
    classes: list.length,
    names: list,
    apply: values => Int32Array.from(values),
  };
}

function checkColumns(
  table: Table,
  columns: readonly string[],
  dictionaries: readonly (ReadonlyMap<string, number> | null)[],
): void {
  if (table.columns.length !== columns.length) {
    const found = `${table.columns.length} columns where the training data have ${columns.length}`;
    throw new HearsayError('DATA_CORRUPT', `${table.name}: found ${found}; give a test file with the same columns`);
  }
  const odd = table.words.findIndex((words, k) => (words === null) !== (dictionaries[k] === null));
  if (odd >= 0) {
    const found = table.words[odd] ? 'words where the training data have numbers' : 'numbers where the training data have words';
    throw new HearsayError(
      'DATA_CORRUPT',
      `${table.name}: column ${quoted(columns[odd])} has ${found}; give a test file with the same columns`,
    );
  }
}

function column({ cells, columns, rows }: Table, k: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => cells[row * columns.length + k]);
}

function listed(words: readonly string[]): string {
  return words.slice(0, 12).map(quoted).join(', ') + (words.length > 12 ? ', ...' : '');
}

/** On one line, and not for ever. */
function quoted(word: string): string {
  return JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}...` : word);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
