/** A model out of a file again: what a run has left, what was exported, or the parameters of other software. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../data/file.js';
import { openModel } from '../engine/recipe.js';
import { HearsayError } from '../errors.js';
import { weightsFrom } from '../models/formats/names.js';
import type { KernelsName } from '../models/kernels/choose.js';
import { readPlan } from '../models/kernels/plan.js';
import type { Model } from '../models/model.js';
import { isModule, parseSpec, quote, savedModelOf } from '../spec.js';
import { entriesARow, type Kind, readModelFile, type Stored } from './modelfile.js';
import { readNode } from './nodesfile.js';
import { type TrainedModel, trainedModel } from './trained.js';

/** Classes of a model that does not tell them apart: what the tensors of a file do not bound. */
const mostClasses = 1024;

/** What `loadModel` may be told of a file that does not say it itself. */
export interface LoadOptions {
  /**
   * The model, as after --model, or the URL of its module: for a file that does not say, and for a module, whose code runs only
   * when it is named here.
   */
  readonly model?: string | URL;
  /** Data as those that it was trained on, for a file that does not say: a data set will do. */
  readonly like?: Kind;
  /** Of the folder of a run with its nodes (`--keep-nodes`): that node's model, not the mean. */
  readonly node?: number;
  /** Who does the arithmetic; simd by default. */
  readonly kernels?: KernelsName;
}

/**
 * The model that the folder of a run (`--out`) holds, or a file: safetensors or npz, of ours or with the names and shapes of PyTorch or
 * Keras. No code in a file is ever run. Throws DATA_NOT_FOUND, DATA_CORRUPT, DATA_TOO_LARGE and DATA_NONFINITE for the file,
 * MODEL_MISMATCH when its tensors are not those of the model, CONFIG_MISSING when neither the file nor the options say what the model
 * or its data are, and what a wrong `model` throws.
 */
export async function loadModel(path: string, options: LoadOptions = {}): Promise<TrainedModel> {
  if (typeof path !== 'string') throw new HearsayError('CONFIG_TYPE', `loadModel: found ${typeof path}, expected a path`);
  const file = modelPath(path);
  return ofNode(path, await openStored(readModelFile(await readBytes(file), file), file, options), options.node);
}

/** The model with the parameters of one node of the run whose folder `path` is; itself, when none is asked for. */
export async function ofNode(path: string, model: TrainedModel, node: number | undefined): Promise<TrainedModel> {
  if (node === undefined) return model;
  const file = join(path, 'nodes.npy');
  if (!existsSync(file)) {
    const found = `found no nodes.npy in ${path}`;
    throw new HearsayError('DATA_NOT_FOUND', `node: ${found}; give the --out folder of a run with --keep-nodes`);
  }
  return model.with(await readNode(file, node, model.weights.length));
}

/** The file that `path` means: the model in the folder of a run, or the file itself. Throws DATA_NOT_FOUND. */
export function modelPath(path: string): string {
  if (!existsSync(path))
    throw new HearsayError('DATA_NOT_FOUND', `${path}: there is no such file; give the --out folder of a run, or a model's file`);
  if (!statSync(path).isDirectory()) return path;
  const file = join(path, 'model.safetensors');
  if (existsSync(file)) return file;
  throw new HearsayError(
    'DATA_NOT_FOUND',
    `${path}: found no model.safetensors in it; give the --out folder of a run that has ended`,
  );
}

/** The weights of a file for a model that is there. Throws what `loadModel` does of the file. */
export async function readWeights(path: string, model: Model): Promise<Float32Array> {
  const file = modelPath(path);
  const { tensors, layout } = readModelFile(await readBytes(file), file);
  return weightsFrom(model, tensors, file, layout);
}

/** The model that was told, else what the file says. Throws CONFIG_MISSING where neither does. */
export function specOf({ model }: Stored, file: string, given: string | URL | undefined): string {
  const spec = given instanceof URL ? given.href : (given ?? model);
  if (spec !== undefined) return spec;
  throw new HearsayError('CONFIG_MISSING', `${file}: does not say which model it is of; give it with --model`);
}

/** See `loadModel`, of what has been read. */
export async function openStored(
  stored: Stored,
  file: string,
  { model: given, like, kernels = 'simd' }: LoadOptions,
): Promise<TrainedModel> {
  readPlan(kernels, 'kernels');
  const kind = stored.kind ?? like;
  const spec = specOf(stored, file, given);
  if (!kind) throw new HearsayError('CONFIG_MISSING', `${file}: does not say what data it was trained on; give some with --data`);
  const isTold = given !== undefined;
  const { name } = parseSpec(spec, file);
  if (!isTold && (isModule(name) || savedModelOf(name) !== undefined)) {
    const found = `the file ${quote(spec)}, which is looked at only when you name it`;
    throw new HearsayError('CONFIG_MISSING', `${file}: its model is ${found}; give it with --model`);
  }
  const { features, shape, classes, categories } = kind;
  const entries = entriesARow(kind);
  const task = { features, shape, classes, ...(categories && { categories }), ...(entries !== undefined && { entries }) };
  let model: Model;
  try {
    model = await openModel(spec, task, isTold ? 'model' : file);
  } catch (error) {
    if (isTold || !(error instanceof HearsayError)) throw error;
    throw new HearsayError('DATA_CORRUPT', `${file}: names no model that fits its data: ${error.message}`, { cause: error });
  }
  const most = Math.max(model.outputs, mostClasses);
  if (classes > most) {
    const found = `${classes} classes of a model with ${model.outputs} output${model.outputs === 1 ? '' : 's'}`;
    throw new HearsayError('DATA_CORRUPT', `${file}: found ${found}, allowed are ${most}; write it again`);
  }
  return trainedModel(model, weightsFrom(model, stored.tensors, file, stored.layout), kind, kernels, spec);
}
