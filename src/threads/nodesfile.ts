/** The parameters of every node at the end of a run, as one array of numpy: nodes x parameters. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { readNpy } from '../data/npy.js';
import type { Arena } from '../engine/arena.js';
import { Control, controlWord, planeNamed } from '../engine/layout.js';
import { sideOf } from '../engine/sides.js';
import { sharedWords } from '../engine/words.js';
import { HearsayError } from '../errors.js';
import { unwritable } from '../unwritable.js';

/** Writes the file `path`, row by row. A node that has left has NaN in its row. Throws OUTPUT_UNWRITABLE. */
export function writeNodes(path: string, { layout, memory }: Arena): void {
  const { nodes, parameters } = layout.shape;
  const words = sharedWords(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  const plane = planeNamed(layout, 'params')!;
  const row = new Float32Array(parameters);
  let file: number | undefined;
  try {
    file = openSync(path, 'w');
    writeSync(file, headOf(nodes, parameters));
    for (let node = 0; node < nodes; node++) {
      const isThere = ints[controlWord(layout, node, Control.Alive)] === 1;
      if (isThere) row.set(new Float32Array(memory.buffer, sideOf(words, layout, node, plane), parameters));
      else row.fill(Number.NaN);
      writeSync(file, new Uint8Array(row.buffer));
    }
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The parameters of `node`. Throws CONFIG_RANGE for a node that is not in the file, and the errors of arrays. */
export function readNode(bytes: Uint8Array, name: string, node: number, parameters: number): Float32Array {
  const { shape, values } = readNpy(bytes, name);
  if (shape.length !== 2 || shape[1] !== parameters) {
    const found = `an array of ${shape.join(' x ')}`;
    throw new HearsayError(
      'MODEL_MISMATCH',
      `${name}: found ${found}, expected nodes x ${parameters}, the parameters of the model`,
    );
  }
  if (!Number.isInteger(node) || node < 0 || node >= shape[0])
    throw new HearsayError('CONFIG_RANGE', `node: found ${node}, allowed is 0 to ${shape[0] - 1}, the nodes in ${name}`);
  const own = Float32Array.from(values.subarray(node * parameters, (node + 1) * parameters));
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
