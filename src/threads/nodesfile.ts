/** The parameters of every node at the end of a run, as one array of numpy: nodes x parameters. */

import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { npyHeadBytes, readNpyHead } from '../data/npy.js';
import type { Arena } from '../engine/arena.js';
import { Control, controlWord, planeNamed } from '../engine/layout.js';
import { sideOf } from '../engine/sides.js';
import { sharedWords } from '../engine/words.js';
import { HearsayError } from '../errors.js';
import { withoutWaiting } from '../plainfile.js';
import { unwritable } from '../unwritable.js';
import { replaceFileBy } from './replacefile.js';

/** Writes the file `path`, row by row; it is there whole, or as it was. A node that has left has NaN in its row. Throws OUTPUT_UNWRITABLE. */
export function writeNodes(path: string, { layout, memory }: Arena): void {
  const { nodes, parameters } = layout.shape;
  const words = sharedWords(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const plane = planeNamed(layout, 'params')!;
  const row = new Float32Array(parameters);
  try {
    replaceFileBy(path, file => {
      writeSync(file, headOf(nodes, parameters));
      for (let node = 0; node < nodes; node++) {
        const isThere = ints[controlWord(layout, node, Control.Alive)] === 1;
        if (isThere) row.set(new Float32Array(memory.buffer, sideOf(words, layout, node, plane), parameters));
        else row.fill(Number.NaN);
        writeSync(file, new Uint8Array(row.buffer));
      }
    });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * The parameters of `node`; no other row is read. Throws CONFIG_RANGE for a node that is not in the file, MODEL_MISMATCH for rows of another
 * model, DATA_NONFINITE for a node that had left, DATA_NOT_FOUND for a file that can't be read, and the errors of arrays.
 */
export async function readNode(path: string, node: number, parameters: number): Promise<Float32Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, withoutWaiting);
    if (!(await file.stat()).isFile()) throw new Error('it is no plain file');
    return await rowOf(file, path, node, parameters);
  } catch (error) {
    if (error instanceof HearsayError) throw error;
    const found = `can't be read: ${(error as Error).message}`;
    throw new HearsayError('DATA_NOT_FOUND', `${path}: ${found}; check the path and its permissions`);
  } finally {
    await file?.close();
  }
}

async function rowOf(file: FileHandle, name: string, node: number, parameters: number): Promise<Float32Array> {
  const { size } = await file.stat();
  const head = new Uint8Array(Math.min(size, npyHeadBytes));
  const { bytesRead } = await file.read(head, 0, head.length, 0);
  const { shape, plain, start } = readNpyHead(head.subarray(0, bytesRead), size, name);
  if (plain !== 'f4' || shape.length !== 2 || shape[1] !== parameters) {
    const found = `an array of ${shape.join(' x ')}${plain === 'f4' ? '' : ', not of plain 32-bit floats'}`;
    throw new HearsayError(
      'MODEL_MISMATCH',
      `${name}: found ${found}, expected nodes x ${parameters}, the parameters of the model`,
    );
  }
  if (!Number.isInteger(node) || node < 0 || node >= shape[0])
    throw new HearsayError('CONFIG_RANGE', `node: found ${node}, allowed is 0 to ${shape[0] - 1}, the nodes in ${name}`);
  const bytes = new Uint8Array(4 * parameters);
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + node * bytes.length + done);
    if (bytesRead === 0) throw new HearsayError('DATA_CORRUPT', `${name}: ended while it was read; try again`);
    done += bytesRead;
  }
  const view = new DataView(bytes.buffer);
  const own = Float32Array.from({ length: parameters }, (_, k) => view.getFloat32(4 * k, true));
  if (own.every(Number.isFinite)) return own;
  throw new HearsayError(
    'DATA_NONFINITE',
    `${name}: node ${node} is no model: it had left, or diverged; give another node, or mean`,
  );
}

/** Of an array of 32-bit floats, little-endian; the values begin at a multiple of 64. */
function headOf(rows: number, columns: number): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  return bytes;
}
