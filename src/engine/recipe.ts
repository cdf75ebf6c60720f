/** From names to things: the model, the optimizer and the algorithm of an experiment, built alike in every thread. */

import { HearsayError } from '../errors.js';
import type { Layer, Model, ModelFactory, Task } from '../models/model.js';
import { namedModel } from '../models/named.js';
import { namedOptimizer } from '../models/optimizer/named.js';
import type { Optimizer } from '../models/optimizer/optimizer.js';
import type { LayersModelFactory } from '../models/tensorflow/types.js';
import { isModule, parseSpec, quote, savedModelOf } from '../spec.js';
import type { Algorithm, AlgorithmFactory, Setting } from './algorithm.js';
import { namedAlgorithm } from './algorithms/table.js';
import { attackText } from './attack.js';
import { type AverageSettings, readAverage, requireAverage } from './averaging.js';
import { capacityOf } from './capacity.js';
import { enough } from './compress/few.js';
import type { Quantization } from './compress/transfer.js';
import type { Experiment } from './experiment.js';
import { attempt, callModule, loadModule, moduleUrl } from './modules.js';
import { type Wake, wakeOf } from './wake.js';

export interface Recipe {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly algorithm: Algorithm;
  readonly seed: number;
  /** How models are averaged, when that is more than a sum. */
  readonly average?: AverageSettings;
  /**
   * How long a piece of work is where nobody says, of a model whose steps touch few parameters. Undefined where each step passes over all of
   * them after all: with state, decay or a clip of the optimizer, or with planes of the algorithm.
   */
  readonly wake?: Wake;
}

/** Throws CONFIG_RANGE for an algorithm that belongs to virtual time, in an experiment on the clock of the wall. */
export function requireClock({ only }: Algorithm, { algorithm, deterministic }: Experiment): void {
  if (only !== 'virtual' || deterministic) return;
  const remedy = 'use hearsay simulate, or --deterministic';
  throw new HearsayError('CONFIG_RANGE', `algorithm: found ${quote(algorithm)}: it belongs to virtual time; ${remedy}`);
}

/** Local steps of the whole run over all nodes divided by nodes: the horizon of a schedule. Throws the errors of each part. */
export async function openRecipe(experiment: Experiment, task: Task, stepsPerNode: number): Promise<Recipe> {
  const model = await openModel(experiment.model, task);
  if (model.always !== undefined && experiment.start === 'own') throw noOwnStart(model);
  const optimizer = namedOptimizer(experiment.optimizer, stepsPerNode, 'optimizer', model.layers);
  const setting: Setting = {
    nodes: experiment.nodes,
    capacity: capacityOf(experiment),
    parameters: model.parameters,
    layers: model.layers,
    rate: optimizer.rate(0),
    optimizer: optimizer.name,
    momentum: optimizer.state.some(({ name }) => name === 'momentum'),
  };
  let wake = optimizer.plain ? wakeOf(model, task, experiment.nodes, experiment.batch) : undefined;
  let algorithm = await algorithmOf(experiment.algorithm, { ...setting, steps: wake?.steps });
  if (wake && algorithm.descent) {
    wake = undefined;
    algorithm = await algorithmOf(experiment.algorithm, setting);
  }
  requireTravel(experiment.optimizer, optimizer, algorithm);
  if (algorithm.notReplayable) requireNoPlace(experiment, algorithm.name);
  const average = readAverage(experiment.average);
  if (average) {
    requireAverage(experiment.average, average, algorithm);
    if (algorithm.quantize && algorithm.quantize.bits < enough) throw tooFewBits(experiment.average, algorithm.quantize);
    if (average.kind !== 'corrected') requireOwnState(experiment, optimizer);
  }
  return { model, optimizer, algorithm, seed: experiment.seed, average, wake };
}

function noOwnStart({ name, always }: Model): HearsayError {
  const allowed = 'allowed is same, or a function that returns its model without a promise';
  return new HearsayError('CONFIG_RANGE', `start: found 'own', but model ${name} always starts from ${always}; ${allowed}`);
}

