/** Files on their way in: regular files only, the size checked before anything is read. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { HearsayError } from '../errors.js';
import { inflate, isGzip, type Progress } from './gzip.js';

const largest = 2 ** 31;
const piece = 2 ** 24;

/**
 * All bytes of the file at `path`, decompressed when it is a gzip. Throws DATA_NOT_FOUND when there is no such file, it can't be
 * read or is not a regular file, DATA_CORRUPT when it is empty or damaged, DATA_TOO_LARGE beyond 2 GiB.
 */
export async function readBytes(path: string, progress?: Progress): Promise<Uint8Array> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    if (size === 0)
      throw new HearsayError('DATA_CORRUPT', `${path}: the file is empty (0 bytes); fetch it again, or give another one`);
    if (size > largest) {
      throw new HearsayError('DATA_TOO_LARGE', `${path}: ${size} bytes; at most ${largest} are allowed: split the file`);
    }
    const bytes = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const { bytesRead } = await file.read(bytes, done, Math.min(piece, size - done), done);
      if (bytesRead === 0)
        throw new HearsayError(
          'DATA_CORRUPT',
          `${path}: ended at offset ${done} of ${size}: it changed while it was read; try again`,
        );
      done += bytesRead;
      progress?.(path, done, size);
    }
    return isGzip(bytes) ? await inflate(bytes, path, undefined, progress) : bytes;
  } catch (error) {
    if (error instanceof HearsayError) throw error;
    throw new HearsayError(
      'DATA_NOT_FOUND',
      `${path}: can't be read: ${(error as Error).message}; check the path and its permissions`,
    );
  } finally {
    await file.close();
  }
}

/** A FIFO would block a plain open until somebody writes: hence O_NONBLOCK, and a look at the kind before the first read. */
async function openRegular(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'there is no such file' : `it can't be opened (${code ?? message})`;
    throw new HearsayError('DATA_NOT_FOUND', `${path}: ${found}; give digits, a file or a folder`);
  }
  const kind = await file.stat();
  if (kind.isFile()) return file;
  await file.close();
  const found = kind.isDirectory() ? 'a folder' : kind.isFIFO() ? 'a FIFO' : 'a device or socket';
  throw new HearsayError('DATA_NOT_FOUND', `${path}: ${found} where a regular file is needed; name a file of data`);
}
