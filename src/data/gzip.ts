/** Gzip, decompressed with a bound: a small file can't fill the memory. */

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { HearsayError } from '../errors.js';

/** Told now and then how much of `total` is done, in bytes. `name` is what is being read. */
export type Progress = (name: string, done: number, total: number) => void;

const slice = 2 ** 16;

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What a gzip of `size` bytes may expand to: 64 MiB + 200 times its size, and 2 GiB at most. Pictures and tables stay below 60 times. */
export function gzipLimit(size: number): number {
  return Math.min(2 ** 31, 2 ** 26 + 200 * size);
}

/**
 * The decompressed bytes of a gzip file (one member or several). Throws DATA_CORRUPT with the offset (to 64 KiB) for one that is
 * damaged, ends early or goes on after its end, and DATA_TOO_LARGE when it expands beyond `limit`.
 */
export async function inflate(
  bytes: Uint8Array,
  name: string,
  limit = gzipLimit(bytes.length),
  progress?: Progress,
): Promise<Uint8Array> {
  let output = new Uint8Array(Math.min(limit, promisedSize(bytes)));
  let used = 0;
  const engine = createGunzip({ chunkSize: bytes.length < slice ? slice / 4 : 4 * slice });
  try {
    for await (const piece of Readable.from(slices(bytes)).pipe(engine)) {
      if (used + piece.length > limit) {
        const found = `${name}: a gzip of ${bytes.length} bytes expands to more than ${limit}`;
        throw new HearsayError(
          'DATA_TOO_LARGE',
          `${found}, the most that is allowed for its size; decompress it first if it is meant`,
        );
      }
      if (used + piece.length > output.length) {
        const larger = new Uint8Array(Math.min(limit, Math.max(used + piece.length, 2 * output.length)));
        larger.set(output.subarray(0, used));
        output = larger;
      }
      output.set(piece, used);
      used += piece.length;
      progress?.(name, engine.bytesWritten, bytes.length);
    }
  } catch (error) {
    if (error instanceof HearsayError) throw error;
    const { message } = error as Error;
    throw new HearsayError(
      'DATA_CORRUPT',
      `${name}: not a whole gzip file: ${message}, after offset ${engine.bytesWritten} of ${bytes.length}; fetch it again`,
    );
  }
  if (engine.bytesWritten !== bytes.length) {
    const found = `${bytes.length - engine.bytesWritten} bytes after the end at offset ${engine.bytesWritten}`;
    throw new HearsayError('DATA_CORRUPT', `${name}: the gzip file has ${found}, allowed are none; fetch it again`);
  }
  return output.subarray(0, used);
}

/** The size in the last four bytes, no more than a hint: deflate can't expand beyond 1032 to 1, and members may follow each other. */
function promisedSize(bytes: Uint8Array): number {
  if (bytes.length < 18) return 0;
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  return size <= 1032 * bytes.length ? size : 0;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += slice) yield bytes.subarray(at, at + slice);
}