function requireTravel(text: string, { state }: Optimizer, { name, averages, quantize }: Algorithm): void {
  if (!state.some(({ travels }) => travels)) return;
  const remedy = "leave 'travels' out";
  if (quantize)
    throw new HearsayError(
      'CONFIG_RANGE',
      `optimizer: found ${quote(text)} with models of ${quantize.bits} bits, whose state would travel as floats; ${remedy}`,
    );
  if (averages) return;
  throw new HearsayError(
    'CONFIG_RANGE',
    `optimizer: found ${quote(text)}, but algorithm ${name} averages no whole models that state could go along with; ${remedy}`,
  );
}

/** Steps in place have reached the row of all before anybody can look at what came of them, or put something else in its place. */
function requireNoPlace({ diverged, attacks }: Experiment, algorithm: string): void {
  const remedy = `steps in place on the row of all; take ${algorithm}:mode=guarded`;
  if (diverged !== 'stop')
    throw new HearsayError(
      'CONFIG_RANGE',
      `diverged: found ${quote(diverged)}, but algorithm ${algorithm} ${remedy}, where a piece can be dropped, or stop`,
    );
  if (attacks.length > 0)
    throw new HearsayError(
      'CONFIG_RANGE',
      `attacks: found ${quote(attackText(attacks[0]))}, but algorithm ${algorithm} ${remedy}, where a node commits`,
    );
}

/** State that travels would be averaged plainly beside a model that is not. */
function requireOwnState({ optimizer, average }: Experiment, { state }: Optimizer): void {
  if (!state.some(({ travels }) => travels)) return;
  throw new HearsayError(
    'CONFIG_RANGE',
    `optimizer: found ${quote(optimizer)} with average ${quote(average)}, which is of models alone; leave 'travels' out`,
  );
}

/** What arrives has the variance of the lattice too, and is another model for each of the two. */
function tooFewBits(text: string, { bits }: Quantization): HearsayError {
  const allowed = 'plain, or 4 bits and more';
  return new HearsayError(
    'CONFIG_RANGE',
    `average: found ${quote(text)} with models of ${bits} bits, whose noise it would take for the model; allowed is ${allowed}`,
  );
}

/**
 * The model that `text` names, or that its module or its file makes, for such data. Throws what `namedModel` throws, and MODULE_INVALID.
 */
export async function openModel(text: string, task: Task, where = 'model'): Promise<Model> {
  const spec = parseSpec(text, where);
  const saved = savedModelOf(spec.name);
  if (saved !== undefined) return (await import('../models/tensorflow/saved.js')).savedModel(saved, task);
  if (!isModule(spec.name)) return namedModel(text, task, where);
  const factory = await loadModule<ModelFactory | LayersModelFactory>(spec, 'model');
  const { modelOfModule } = await import('../models/tensorflow/module.js');
  const build = () => factory(spec.options, task);
  const made = await attempt(spec, 'model', () => modelOfModule(moduleUrl(spec), build, task));
  if (isModel(made)) return made;
  const parts = 'name, parameters >= 1, layers, outputs >= 1, workspace, initialize, open';
  throw new HearsayError('MODULE_INVALID', `model ${spec.name}: its function must return a Model (${parts}) or a tf.LayersModel`);
}

function isModel(given: unknown): given is Model {
  const made = given as Partial<Model> | null | undefined;
  const isSize = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 1;
  if (!made || typeof made.name !== 'string' || !isSize(made.parameters) || !isSize(made.outputs)) return false;
  if (![made.workspace, made.initialize, made.open].every(part => typeof part === 'function')) return false;
  const { backend, learnt } = made;
  if (learnt !== undefined && !(isSize(learnt) && learnt <= made.parameters!)) return false;
  if (backend !== undefined && !(typeof backend?.name === 'string' && typeof backend.note === 'string')) return false;
  const isLayer = (layer: Partial<Layer> | null | undefined) =>
    typeof layer?.name === 'string' && Number.isSafeInteger(layer.offset) && Array.isArray(layer.shape);
  return Array.isArray(made.layers) && made.layers.every(isLayer);
}

async function algorithmOf(text: string, setting: Setting): Promise<Algorithm> {
  const spec = parseSpec(text, 'algorithm');
  if (!isModule(spec.name)) return namedAlgorithm(spec, setting);
  const algorithm = await callModule<AlgorithmFactory>(spec, 'algorithm', spec.options, setting);
  if (typeof algorithm?.begin === 'function' && typeof algorithm.finish === 'function') return algorithm as Algorithm;
  throw new HearsayError('MODULE_INVALID', `algorithm ${spec.name}: its function must return an Algorithm (name, begin, finish)`);
}
