/**
 * The files of a saved model of layers: model.json, which names its shards, and the shards. They may come from anywhere: nothing outside the
 * folder of model.json is read, and sizes are added up before anything is.
 */

import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { HearsayError } from '../../errors.js';
import { quote } from '../../spec.js';

/** What `tf.io.fromMemory` takes. */
export interface Artifacts {
  readonly modelTopology: object;
  /** Left out with `weightData` where the file has a topology alone. */
  readonly weightSpecs?: readonly { readonly shape: readonly number[] }[];
  readonly weightData?: ArrayBuffer;
}

/** Bytes of the JSON, and of all shards together. */
const largestJson = 2 ** 26;
const largestWeights = 2 ** 31;

/** Letters of a name of a layer or a weight; what names are looked through by takes longer than in proportion. */
export const longestName = 200;

const floatBytes = 4;
/** Bytes of a value that is stored in less. */
const quantized: Readonly<Record<string, number>> = { uint8: 1, uint16: 2, float16: 2 };

/**
 * Reads the model of `path`, its model.json. Throws DATA_NOT_FOUND for a file that is not there, can't be read or lies outside the folder,
 * DATA_TOO_LARGE beyond 64 MiB of JSON or 2 GiB of weights, and DATA_CORRUPT for everything else that is wrong with them.
 */
export async function readArtifacts(path: string): Promise<Artifacts> {
  const corrupt = (found: string) => new HearsayError('DATA_CORRUPT', `${path}: ${found}; save or convert the model again`);
  const { modelTopology, format, weightsManifest } = parse(await readWhole(path, path, largestJson), corrupt);
  if (format !== undefined && format !== 'layers-model')
    throw corrupt(`found format ${quote(String(format))}, allowed is layers-model, as a graph model can't be trained`);
  if (!isObject(modelTopology)) throw corrupt('it has no modelTopology, as model.save writes it');
  requireNames(modelTopology, corrupt);
  if (weightsManifest === undefined) return { modelTopology };
  const groups = groupsOf(weightsManifest, corrupt);
  const total = groups.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > largestWeights)
    throw new HearsayError('DATA_TOO_LARGE', `${path}: ${total} bytes of weights, allowed are ${largestWeights}`);
  const weightData = new ArrayBuffer(total);
  let at = 0;
  for (const { paths, bytes } of groups) {
    const end = at + bytes;
    for (const shard of paths) {
      const found = await readWhole(await within(path, shard), join(dirname(path), shard), end - at, bytes);
      new Uint8Array(weightData, at).set(found);
      at += found.length;
    }
    if (at < end) {
      const found = `found ${at - end + bytes} bytes in ${paths.map(quote).join(', ')}, its weights have ${bytes}`;
      throw corrupt(`${found}: a shard is cut off`);
    }
  }
  return { modelTopology, weightSpecs: groups.flatMap(({ specs }) => specs), weightData };
}

interface Group {
  readonly paths: readonly string[];
  readonly specs: readonly { readonly shape: readonly number[] }[];
  /** Of all its weights. */
  readonly bytes: number;
}

type Corrupt = (found: string) => HearsayError;

function parse(bytes: Uint8Array, corrupt: Corrupt): Record<string, unknown> {
  let found: unknown;
  try {
    found = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw corrupt(`it is no JSON (${(error as Error).message.split('\n')[0].slice(0, 80)})`);
  }
  if (!isObject(found)) throw corrupt('it is no JSON object');
  return found;
}

