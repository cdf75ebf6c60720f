/**
 * NPY, the file of one numpy array (numpy.lib.format, versions 1.0 to 3.0): a magic word, a version, the length of the header, a header
 * that looks like a Python dictionary { 'descr', 'fortran_order', 'shape' }, then the values. The header is matched, never evaluated; an
 * array of Python objects, which is a pickle, is refused.
 */

import { HearsayError } from '../errors.js';
import { half } from '../half.js';

export interface Npy {
  /** Empty for a single number. */
  readonly shape: readonly number[];
  /** Row-major. A view of the file for bytes and booleans in C order; floats for all else (64-bit numbers lose digits). */
  readonly values: Uint8Array | Float32Array;
  /** Whether the file has whole numbers or booleans. */
  readonly whole: boolean;
}

/** What can be written. */
export interface WrittenNpy {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Int32Array | Float32Array | Float64Array;
}

interface Type {
  readonly width: number;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

const types: ReadonlyMap<string, Type> = new Map([
  ['f2', { width: 2, read: (view, at, little) => half(view.getUint16(at, little)) }],
  ['f4', { width: 4, read: (view, at, little) => view.getFloat32(at, little) }],
  ['f8', { width: 8, read: (view, at, little) => view.getFloat64(at, little) }],
  ['i1', { width: 1, read: (view, at) => view.getInt8(at) }],
  ['i2', { width: 2, read: (view, at, little) => view.getInt16(at, little) }],
  ['i4', { width: 4, read: (view, at, little) => view.getInt32(at, little) }],
  ['i8', { width: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) }],
  ['u1', { width: 1, read: (view, at) => view.getUint8(at) }],
  ['u2', { width: 2, read: (view, at, little) => view.getUint16(at, little) }],
  ['u4', { width: 4, read: (view, at, little) => view.getUint32(at, little) }],
  ['u8', { width: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) }],
  ['b1', { width: 1, read: (view, at) => view.getUint8(at) }],
]);

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** A header has some 60 characters. */
const longestHeader = 2 ** 16;
const mostDimensions = 32;

/** Whether the bytes begin as an NPY file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, k) => bytes[k] === byte);
}

/**
 * Throws DATA_CORRUPT (with the offset) for a broken header, for types that are no numbers and for a size that is not that of the shape,
 * DATA_TOO_LARGE for more than 2^31 values or a header over 64 KiB.
 */
export function readNpy(bytes: Uint8Array, name: string): Npy {
  const array = locate(bytes, name);
  const { shape, code, start, count } = array;
  const whole = !code.startsWith('f');
  const isBytes = code === 'u1' || code === 'b1';
  if (isBytes && array.inOrder) return { shape, values: bytes.subarray(start), whole };
  const values = isBytes ? new Uint8Array(count) : new Float32Array(count);
  return { shape, values: fill(values, bytes, array), whole };
}

/** The same with all digits of doubles. Throws what `readNpy` throws. */
export function readNpyDoubles(bytes: Uint8Array, name: string): { shape: readonly number[]; values: Float64Array } {
  const array = locate(bytes, name);
  return { shape: array.shape, values: fill(new Float64Array(array.count), bytes, array) };
}

/** What the head of a file says of it, of whose rows some are read. */
export interface NpyHead {
  readonly shape: readonly number[];
  /** Of a value, in C order and little-endian, as `f4`; undefined for values that stand in another way. */
  readonly plain: string | undefined;
  /** Offset of the values. */
  readonly start: number;
}

/** Bytes in which a head has room. */
export const npyHeadBytes = 12 + longestHeader;

/** The head, out of the first `npyHeadBytes` bytes of a file of `size`, or all. Throws DATA_CORRUPT and DATA_TOO_LARGE as `readNpy` does. */
export function readNpyHead(bytes: Uint8Array, size: number, name: string): NpyHead {
  const { shape, code, start, little, inOrder } = locate(bytes, name, size, Number.MAX_SAFE_INTEGER);
  return { shape, plain: little && inOrder ? code : undefined, start };
}

interface Located {
  readonly shape: readonly number[];
  readonly count: number;
  readonly code: string;
  readonly type: Type;
  readonly start: number;
  readonly little: boolean;
  /** The values stand row-major. */
  readonly inOrder: boolean;
}

function fill<Values extends Uint8Array | Float32Array | Float64Array>(
  values: Values,
  bytes: Uint8Array,
  array: Located,
): Values {
  const { shape, type, start, little, inOrder } = array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const place = inOrder ? (k: number) => k : fortranPlaces(shape);
  for (let k = 0; k < values.length; k++) values[k] = type.read(view, start + place(k) * type.width, little);
  return values;
}

