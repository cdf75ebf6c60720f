/**
 * Tables of text: comma, semicolon or tab between fields, or columns apart by blanks. csv-parse reads what has quotes; what has
 * none is cut line by line, several times faster. Cells go straight into one array of floats, words as numbers of a dictionary a
 * column, so memory stays below twice the file.
 */

import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { decimalPattern } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { missingPattern } from './decimal.js';

export interface Table {
  readonly name: string;
  readonly rows: number;
  /** From the header, or `column 1` ... */
  readonly columns: readonly string[];
  /** rows x columns, row-major: numbers, or the positions of words in the column's list. */
  readonly cells: Float32Array;
  /** For a column of words, its different words in the order of their first appearance; null for a column of numbers. */
  readonly words: readonly (readonly string[] | null)[];
}

/** Different words that a column may have. */
const mostWords = 1000;

/**
 * The first line is a header when it has a word in a column where the second line has a number. A column whose first cell is no
 * number is a column of words. Throws DATA_CORRUPT (line) when fields are broken or missing, DATA_NONFINITE (row, column) for a
 * missing or infinite cell, DATA_TOO_LARGE for more than 1000 different words in a column.
 */
export function parseCsv(bytes: Uint8Array, name: string): Table {
  let first: Fields | undefined;
  let table: Filling | undefined;
  const take = (fields: readonly string[], line: number) => {
    if (table) table.add(fields, line);
    else if (!first) first = { fields, line };
    else {
      table = filling(name, first, { fields, line }, bytes.length);
    }
  };
  const { delimiter } = dialect(bytes);
  const plain = !bytes.includes(quote) && bytes.includes(newline);
  if (delimiter === ' ') readLines(bytes, line => line.trim().split(/\s+/), take);
  else if (plain) readLines(bytes, line => line.split(delimiter).map(field => field.trim()), take);
  else readQuoted(bytes, name, delimiter, take);
  if (!first)
    throw new HearsayError('DATA_CORRUPT', `${name}: found no row in ${bytes.length} bytes; give a file with one row a line`);
  return (table ?? filling(name, first, undefined, bytes.length)).done();
}

/** Whether the first lines have the same number of fields, two at least, and a number among them: prose does not. */
export function looksLikeTable(bytes: Uint8Array): boolean {
  const { delimiter } = dialect(bytes);
  const head = new TextDecoder().decode(bytes.subarray(0, 2 ** 16));
  const lines = head.split(/\r?\n/, 20).filter(line => line.trim() !== '');
  if (lines.length > 1 && bytes.length > 2 ** 16) lines.pop(); // it may be cut off
  const rows = lines.map(line => line.trim().split(delimiter === ' ' ? /\s+/ : delimiter));
  const [{ length }] = rows[0] ? rows : [[]];
  const isRow = (fields: string[]) => fields.length === length && fields.some(field => decimalPattern.test(field.trim()));
  return length > 1 && (rows.length > 1 ? rows.slice(1) : rows).every(isRow) && rows[0].length === length;
}

const newline = 10;
const quote = 34;

interface Fields {
  readonly fields: readonly string[];
  readonly line: number;
}

interface Filling {
  add(fields: readonly string[], line: number): void;
  done(): Table;
}

/** Begins a table with its first two records. */
function filling(name: string, first: Fields, second: Fields | undefined, size: number): Filling {
  const count = first.fields.length;
  const header = second?.fields.some((cell, k) => k < count && decimalPattern.test(cell) && !isValue(first.fields[k])) ?? false;
  const columns = first.fields.map((cell, k) => (header && cell !== '' ? cell : `column ${k + 1}`));
  const sample = header ? second!.fields : first.fields;
  const words = Array.from({ length: count }, (_, k) => (isValue(sample[k] ?? '') ? null : new Map<string, number>()));
  // A cell takes a character and a separator in the file, so this is at most twice the file.
  const cells = new Float32Array(Math.ceil((size + 1) / 2) + count);
  let rows = 0;
  const filling: Filling = {
    add(fields, line) {
      if (fields.length !== count) {
        throw new HearsayError(
          'DATA_CORRUPT',
          `${name}: line ${line} has ${fields.length} fields where the first line has ${count}; every line needs the same: correct this one, or the first`,
        );
      }
      for (let k = 0; k < count; k++) {
        const where = () => `${name}: row ${rows} (line ${line}), column ${JSON.stringify(columns[k])}`;
        const dictionary = words[k];
        cells[rows * count + k] = dictionary ? wordNumber(dictionary, fields[k], where) : numberIn(fields[k], where);
      }
      rows++;
    },
    done: () => ({
      name,
      rows,
      columns,
      cells: cells.subarray(0, rows * count),
      words: words.map(dictionary => dictionary && [...dictionary.keys()]),
    }),
  };
  if (!header) filling.add(first.fields, first.line);
  if (second) filling.add(second.fields, second.line);
  return filling;
}

function isValue(cell: string): boolean {
  return decimalPattern.test(cell) || missingPattern.test(cell);
}

function numberIn(cell: string, where: () => string): number {
  const value = decimalPattern.test(cell) ? Math.fround(Number(cell)) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const shown = JSON.stringify(cell.slice(0, 24));
  if (missingPattern.test(cell) || decimalPattern.test(cell)) {
    throw new HearsayError(
      'DATA_NONFINITE',
      `${where()}: found ${shown}; every cell needs a finite number: fill the gap or drop the row`,
    );
  }
  throw new HearsayError('DATA_CORRUPT', `${where()}: found ${shown} in a column of numbers; correct the cell or drop the row`);
}

function wordNumber(dictionary: Map<string, number>, cell: string, where: () => string): number {
  if (cell === '')
    throw new HearsayError('DATA_NONFINITE', `${where()}: empty; every cell needs a value: fill the gap or drop the row`);
  let number = dictionary.get(cell);
  if (number === undefined) {
    if (dictionary.size === mostWords) {
      throw new HearsayError(
        'DATA_TOO_LARGE',
        `${where()}: more than ${mostWords} different words; drop the column or make it numbers`,
      );
    }
    number = dictionary.size;
    dictionary.set(cell, number);
  }
  return number;
}

/** The separator that stands in the first line with something in it: tab, semicolon, comma, else blanks. */
function dialect(bytes: Uint8Array): { delimiter: string } {
  const head = new TextDecoder().decode(bytes.subarray(0, 2 ** 16)).trimStart();
  const line = head.slice(0, head.search(/[\r\n]|$/)).replaceAll(/"[^"]*"/g, '');
  return { delimiter: ['\t', ';', ','].find(mark => line.includes(mark)) ?? (/\S\s+\S/.test(line) ? ' ' : ',') };
}

type Take = (fields: readonly string[], line: number) => void;

function readQuoted(bytes: Uint8Array, name: string, delimiter: string, take: Take): void {
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true, // counted above, with a message of our own
      max_record_size: 2 ** 24,
      on_record: (fields: string[], { lines }: { lines: number }) => {
        take(fields, lines);
        return null; // kept nowhere else
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new HearsayError('DATA_CORRUPT', `${name}: ${error.message}; correct the file`);
  }
}

function readLines(bytes: Uint8Array, cut: (line: string) => string[], take: Take): void {
  const decoder = new TextDecoder();
  for (let at = 0, line = 1; at < bytes.length; line++) {
    const found = bytes.indexOf(newline, at);
    const end = found < 0 ? bytes.length : found;
    const text = decoder.decode(bytes.subarray(at, end)).replace(/\r$/, '');
    if (text.trim() !== '') take(cut(text), line);
    at = end + 1;
  }
}
