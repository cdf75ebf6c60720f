/**
 * Training on arrays that a program has made. They go through a file, as what a run is about is told in words: an .npy, the format of numpy,
 * is a header and the numbers as they lie in memory.
 *
 *   node dist/examples/arrays.js
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { train } from 'hearsay';

/** Rows of inputs with the target in the last column, little-endian floats. */
function npy(values: Float32Array, columns: number): Uint8Array {
  const shape = `(${values.length / columns}, ${columns})`;
  const header = `${`{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}}`.padEnd(117)}\n`;
  const magic = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  return Buffer.concat([magic, Buffer.from(header), Buffer.from(values.buffer, values.byteOffset, values.byteLength)]);
}

// Two inputs x, y and the real target sin(x) y.
const rows = Array.from({ length: 1200 }, (_, k) => {
  const [x, y] = [((k * 37) % 1200) / 200 - 3, ((k * 91) % 1200) / 600 - 1];
  return [x, y, Math.sin(x) * y];
});
const folder = mkdtempSync(join(tmpdir(), 'arrays-'));
const file = join(folder, 'rows.npy');
writeFileSync(file, npy(Float32Array.from(rows.flat()), 3));

// A whole number from 0 would be a class; these targets are none, so the loss is squared error.
const { done, model } = await train({ data: file, model: 'mlp:32,tanh', nodes: 4, epochs: 60, optimizer: 'adam:rate=0.01' })
  .result;
console.log(`squared error / 2: ${done.loss.toPrecision(2)} on rows that were held out`);

for (const [x, y] of [
  [1.5, 0.5],
  [-1.5, 0.5],
]) {
  const [guess] = model.predict([x, y]);
  console.log(`sin(${x}) ${y} is taken for ${guess.toFixed(2)}, and is ${(Math.sin(x) * y).toFixed(2)}`);
}
rmSync(folder, { recursive: true });
