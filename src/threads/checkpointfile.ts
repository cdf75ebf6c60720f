/**
 * The file of a checkpoint, so that a run can go on: what it rests on and how far it has come, in words, then the state of its memory
 * (engine/state.ts), then a hash of it all. Little-endian.
 *
 *   'HSYCHECK' | u32 version | u32 bytes of the head | f64 bytes of the state | head, JSON | state | sha256
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointHead, parseCheckpointHead } from '../engine/checkpoint.js';
import { HearsayError } from '../errors.js';
import { parseJson } from '../json.js';
import { withoutWaiting } from '../plainfile.js';
import { replaceFile } from './replacefile.js';

const magic = 'HSYCHECK';
const version = 1;
const fixed = 24;
const hashBytes = 32;
const longestHead = 2 ** 24;
/** One memory has 4 GiB at most. */
const largestState = 2 ** 32;
/** Bytes that are hashed or read between two looks at whatever else there is to do. */
const piece = 2 ** 24;

export interface Checkpoint {
  readonly path: string;
  readonly head: CheckpointHead;
  readonly state: Uint8Array;
}

/** Writes checkpoint `number` into `folder`, whole or not at all. Returns its path. Throws what the system says. */
export async function writeCheckpoint(folder: string, number: number, of: CheckpointHead, state: Uint8Array): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const words = new TextEncoder().encode(JSON.stringify(of));
  const start = new Uint8Array(fixed + words.length);
  start.set(new TextEncoder().encode(magic));
  const fields = new DataView(start.buffer);
  fields.setUint32(8, version, true);
  fields.setUint32(12, words.length, true);
  fields.setFloat64(16, state.length, true);
  start.set(words, fixed);
  const hash = createHash('sha256').update(start);
  await inPieces(state, part => hash.update(part));
  const path = join(folder, nameOf(number));
  await replaceFile(path, start, state, hash.digest());
  return path;
}

async function inPieces(bytes: Uint8Array, take: (part: Uint8Array) => void): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) {
    take(bytes.subarray(at, at + piece));
    if (at + piece < bytes.length) await new Promise(setImmediate);
  }
}

/** Where a run with folder `out` keeps them. */
export const checkpointFolder = (out: string) => join(out, 'checkpoints');

const nameOf = (number: number) => `${String(number).padStart(6, '0')}.checkpoint`;

/** [number, path] of each in a folder, ascending; none where there is no folder. */
export function checkpointsIn(folder: string): readonly (readonly [number, string])[] {
  return namesIn(folder)
    .flatMap(name => (/^\d{6,15}\.checkpoint$/.test(name) ? [[Number.parseInt(name, 10), join(folder, name)] as const] : []))
    .sort((a, b) => a[0] - b[0]);
}

/** Takes away what a process has left that was killed while it wrote. */
export function clearDrafts(folder: string): void {
  for (const name of namesIn(folder))
    if (/^\d{6,15}\.checkpoint\.\d+\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it is made with the first of them
  }
}

/**
 * Reads the checkpoint in file `path`, or the last one of a run, when it is the folder of one. Throws DATA_NOT_FOUND, CHECKPOINT_CORRUPT
 * for a damaged file, CHECKPOINT_VERSION for one of another version. What it rests on is still to be compared.
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const found = isFolder ? (checkpointsIn(checkpointFolder(path)).at(-1) ?? checkpointsIn(path).at(-1))?.[1] : path;
  if (found === undefined) throw noneIn(path);
  let file: FileHandle;
  try {
    file = await open(found, withoutWaiting);
  } catch (cause) {
    const why = (cause as Error).message.replace(/, \w+( '.*)?$/s, '');
    throw new HearsayError('DATA_NOT_FOUND', `${found}: ${why}; give the folder of a run, or one of its checkpoints`, { cause });
  }
  try {
    return { path: found, ...(await read(file, found)) };
  } finally {
    await file.close();
  }
}

function noneIn(folder: string): HearsayError {
  const seeds = namesIn(folder).filter(
    name => /^seed-\d+$/.test(name) && checkpointsIn(checkpointFolder(join(folder, name))).length > 0,
  );
  const what =
    seeds.length > 0
      ? `found several runs in it; give the folder of one: ${seeds.slice(0, 8).join(', ')}`
      : 'found no checkpoint in it; give the folder of a run (--out), which keeps them when it is stopped';
  return new HearsayError('DATA_NOT_FOUND', `${folder}: ${what}`);
}

export function damaged(path: string, what: string): HearsayError {
  return new HearsayError(
    'CHECKPOINT_CORRUPT',
    `${path}: ${what}; resume from the one before it, if it is there, by its own name`,
  );
}

async function read(file: FileHandle, path: string): Promise<Omit<Checkpoint, 'path'>> {
  const corrupt = (what: string) => damaged(path, what);
  const kind = await file.stat();
  if (!kind.isFile()) throw corrupt('found no regular file');
  const take = async (at: number, length: number) => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(bytes, done, Math.min(piece, length - done), at + done);
      if (bytesRead === 0) throw corrupt(`it ends at byte ${at + done}`);
      done += bytesRead;
    }
    return bytes;
  };
  if (kind.size < fixed + hashBytes) throw corrupt(`found ${kind.size} bytes, which are no checkpoint`);
  const start = await take(0, fixed);
  const fields = new DataView(start.buffer);
  if (new TextDecoder('latin1').decode(start.subarray(0, 8)) !== magic) throw corrupt('found no checkpoint');
  const written = fields.getUint32(8, true);
  if (written !== version)
    throw new HearsayError(
      'CHECKPOINT_VERSION',
      `${path}: found version ${written} of checkpoints, allowed is ${version}; resume with the version of hearsay that wrote it`,
    );
  const [words, bytes] = [fields.getUint32(12, true), fields.getFloat64(16, true)];
  const whole = fixed + words + bytes + hashBytes;
  if (words > longestHead || !(bytes >= 0 && bytes <= largestState) || whole !== kind.size)
    throw corrupt(`found ${kind.size} bytes, expected ${whole}: it was cut off, or is damaged`);
  const text = await take(fixed, words);
  const state = await take(fixed + words, bytes);
  const hash = createHash('sha256').update(start).update(text);
  await inPieces(state, part => hash.update(part));
  if (!hash.digest().equals(await take(fixed + words + bytes, hashBytes))) throw corrupt('its hash is not that of its bytes');
  let json: unknown;
  try {
    json = parseJson(new TextDecoder().decode(text));
  } catch {
    throw corrupt('its head is no JSON');
  }
  return { head: parseCheckpointHead(json, corrupt), state };
}
