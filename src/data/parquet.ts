/**
 * Parquet files of flat columns of numbers, through the package hyparquet where it is installed: nothing else here needs it. Every page is
 * looked at before anything is decoded (parquetpages.ts).
 */

import { HearsayError } from '../errors.js';
import type { Table } from './csv.js';
import { gzipLimit } from './gzip.js';
import { checkPages, compressors, type Metadata, type Pages, type Reader } from './parquetpages.js';

/** Whether the bytes begin as a Parquet file does. */
export function isParquet(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x41 && bytes[2] === 0x52 && bytes[3] === 0x31; // PAR1
}

/** How hyparquet is found: its reader, and its reader of pages. */
export type Installed = () => Promise<readonly [Reader, Pages]>;

const installed: Installed = () => Promise.all([import('hyparquet'), import('hyparquet/src/column.js')]);

/**
 * The columns as a table without words. Throws CONFIG_MISSING when hyparquet is not installed, DATA_CORRUPT for a broken file and for
 * columns that are nested or no numbers, DATA_NONFINITE (row, column) for a cell that is empty or no finite float, DATA_TOO_LARGE when it
 * expands to more than a gzip of that size may.
 */
export async function parquetTable(bytes: Uint8Array, name: string, find: Installed = installed): Promise<Table> {
  const [reader, pages] = await found(find, name);
  const metadata = attempt(name, bytes, () => reader.parquetMetadata(bytes, { geoparquet: false }));
  const columns = columnsOf(metadata, name);
  const rows = attempt(name, bytes, () => rowsOf(metadata, columns.length, bytes, name));
  attempt(name, bytes, () => checkPages(metadata, reader, pages, bytes, name, gzipLimit(bytes.length)));
  const cells = new Float32Array(rows * columns.length).fill(Number.NaN);
  const file = { byteLength: bytes.length, slice: (from: number, to?: number) => sliceOf(bytes, from, to) };
  for (const [k, column] of columns.entries()) {
    let fault: HearsayError | undefined;
    const onChunk = ({ columnData, rowStart }: { columnData: ArrayLike<unknown>; rowStart: number }) => {
      for (let i = 0; i < columnData.length && rowStart + i < rows && !fault; i++) {
        const value = number(columnData[i]);
        cells[(rowStart + i) * columns.length + k] = value;
        if (!Number.isFinite(value)) fault = noNumber(columnData[i], name, rowStart + i, column);
      }
    };
    const what = `column ${JSON.stringify(column)}`;
    try {
      await reader.parquetRead({ file, metadata, columns: [column], compressors, geoparquet: false, onChunk });
    } catch (error) {
      throw broken(name, bytes, what, error);
    }
    if (fault) throw fault;
    for (let row = 0; row < rows; row++) {
      if (Number.isNaN(cells[row * columns.length + k])) throw broken(name, bytes, what, `no value for row ${row} of ${rows}`);
    }
  }
  return { name, rows, columns, cells, words: columns.map(() => null) };
}

async function found(find: Installed, name: string): Promise<readonly [Reader, Pages]> {
  try {
    return await find();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new HearsayError(
      'CONFIG_MISSING',
      `${name}: a Parquet file, which needs the package hyparquet, and that is not installed; run npm install hyparquet, or give a CSV`,
      { cause },
    );
  }
}

function columnsOf({ schema }: Metadata, name: string): string[] {
  const [, ...elements] = schema;
  const names = elements.map(element => element.name);
  const isSound =
    elements.length > 0 && new Set(names).size === names.length && names.every(column => typeof column === 'string');
  if (!isSound)
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: found columns ${names.slice(0, 8).join(', ') || 'none'}, allowed are different names; write it again`,
    );
  for (const { name: column, type, type_length, num_children, repetition_type, logical_type, converted_type } of elements) {
    const isFlat = !num_children && repetition_type !== 'REPEATED';
    const isNumber =
      ['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'].includes(type ?? '') ||
      (logical_type?.type === 'FLOAT16' && type_length === 2);
    const means = logical_type?.type ?? converted_type;
    if (isFlat && isNumber && !/^(DATE|TIME|TIMESTAMP|INTERVAL)/.test(means ?? '')) continue;
    const kind = isFlat ? (means ?? type ?? 'no type') : 'lists or groups';
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: column ${JSON.stringify(column?.slice(0, 40))} has ${kind}, allowed are plain numbers; drop the column or make it numbers`,
    );
  }
  return names;
}

/** Throws when the groups do not add up, or expand to too much. */
function rowsOf({ row_groups, num_rows }: Metadata, columns: number, bytes: Uint8Array, name: string): number {
  const rows = row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (rows !== Number(num_rows) || row_groups.some(group => group.num_rows < 0))
    throw new Error(`row groups of ${rows} rows, where ${num_rows} are promised`);
  if (rows === 0) throw new Error('no row');
  const limit = gzipLimit(bytes.length);
  if (rows * columns * 4 <= limit) return rows;
  throw new HearsayError(
    'DATA_TOO_LARGE',
    `${name}: ${rows} rows x ${columns} columns take ${rows * columns * 4} bytes, allowed for its ${bytes.length} are ${limit}; take fewer rows`,
  );
}

function sliceOf({ buffer, byteOffset }: Uint8Array, from: number, to?: number): ArrayBuffer {
  return buffer.slice(byteOffset + from, to === undefined ? undefined : byteOffset + to) as ArrayBuffer;
}

function number(value: unknown): number {
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
  return isNumber ? Math.fround(Number(value)) : Number.NaN;
}

function noNumber(value: unknown, name: string, row: number, column: string): HearsayError {
  const shown = value === null || value === undefined ? 'nothing' : String(value).slice(0, 24);
  return new HearsayError(
    'DATA_NONFINITE',
    `${name}: row ${row}, column ${JSON.stringify(column)}: found ${shown}; every cell needs a finite number: fill the gap or drop the row`,
  );
}

function attempt<Value>(name: string, bytes: Uint8Array, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof HearsayError) throw error;
    throw broken(name, bytes, 'no whole Parquet file', error);
  }
}

function broken(name: string, bytes: Uint8Array, what: string, error: unknown): HearsayError {
  const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0].slice(0, 120);
  return new HearsayError(
    'DATA_CORRUPT',
    `${name}: ${what} (offset 0 to ${bytes.length}): ${reason}; fetch it again, or write it anew`,
  );
}
