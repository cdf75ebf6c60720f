/** A model for other software: one file, or a folder of them. */

import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HearsayError } from '../errors.js';
import { makeFolder, removeFolders } from '../makefolder.js';
import type { Inputs } from '../models/formats/inputs.js';
import { type ExportFormat, exportFormats } from '../models/formats/kinds.js';
import { type Layout, layouts } from '../models/formats/layout.js';
import type { Model } from '../models/model.js';
import { unwritable } from '../unwritable.js';
import { type Kind, modelFile, wordsOf } from './modelfile.js';
import { replaceFile } from './replacefile.js';
import { version } from './version.js';

/** What `TrainedModel.export` writes. */
export interface ExportOptions {
  readonly format: ExportFormat;
  /**
   * Of safetensors and npz: names and shapes of PyTorch (the default, where layers are known) or Keras, or as the parameters lie here.
   */
  readonly layout?: Layout;
  /** Of onnx and tfjs: whether inputs come as numbers (the default; a pixel is byte / 255), or as the bytes that stand for them. */
  readonly inputs?: Inputs['of'];
}

/** A model with what must be known to use it. */
export interface Whole {
  readonly model: Model;
  readonly weights: Float32Array;
  readonly spec: string;
  readonly kind: Kind;
}

/** See `export` of a TrainedModel. */
export async function exportModel(whole: Whole, path: string, options: ExportOptions): Promise<string[]> {
  const { format, layout, inputs = 'numbers' } = options;
  const words: readonly [string, unknown, readonly string[]][] = [
    ['format', format, exportFormats],
    ['layout', layout ?? 'pytorch', layouts],
    ['inputs', inputs, ['numbers', 'bytes']],
  ];
  for (const [key, found, allowed] of words)
    if (!allowed.includes(found as string))
      throw new HearsayError('CONFIG_RANGE', `export: ${key}: found ${JSON.stringify(found)}, allowed is ${allowed.join(' | ')}`);
  const { model, weights, spec, kind } = whole;
  if (format === 'safetensors' || format === 'npz') {
    if (inputs === 'bytes') throw unused('inputs=bytes', 'onnx and tfjs, which take the inputs in');
    return written(path, [[path, modelFile(format, layout ?? (model.graph ? 'pytorch' : 'hearsay'), whole)]]);
  }
  if (layout !== undefined) throw unused(`layout=${layout}`, 'safetensors and npz');
  if (inputs === 'bytes' && kind.categories) throw unused('inputs=bytes', 'inputs that are quantities, as images');
  const { scale, shift, standard } = kind;
  const first: Inputs = { of: inputs, scale, shift, standard };
  const origin = { version, metadata: { ...wordsOf(spec, 'hearsay', kind), inputs } };
  // What writes them is loaded with the first that is written: a run does not pay for it.
  if (format === 'onnx') {
    const { writeOnnx } = await import('../models/formats/onnx/model.js');
    return written(path, [[path, await writeOnnx(model, weights, first, origin)]]);
  }
  const { writeTfjs } = await import('../models/formats/tfjs/model.js');
  const files = [...writeTfjs(model, weights, first, origin)].map(([name, bytes]) => [join(path, name), bytes] as const);
  return written(path, files, path);
}

async function written(path: string, files: readonly (readonly [string, Uint8Array])[], folder?: string): Promise<string[]> {
  let made: string | undefined;
  try {
    if (folder !== undefined) made = makeFolder(folder);
    for (const [name, bytes] of files) await replaceFile(name, bytes);
    if (folder !== undefined) await removeShards(folder, new Set(files.map(([name]) => basename(name))));
  } catch (error) {
    if (folder !== undefined) removeFolders(folder, made);
    throw unwritable(path, error);
  }
  return files.map(([name]) => name);
}

/** What a model that stood in the folder before has left: shards of another number. */
async function removeShards(folder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder))
    if (/^group1-shard\d+of\d+\.bin$/.test(name) && !kept.has(name)) await rm(join(folder, name));
}

function unused(what: string, where: string): HearsayError {
  return new HearsayError('CONFIG_RANGE', `export: found ${what}, which belongs to ${where}; leave it out`);
}
