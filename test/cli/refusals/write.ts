/** How files for the rows are written: by name, into the working folder. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const write = (name: string, ...parts: (string | Uint8Array)[]) =>
  writeFileSync(name, Buffer.concat(parts.map(part => Buffer.from(part))));
export const latin = (text: string) => Buffer.from(text, 'latin1');
export const folder = (name: string, files: Readonly<Record<string, string | Uint8Array>> = {}) => {
  mkdirSync(name, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(name, file), bytes);
};
export const pipe = (path: string) => assert.equal(spawnSync('mkfifo', [path]).status, 0);
/** A file of so many bytes that takes no room. */
export const sparse = (path: string, bytes: number) => {
  writeFileSync(path, '');
  truncateSync(path, bytes);
};
export const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, k) => (k === at ? byte ^ 64 : byte));
export const floats = (...values: number[]) => Float32Array.from(values);