/** Where the values stand, and how, once everything that the header says has been checked. */
function locate(bytes: Uint8Array, name: string, size = bytes.length, most = 2 ** 31): Located {
  const { descr, fortran, shape, start } = readHeader(bytes, name);
  const [order, code] = [descr[0], descr.slice(1)];
  const type = types.get(code);
  if (!type || !'<>|='.includes(order)) {
    const what = code.startsWith('O') ? 'Python objects (a pickle, which is never run)' : `values of type ${quoted(descr)}`;
    const allowed = `allowed are numbers: ${[...types.keys()].join(' ')}`;
    throw corrupt(name, 0, `found an array of ${what}, ${allowed}; give one saved after astype('float32')`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const text = shape.join(' x ') || 'of one number';
  if (count === 0) throw corrupt(name, 0, `found shape ${text}, which holds no value; give an array with values`);
  if (count > most) {
    const found = `shape ${text} has ${count} values, allowed are ${most === 2 ** 31 ? '2^31' : most}`;
    throw new HearsayError('DATA_TOO_LARGE', `${name}: offset 0: ${found}; take a smaller array`);
  }
  const end = start + count * type.width;
  if (size !== end) {
    const found = size < end ? `ends at offset ${size}` : `goes on after offset ${end}, to ${size}`;
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: ${found}, where its shape ${text} of ${code} takes ${end} bytes; fetch it again`,
    );
  }
  return { shape, count, code, type, start, little: order !== '>', inOrder: !fortran || shape.length < 2 };
}

/** The file, version 1.0, in C order, little-endian; the values begin at a multiple of 64. Throws STATE when shape and values disagree. */
export function writeNpy({ shape, values }: WrittenNpy): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== values.length || shape.length > mostDimensions) {
    throw new HearsayError('STATE', `npy: shape ${shape.join(' x ')} has ${count} values, not ${values.length}`);
  }
  const descr = values instanceof Uint8Array ? '|u1' : values instanceof Int32Array ? '<i4' : `<f${values.BYTES_PER_ELEMENT}`;
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + values.byteLength);
  bytes.set([...magic, 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  bytes.set(new TextEncoder().encode(`${header.padEnd(start - 11)}\n`), 10);
  const view = new DataView(bytes.buffer, start);
  for (let k = 0; k < values.length; k++) {
    if (values instanceof Uint8Array) view.setUint8(k, values[k]);
    else if (values instanceof Int32Array) view.setInt32(4 * k, values[k], true);
    else if (values instanceof Float32Array) view.setFloat32(4 * k, values[k], true);
    else view.setFloat64(8 * k, values[k], true);
  }
  return bytes;
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Offset of the values. */
  readonly start: number;
}

function readHeader(bytes: Uint8Array, name: string): Header {
  if (!isNpy(bytes)) throw corrupt(name, 0, 'no NPY file, which begins with 93 NUMPY; give another file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6];
  const from = version === 1 ? 10 : 12;
  if (bytes.length < from)
    throw corrupt(name, bytes.length, `the file ends inside the first ${from} bytes of its header; fetch it again`);
  if (version < 1 || version > 3)
    throw corrupt(name, 6, `found version ${version}.${bytes[7]}, allowed are 1.0 to 3.0; give a file of numpy's own`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) {
    throw new HearsayError(
      'DATA_TOO_LARGE',
      `${name}: offset 8: a header of ${length} bytes, allowed are ${longestHeader}; give an array of plain numbers`,
    );
  }
  const start = from + length;
  if (bytes.length < start)
    throw corrupt(name, bytes.length, `the file ends inside its header, which takes ${start} bytes; fetch it again`);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(from, start));
  const fields = dictionary(text);
  const [descr, fortran, tuple] = [fields?.get('descr'), fields?.get('fortran_order'), fields?.get('shape')];
  if (
    fields?.size !== 3 ||
    descr === undefined ||
    fortran === undefined ||
    tuple === undefined ||
    !isOfKinds(descr, fortran, tuple)
  ) {
    const found = quoted(text.trim());
    throw corrupt(
      name,
      from,
      `found ${found}, allowed is a type of numbers, fortran_order and shape, and nothing else; give a plain array, without fields`,
    );
  }
  const shape = [...tuple.matchAll(/\d+/g)].map(Number);
  if (shape.length > mostDimensions)
    throw corrupt(name, from, `found ${shape.length} dimensions, allowed are ${mostDimensions}; give an array with fewer`);
  return { descr: descr.slice(1, -1), fortran: fortran === 'True', shape, start };
}

function isOfKinds(descr: string, fortran: string, tuple: string): boolean {
  return /^['"]/.test(descr) && /^[TF]/.test(fortran) && tuple.startsWith('(');
}

const entry =
  /\s*['"](\w{1,32})['"]\s*:\s*('[^'\\]{0,32}'|"[^"\\]{0,32}"|True|False|\(\s*(?:\d{1,15}L?\s*(?:,\s*\d{1,15}L?\s*)*(?:,\s*)?)?\))\s*(,|$)/y;

/** The entries of a dictionary literal of words, booleans and tuples of numbers; undefined when it is none. */
function dictionary(text: string): ReadonlyMap<string, string> | undefined {
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1].trimEnd();
  if (body === undefined) return undefined;
  const fields = new Map<string, string>();
  entry.lastIndex = 0;
  for (let at = 0; at < body.length; at = entry.lastIndex) {
    const [, key, value] = entry.exec(body) ?? [];
    if (key === undefined || fields.has(key)) return undefined;
    fields.set(key, value);
  }
  return fields;
}

/** Where the value number k of row-major order stands in column-major order, for k = 0, 1, 2, ... in turn. */
function fortranPlaces(shape: readonly number[]): (k: number) => number {
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  let next = 0;
  return () => {
    const place = next;
    for (let d = shape.length - 1; d >= 0; d--) {
      next += strides[d];
      if (++index[d] < shape[d]) break;
      next -= shape[d] * strides[d];
      index[d] = 0;
    }
    return place;
  };
}

function corrupt(name: string, offset: number, problem: string): HearsayError {
  return new HearsayError('DATA_CORRUPT', `${name}: offset ${offset}: ${problem}`);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