function groupsOf(manifest: unknown, corrupt: Corrupt): Group[] {
  if (!Array.isArray(manifest)) throw corrupt('weightsManifest is no list');
  const names = new Set<string>();
  return manifest.map((group: unknown, g) => {
    const where = `weightsManifest[${g}]`;
    if (!isObject(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
      throw corrupt(`${where} has no lists of paths and weights`);
    for (const path of group.paths) if (typeof path !== 'string' || path === '') throw corrupt(`${where}.paths: found no name`);
    let bytes = 0;
    for (const spec of group.weights) {
      if (!isObject(spec) || typeof spec.name !== 'string') throw corrupt(`${where}.weights: found one without a name`);
      if (names.has(spec.name) || spec.name === '__proto__')
        throw corrupt(`weight ${quote(spec.name)} is there twice, or has no name`);
      requireName(spec.name, corrupt);
      names.add(spec.name);
      bytes += bytesOf(spec, corrupt);
    }
    if (!Number.isSafeInteger(bytes)) throw corrupt(`${where}: its weights have ${bytes} bytes`);
    return { paths: group.paths, specs: group.weights, bytes };
  });
}

/** Of everything in a topology that has a name. */
function requireNames(topology: object, corrupt: Corrupt): void {
  const rest: object[] = [topology];
  for (let part = rest.pop(); part; part = rest.pop())
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === 'object' && value !== null) rest.push(value);
      else if (typeof value === 'string' && (key === 'name' || key === 'class_name')) requireName(value, corrupt);
    }
}

function requireName(name: string, corrupt: Corrupt): void {
  if (name.length <= longestName) return;
  throw corrupt(`found a name of ${name.length} letters (${quote(name.slice(0, 20))}...), allowed are ${longestName}`);
}

function bytesOf({ name, shape, dtype, quantization }: Record<string, unknown>, corrupt: Corrupt): number {
  const where = `weight ${quote(String(name))}`;
  if (dtype !== 'float32') throw corrupt(`${where}: found dtype ${quote(String(dtype))}, allowed is float32`);
  const isShape = Array.isArray(shape) && shape.every(side => Number.isSafeInteger(side) && side >= 0);
  if (!isShape) throw corrupt(`${where}: found shape ${quote(JSON.stringify(shape) ?? 'none')}, allowed are whole numbers`);
  const count = shape.reduce((product, side) => product * side, 1);
  if (quantization === undefined) return floatBytes * count;
  const stored = isObject(quantization) ? String(quantization.dtype) : '';
  if (!Object.hasOwn(quantized, stored))
    throw corrupt(`${where}: quantized as ${quote(stored)}, allowed are ${Object.keys(quantized).join(', ')}`);
  return quantized[stored] * count;
}

/** The path of a shard. Links are followed before it is asked whether it lies in the folder. */
async function within(path: string, shard: string): Promise<string> {
  const outside = () =>
    new HearsayError(
      'DATA_NOT_FOUND',
      `${path}: its shard ${quote(shard)} lies outside the folder of the model; nothing is read there`,
    );
  const folder = await realpath(dirname(path));
  const wanted = resolve(folder, shard);
  const lies = (at: string) => at.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  if (!lies(wanted)) throw outside();
  const real = await realpath(wanted).catch(() => wanted); // one that is not there is told of when it is opened
  if (!lies(real)) throw outside();
  return real;
}

/** All bytes of a regular file of at most `most` bytes, of `all` that a group of shards has. */
async function readWhole(path: string, name: string, most: number, all = most): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    // A FIFO would block a plain open until somebody writes.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const kind = await file.stat();
    if (!kind.isFile()) throw new Error(kind.isDirectory() ? 'it is a folder' : 'it is no regular file');
    requireSize(kind, name, most, all);
    return await file.readFile();
  } catch (cause) {
    if (cause instanceof HearsayError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'there is no such file' : `it can't be read (${code ?? message})`;
    throw new HearsayError('DATA_NOT_FOUND', `${name}: ${found}; --model tfjs: takes the path of a model.json with its shards`, {
      cause,
    });
  } finally {
    await file?.close();
  }
}

function requireSize({ size }: Stats, name: string, most: number, all: number): void {
  if (size <= most) return;
  if (most === largestJson) throw new HearsayError('DATA_TOO_LARGE', `${name}: ${size} bytes, allowed are ${largestJson}`);
  const found = `${name}: found ${size} bytes, ${most} are left of the ${all} that its weights have`;
  throw new HearsayError('DATA_CORRUPT', `${found}; save or convert the model again`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
