/**
 * Safetensors (Hugging Face, github.com/huggingface/safetensors, "Format"): the length of the header as a little-endian 64-bit
 * word, a JSON header { name: { dtype, shape, data_offsets: [begin, end] } }, then the values, little-endian, without gaps.
 * No code in it is ever run, unlike a pickle.
 */

import { HearsayError } from '../../errors.js';
import { half } from '../../half.js';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. Types other than F32 are converted; I64 and U64 beyond 2^24 and F64 lose digits. */
  readonly values: Float32Array;
  /** Of F64: the same with all digits. */
  readonly doubles?: Float64Array;
}

/** What can be written: doubles as F64. */
export interface Written extends Pick<Tensor, 'name' | 'shape'> {
  readonly values: Float32Array | Float64Array;
}

export interface Safetensors {
  /** In the order of their bytes. */
  readonly tensors: readonly Tensor[];
  /** What the header says under `__metadata__`. */
  readonly metadata: ReadonlyMap<string, string>;
}

const headerLimit = 2 ** 20;

interface Type {
  readonly width: number;
  readonly read: (view: DataView, at: number) => number;
}

const types: ReadonlyMap<string, Type> = new Map([
  ['F32', { width: 4, read: (view, at) => view.getFloat32(at, true) }],
  ['F64', { width: 8, read: (view, at) => view.getFloat64(at, true) }],
  ['F16', { width: 2, read: (view, at) => half(view.getUint16(at, true)) }],
  ['BF16', { width: 2, read: (view, at) => brain(view.getUint16(at, true)) }],
  ['I64', { width: 8, read: (view, at) => Number(view.getBigInt64(at, true)) }],
  ['U64', { width: 8, read: (view, at) => Number(view.getBigUint64(at, true)) }],
  ['I32', { width: 4, read: (view, at) => view.getInt32(at, true) }],
  ['U32', { width: 4, read: (view, at) => view.getUint32(at, true) }],
  ['I16', { width: 2, read: (view, at) => view.getInt16(at, true) }],
  ['U16', { width: 2, read: (view, at) => view.getUint16(at, true) }],
  ['I8', { width: 1, read: (view, at) => view.getInt8(at) }],
  ['U8', { width: 1, read: (view, at) => view.getUint8(at) }],
  ['BOOL', { width: 1, read: (view, at) => view.getUint8(at) }],
]);

/**
 * The file of F32 and F64 tensors (give those of F64 first, so that all values are aligned), header padded with blanks to 8 bytes as the
 * format's own library does. Throws STATE for a name that is given twice or `__metadata__`, or a shape that does not fit its values, and
 * DATA_TOO_LARGE when the header passes 1 MiB.
 */
