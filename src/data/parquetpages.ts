/**
 * A look at every page of a Parquet file before hyparquet decodes it: that library believes the counts in a file, so a damaged one could
 * keep it busy, or filling memory, for ever. Here all counts must fit: pages in their column, values in their rows and bytes, runs (the
 * hybrid of run-length and bit-packed coding, Parquet's Encodings.md) in their values.
 */

import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { HearsayError } from '../errors.js';

export type Reader = typeof import('hyparquet');
export type Pages = typeof import('hyparquet/src/column.js');
export type Metadata = ReturnType<Reader['parquetMetadata']>;
type Column = NonNullable<Metadata['row_groups'][number]['columns'][number]['meta_data']>;
type Header = ReturnType<Pages['parquetHeader']>;

/** How pages are decompressed: each to the bytes that its header promises, at most. Snappy is hyparquet's own. */
export const compressors = {
  GZIP: (input: Uint8Array, length: number) => gunzipSync(input, { maxOutputLength: Math.max(1, length) }),
  BROTLI: (input: Uint8Array, length: number) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
};

/** Bits of a plain value. */
const widths: Readonly<Record<string, number>> = {
  ...{ BOOLEAN: 1, INT32: 32, FLOAT: 32, INT64: 64, DOUBLE: 64 },
  FIXED_LEN_BYTE_ARRAY: 16, // a half; other lengths are refused before
};

/**
 * Throws an Error that says where something does not fit (hyparquet's own, too), and DATA_NONFINITE for an empty cell: all must have
 * values. `limit` is the most bytes that all pages may expand to.
 */
export function checkPages(
  metadata: Metadata,
  reader: Reader,
  pages: Pages,
  bytes: Uint8Array,
  name: string,
  limit: number,
): void {
  const [, ...elements] = metadata.schema;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let budget = limit;
  let first = 0;
  for (const { columns, num_rows } of metadata.row_groups) {
    const rows = Number(num_rows);
    need(columns.length === elements.length, `a row group of ${columns.length} columns, where there are ${elements.length}`);
    for (const [k, { meta_data: column }] of columns.entries()) {
      const element = elements[k];
      const isIts =
        column?.type === element.type && column?.path_in_schema.length === 1 && column.path_in_schema[0] === element.name;
      need(isIts, `another column where ${JSON.stringify(element.name)} is due`);
      const from = Number(column!.dictionary_page_offset || column!.data_page_offset);
      const end = from + Number(column!.total_compressed_size);
      need(from >= 4 && from < end && end <= bytes.length, `a column at offset ${from} to ${end}`);
      const at = { view, offset: from };
      for (let done = 0; done < rows; ) {
        const start = at.offset;
        need(start < end, `${done} values of ${rows} up to offset ${end}`);
        const header = pages.parquetHeader(at);
        const { compressed_page_size: stored, uncompressed_page_size: size } = header;
        need(
          isCount(stored) && isCount(size) && at.offset + stored <= end && size <= budget,
          `a page of ${size} bytes at offset ${start}`,
        );
        budget -= size;
        const raw = bytes.subarray(at.offset, at.offset + stored);
        at.offset += stored;
        const where = `page at offset ${start}`;
        const isNullable = element.repetition_type === 'OPTIONAL';
        const values = checkPage(header, raw, column!, reader, isNullable, where, row => {
          const cell = `${name}: row ${first + done + row}, column ${JSON.stringify(element.name)}`;
          return new HearsayError(
            'DATA_NONFINITE',
            `${cell}: found nothing; every cell needs a finite number: fill the gap or drop the row`,
          );
        });
        done += values;
        need(done <= rows, `${done} values for ${rows} rows in the ${where}`);
      }
    }
    first += rows;
  }
}

