/** From names to things: the model, the optimizer and the algorithm of an experiment, built alike in every thread. */

import { HearsayError } from '../errors.js';
import type { Model, ModelFactory, Task } from '../models/model.js';
import { namedModel } from '../models/named.js';
import { namedOptimizer } from '../models/optimizer/named.js';
import type { Optimizer } from '../models/optimizer/optimizer.js';
import { isModule, parseSpec } from '../spec.js';
import type { Algorithm, AlgorithmFactory } from './algorithm.js';
import { namedAlgorithm } from './algorithms/table.js';
import type { Experiment } from './experiment.js';
import { loadModule } from './modules.js';

export interface Recipe {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly algorithm: Algorithm;
  readonly seed: number;
}

/** Local steps of the whole run over all nodes divided by nodes: the horizon of a schedule. Throws the errors of each part. */
export async function openRecipe(experiment: Experiment, task: Task, stepsPerNode: number): Promise<Recipe> {
  const model = await modelOf(experiment.model, task);
  const optimizer = namedOptimizer(experiment.optimizer, stepsPerNode);
  const algorithm = await algorithmOf(experiment.algorithm, { nodes: experiment.nodes, parameters: model.parameters });
  return { model, optimizer, algorithm, seed: experiment.seed };
}

async function modelOf(text: string, task: Task): Promise<Model> {
  const spec = parseSpec(text, 'model');
  if (!isModule(spec.name)) return namedModel(text, task);
  const factory = await loadModule<ModelFactory>(spec, 'model');
  const model = factory(spec.options, task);
  if (!Number.isInteger(model?.parameters) || model.parameters < 1 || typeof model.open !== 'function') {
    throw new HearsayError(
      'MODULE_INVALID',
      `model ${spec.name}: its function must return a Model (parameters >= 1, open, initialize ...)`,
    );
  }
  return model;
}

async function algorithmOf(text: string, setting: { nodes: number; parameters: number }): Promise<Algorithm> {
  const spec = parseSpec(text, 'algorithm');
  if (!isModule(spec.name)) return namedAlgorithm(spec, setting);
  const algorithm = (await loadModule<AlgorithmFactory>(spec, 'algorithm'))(spec.options, setting);
  if (typeof algorithm?.begin !== 'function' || typeof algorithm.finish !== 'function') {
    throw new HearsayError(
      'MODULE_INVALID',
      `algorithm ${spec.name}: its function must return an Algorithm (name, begin, finish)`,
    );
  }
  return algorithm;
}