export function writeSafetensors(tensors: readonly Written[], metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : [];
  const names = new Set(['__metadata__']);
  let end = 0;
  for (const { name, shape, values } of tensors) {
    if (names.has(name)) throw new HearsayError('STATE', `safetensors: two tensors with the name ${JSON.stringify(name)}`);
    if (product(shape) !== values.length) {
      throw new HearsayError(
        'STATE',
        `safetensors: ${JSON.stringify(name)} has shape ${shape.join(' x ')} and ${values.length} values`,
      );
    }
    names.add(name);
    const dtype = values instanceof Float64Array ? 'F64' : 'F32';
    header.push([name, { dtype, shape, data_offsets: [end, (end += values.byteLength)] }]);
  }
  // Not through an object: it would sort names that look like numbers, and lose __proto__.
  const json = `{${header.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const start = 8 + Math.ceil(text.length / 8) * 8;
  if (start - 8 > headerLimit)
    throw new HearsayError('DATA_TOO_LARGE', `safetensors: a header of ${start - 8} bytes; at most ${headerLimit} are allowed`);
  const bytes = new Uint8Array(start + end).fill(32, 8, start);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  let at = start;
  for (const { values } of tensors) {
    for (const value of values) {
      if (values instanceof Float64Array) view.setFloat64(at, value, true);
      else view.setFloat32(at, value, true);
      at += values.BYTES_PER_ELEMENT;
    }
  }
  return bytes;
}

/**
 * Reads every tensor as floats. Throws DATA_CORRUPT (with the offset or the tensor) when the header is no such JSON, a type is
 * unknown, shapes and offsets disagree, or the tensors do not cover the rest of the file exactly, one after the other;
 * DATA_TOO_LARGE for a header over 1 MiB.
 */
export function readSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) throw corrupt(name, `ends at offset ${bytes.length}, inside the length of its header (8 bytes)`);
  const length = Number(view.getBigUint64(0, true));
  if (length > headerLimit && length > bytes.length) {
    const found = `found no safetensors: it would begin with a header of ${length} bytes, and has ${bytes.length} in all`;
    throw new HearsayError('DATA_CORRUPT', `${name}: ${found}; give the file of a model, safetensors or npz`);
  }
  if (length > headerLimit) {
    throw new HearsayError(
      'DATA_TOO_LARGE',
      `${name}: offset 0: found a header of ${length} bytes, allowed are ${headerLimit}; write it with less metadata`,
    );
  }
  const start = 8 + length;
  if (bytes.length < start) throw corrupt(name, `ends at offset ${bytes.length}, inside its header, which ends at ${start}`);
  const { entries, metadata } = parseHeader(bytes.subarray(8, start), name);
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end)
      throw corrupt(name, `tensor ${quoted(entry.name)} begins at ${entry.begin} where the one before ends at ${end}`);
    const size = product(entry.shape) * entry.type.width;
    if (entry.end - entry.begin !== size) {
      throw corrupt(
        name,
        `tensor ${quoted(entry.name)} of shape ${entry.shape.join(' x ')} takes ${size} bytes, not ${entry.end - entry.begin}`,
      );
    }
    end = entry.end;
  }
  if (bytes.length !== start + end)
    throw corrupt(name, `${bytes.length} bytes where the header and the tensors take ${start + end}`);
  const tensors = entries.map(({ name, shape, type, begin }) => {
    const read = (at: number) => type.read(view, start + begin + at * type.width);
    const values = new Float32Array(product(shape));
    for (let i = 0; i < values.length; i++) values[i] = read(i);
    if (type !== types.get('F64')) return { name, shape, values };
    return { name, shape, values, doubles: Float64Array.from(values, (_, i) => read(i)) };
  });
  return { tensors, metadata };
}

interface Entry {
  readonly name: string;
  readonly type: Type;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function parseHeader(text: Uint8Array, file: string): { entries: Entry[]; metadata: Map<string, string> } {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text));
  } catch {
    throw corrupt(file, `the header (offset 8 to ${8 + text.length}) is no JSON`);
  }
  if (!isRecord(json) || text[0] !== 0x7b) throw corrupt(file, 'the header (offset 8) is no JSON object');
  const entries: Entry[] = [];
  const metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') {
      if (!isRecord(value)) throw corrupt(file, '__metadata__ is no object of strings');
      for (const [key, word] of Object.entries(value)) {
        if (typeof word !== 'string') throw corrupt(file, `__metadata__ has ${quoted(key)}, which is no string`);
        metadata.set(key, word);
      }
    } else {
      entries.push(parseEntry(name, value, file));
    }
  }
  return { entries, metadata };
}

function parseEntry(name: string, value: unknown, file: string): Entry {
  const wrong = (problem: string) => corrupt(file, `tensor ${quoted(name)}: ${problem}`);
  if (!isRecord(value)) throw wrong('no object');
  const { dtype, shape, data_offsets: offsets, ...rest } = value;
  const [other] = Object.keys(rest);
  if (other !== undefined) throw wrong(`unknown key ${quoted(other)}; dtype, shape and data_offsets are allowed`);
  const type = typeof dtype === 'string' ? types.get(dtype) : undefined;
  if (!type) throw wrong(`type ${quoted(String(dtype))}; known are ${[...types.keys()].join(', ')}`);
  if (!isSizes(shape) || product(shape) > 2 ** 31) throw wrong('shape is no list of sizes with a product up to 2^31');
  if (!isSizes(offsets) || offsets.length !== 2) throw wrong('data_offsets are no two offsets');
  return { name, type, shape, begin: offsets[0], end: offsets[1] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 32 && value.every(size => Number.isSafeInteger(size) && size >= 0);
}

function product(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function corrupt(file: string, problem: string): HearsayError {
  return new HearsayError('DATA_CORRUPT', `${file}: ${problem}; write it again`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** Bfloat16: the upper half of a float. */
function brain(bits: number): number {
  word[0] = bits << 16;
  return float[0];
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);