/** Checks one page, and gives the number of its rows: 0 for a dictionary. */
function checkPage(
  header: Header,
  raw: Uint8Array,
  column: Column,
  { snappyUncompress }: Reader,
  isNullable: boolean,
  where: string,
  empty: (row: number) => HearsayError,
): number {
  const unpack = (input: Uint8Array, size: number): Uint8Array => {
    if (column.codec === 'UNCOMPRESSED') return input;
    if (column.codec === 'GZIP' || column.codec === 'BROTLI') return compressors[column.codec](input, size);
    need(column.codec === 'SNAPPY', `pages compressed by ${column.codec}, where plain, snappy, gzip and brotli are known`);
    const output = new Uint8Array(size);
    snappyUncompress(input, output);
    return output;
  };
  const plain = (count: number, size: number) =>
    need(count * widths[column.type] <= size * 8, `${count} values in the ${size} bytes of the ${where}`);
  const { dictionary_page_header: dictionary, data_page_header: data, data_page_header_v2: second } = header;
  const size = header.uncompressed_page_size;
  if (header.type === 'DICTIONARY_PAGE' && dictionary) {
    need(isCount(dictionary.num_values), `${dictionary.num_values} values in the ${where}`);
    plain(dictionary.num_values, unpack(raw, size).length);
    return 0;
  }
  if (header.type === 'DATA_PAGE' && data) {
    const count = data.num_values;
    const page = unpack(raw, size);
    need(isCount(count) && count > 0 && page.length === size, `${count} values in the ${where}`);
    let at = 0;
    if (isNullable) {
      const length = word(page, 0, where);
      need(4 + length <= page.length, `levels of ${length} bytes in the ${where}`);
      const gap = runs(page.subarray(4, 4 + length), 1, count, where, true);
      if (gap >= 0) throw empty(gap);
      at = 4 + length;
    }
    checkValues(data.encoding, page.subarray(at), column.type, count, plain, where);
    return count;
  }
  need(header.type === 'DATA_PAGE_V2' && second !== undefined, `a page of the type ${header.type} at the ${where}`);
  const { num_values: count, num_nulls, num_rows, encoding, is_compressed } = second!;
  const levels = second!.definition_levels_byte_length;
  need(isCount(count) && count > 0 && Number(num_rows) === count, `${count} values and ${num_rows} rows in the ${where}`);
  need(
    second!.repetition_levels_byte_length === 0 && isCount(levels) && levels <= Math.min(raw.length, size),
    `levels of ${levels} bytes in the ${where}`,
  );
  if (isNullable) {
    const gap = runs(raw.subarray(0, levels), 1, count, where, true);
    if (gap >= 0) throw empty(gap);
  }
  need(num_nulls === 0, `${num_nulls} gaps in the ${where}`);
  const rest = raw.subarray(levels);
  const page = is_compressed === false ? rest : unpack(rest, size - levels);
  need(page.length === size - levels, `${page.length} bytes in the ${where}`);
  checkValues(encoding, page, column.type, count, plain, where);
  return count;
}

function checkValues(
  encoding: string | undefined,
  page: Uint8Array,
  type: string,
  count: number,
  plain: (count: number, size: number) => void,
  where: string,
): void {
  if (encoding === 'PLAIN' || encoding === 'BYTE_STREAM_SPLIT') plain(count, page.length);
  else if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    need(page.length > 0 && page[0] <= 32, `a width of ${page[0]} bits in the ${where}`);
    if (page[0] > 0) runs(page.subarray(1), page[0], count, where);
  } else if (encoding === 'RLE' && type === 'BOOLEAN') {
    const length = word(page, 0, where);
    need(4 + length <= page.length, `runs of ${length} bytes in the ${where}`);
    runs(page.subarray(4, 4 + length), 1, count, where);
  } else if (encoding === 'DELTA_BINARY_PACKED' && (type === 'INT32' || type === 'INT64')) {
    const [block, afterBlock] = varint(page, 0, where);
    const [parts, afterParts] = varint(page, afterBlock, where);
    const [total] = varint(page, afterParts, where);
    const isWhole = block > 0 && block <= 65_536 && block % 128 === 0 && parts > 0 && parts <= 512 && block % (32 * parts) === 0;
    need(isWhole && total === count, `blocks of ${block} in ${parts} for ${total} values in the ${where}`);
  } else
    throw new Error(
      `values coded as ${encoding} in the ${where}, where plain ones, dictionaries, runs and differences are known`,
    );
}

/**
 * Walks over the runs of `count` values of `width` bits. With `ones`, gives the first value that is not 1, or -1: definition levels of
 * columns without gaps are all 1.
 */
function runs(bytes: Uint8Array, width: number, count: number, where: string, ones = false): number {
  let seen = 0;
  for (let at = 0; seen < count; ) {
    const [header, next] = varint(bytes, at, where);
    const isPacked = header & 1;
    const values = isPacked ? (header >>> 1) * 8 : header >>> 1;
    const length = isPacked ? (header >>> 1) * width : Math.ceil(width / 8);
    need(
      values > 0 && seen + values < count + (isPacked ? 8 : 1),
      `a run of ${values} after ${seen} of ${count} values in the ${where}`,
    );
    need(next + length <= bytes.length, `a run of ${length} bytes at the end of the ${where}`);
    for (let k = 0; ones && k < values && seen + k < count; k++) {
      if ((isPacked ? bytes[next + (k >>> 3)] >>> (k & 7) : bytes[next]) % 2 === 0) return seen + k;
    }
    seen += values;
    at = next + length;
  }
  return -1;
}

/** An unsigned number of 7 bits a byte, and the offset after it. */
function varint(bytes: Uint8Array, from: number, where: string): readonly [number, number] {
  let value = 0;
  for (let k = 0; k < 5; k++) {
    need(from + k < bytes.length, `a number at the end of the ${where}`);
    value += (bytes[from + k] & 127) * 2 ** (7 * k);
    if (bytes[from + k] < 128) {
      need(value < 2 ** 31, `the number ${value} in the ${where}`);
      return [value, from + k + 1];
    }
  }
  throw new Error(`a number of more than 5 bytes in the ${where}`);
}

function word(bytes: Uint8Array, at: number, where: string): number {
  need(bytes.length >= at + 4, `the end of the ${where}, where a length is due`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function need(holds: boolean, found: string): void {
  if (!holds) throw new Error(`found ${found}`);
}
