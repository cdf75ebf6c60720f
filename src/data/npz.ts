/** NPZ: a zip file with an NPY file for each array, as numpy.savez and savez_compressed write it. */

import { unzipSync, zipSync } from 'fflate';
import { HearsayError } from '../errors.js';
import { gzipLimit } from './gzip.js';
import { type Npy, readNpy, type WrittenNpy, writeNpy } from './npy.js';

const mostEntries = 1000;

/** Whether the bytes begin as a zip file does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * The arrays that `wanted` says yes to, by their names without .npy. Names are keys of a map and nothing else. Throws DATA_CORRUPT
 * when it is no whole zip or an array is broken, DATA_TOO_LARGE for more than 1000 entries or when they expand to more than a gzip of
 * that size may.
 */
export function readNpz(bytes: Uint8Array, name: string, wanted: (array: string) => boolean = () => true): Map<string, Npy> {
  const files = [...unpackNpz(bytes, name, wanted)];
  return new Map(files.map(([array, file]) => [array, readNpy(file, `${name}: ${array}`)]));
}

/** The same, each as its .npy file. Throws what `readNpz` throws of the zip. */
export function unpackNpz(bytes: Uint8Array, name: string, wanted: (array: string) => boolean): Map<string, Uint8Array> {
  const limit = gzipLimit(bytes.length);
  const found = new Set<string>();
  let entries = 0;
  let size = 0;
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytes, {
      filter(entry) {
        if (++entries > mostEntries) throw tooLarge(name, `more than ${mostEntries} entries`, 'give a file with fewer arrays');
        const array = arrayName(entry.name);
        if (array === undefined || !wanted(array)) return false;
        if (found.has(array)) throw corrupt(name, bytes, `two arrays with the name ${array}`);
        found.add(array);
        const stored = entry.compression === 0 ? entry.size : entry.originalSize;
        size += Math.max(stored, entry.size);
        if (size > limit)
          throw tooLarge(
            name,
            `arrays that expand to more than ${limit} bytes, the most for its ${bytes.length}`,
            'unpack it first if it is meant',
          );
        return true;
      },
    });
  } catch (error) {
    if (error instanceof HearsayError) throw error;
    // fflate's own errors have codes; what is none came from entries that lie outside of the file.
    const message = error instanceof Error && 'code' in error ? error.message : 'an entry that is not in it';
    throw corrupt(name, bytes, `no whole zip: ${message}`);
  }
  return new Map([...found].map(array => [array, files[`${array}.npy`]]));
}

/** The file of some arrays: stored, or deflated with `compress`. The same bytes every time. Throws STATE for a name that is no word. */
export function writeNpz(arrays: ReadonlyMap<string, WrittenNpy>, compress = false): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  for (const [array, value] of arrays) {
    if (!isArrayName(array))
      throw new HearsayError('STATE', `npz: ${JSON.stringify(array)} is no name for an array; use letters, digits, _ . and -`);
    files[`${array}.npy`] = writeNpy(value);
  }
  return zipSync(files, { level: compress ? 6 : 0, mtime: '1980-01-01T00:00:00' });
}

/** Whether an array may be called so. */
export function isArrayName(name: string): boolean {
  return arrayName(`${name}.npy`) !== undefined;
}

function arrayName(entry: string): string | undefined {
  return /^([A-Za-z0-9][\w.-]{0,199})\.npy$/.exec(entry)?.[1];
}

function corrupt(name: string, bytes: Uint8Array, problem: string): HearsayError {
  return new HearsayError('DATA_CORRUPT', `${name}: ${problem} (offset 0 to ${bytes.length}); fetch it again`);
}

function tooLarge(name: string, problem: string, remedy: string): HearsayError {
  return new HearsayError('DATA_TOO_LARGE', `${name}: found ${problem}; ${remedy}`);
}
